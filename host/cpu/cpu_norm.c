/* Batch normalization of the CPU backend. kernels/norm.cl lists the formulas.
 *
 * Work is cut into strips of columns. The sums or factors of a strip stay in the nearest cache
 * while the rows pass. Sums are kept in double and run over the rows in order.
 */
#include <math.h>

#include "base/clones.h"
#include "base/memory.h"
#include "cpu/cpu_kernels.h"

enum {
    SUM_STRIP = 64, /* columns that one thread sums */
    STRIP = 256,    /* columns whose factors are computed together */
    STRIP_ROWS = CPU_PART / STRIP
};

static const float epsilon = 1e-5f;

/* ---- mean_j, variance_j of q_ij ---- */

/* Computes the statistics of `width` <= SUM_STRIP columns of q [rows][stride]. With d_i = q_i - q_0
 * (Chan, Golub and LeVeque 1983), mean = q_0 + mean(d) and variance = mean(d^2) - mean(d)^2. */
VECTOR_CLONES static void norm_statistics_strip(const float *q, size_t rows, size_t stride,
                                                size_t width, float *mean, float *variance)
{
    double first[SUM_STRIP], sum[SUM_STRIP] = {0.0}, squares[SUM_STRIP] = {0.0};
    for (size_t j = 0; j < width; j++)
        first[j] = (double)q[j];
    for (size_t i = 1; i < rows; i++) {
#pragma omp simd
        for (size_t j = 0; j < width; j++) {
            double d = (double)q[i * stride + j] - first[j];
            sum[j] += d;
            squares[j] += d * d;
        }
    }
    for (size_t j = 0; j < width; j++) {
        double d = sum[j] / (double)rows, value = squares[j] / (double)rows - d * d;
        mean[j] = (float)(first[j] + d);
        variance[j] = value < 0.0 ? 0.0f : (float)value; /* a NaN stays NaN */
    }
}

struct norm_statistics {
    const float *q;
    size_t rows, columns;
    float *mean, *variance;
};

static void norm_statistics_piece(const void *work, size_t first, size_t count)
{
    const struct norm_statistics *of = work;
    norm_statistics_strip(of->q + first, of->rows, of->columns, count, of->mean + first,
                          of->variance + first);
}

void cpu_norm_statistics(const float *q, size_t rows, size_t columns, float *mean, float *variance)
{
    const struct norm_statistics work = {q, rows, columns, mean, variance};
    parallel_for(columns, SUM_STRIP, rows * columns >= CPU_SHARED, norm_statistics_piece, &work);
}

/* ---- dscale_j = rstd_j sum_i du_ij (q_ij - mean_j), dshift_j = sum_i du_ij ---- */

/* Computes the gradients of `width` <= SUM_STRIP columns whose rows are `stride` apart. */
VECTOR_CLONES static void norm_gradient_strip(const float *q, const float *du, size_t rows,
                                              size_t stride, size_t width, const float *mean,
                                              const float *variance, float *dscale, float *dshift)
{
    double products[SUM_STRIP] = {0.0}, sum[SUM_STRIP] = {0.0};
    for (size_t i = 0; i < rows; i++) {
#pragma omp simd
        for (size_t j = 0; j < width; j++) {
            double delta = (double)du[i * stride + j];
            products[j] += delta * ((double)q[i * stride + j] - (double)mean[j]);
            sum[j] += delta;
        }
    }
    for (size_t j = 0; j < width; j++) {
        dscale[j] = (float)(products[j] / sqrt((double)variance[j] + (double)epsilon));
        dshift[j] = (float)sum[j];
    }
}

struct norm_gradient {
    const float *q, *du;
    size_t rows, columns;
    const float *mean, *variance;
    float *dscale, *dshift;
};

static void norm_gradient_piece(const void *work, size_t first, size_t count)
{
    const struct norm_gradient *of = work;
    norm_gradient_strip(of->q + first, of->du + first, of->rows, of->columns, count,
                        of->mean + first, of->variance + first, of->dscale + first,
                        of->dshift + first);
}

void cpu_norm_gradient(const float *q, const float *du, size_t rows, size_t columns,
                       const float *mean, const float *variance, float *dscale, float *dshift)
{
    const struct norm_gradient work = {q, du, rows, columns, mean, variance, dscale, dshift};
    parallel_for(columns, SUM_STRIP, rows * columns >= CPU_SHARED, norm_gradient_piece, &work);
}

/* ---- passes over elements: parts of STRIP_ROWS rows by STRIP columns ---- */

/* One part of a pass over the elements. */
struct norm_part {
    size_t first_row, rows, first_column, width;
};

static size_t norm_part_count(size_t rows, size_t columns)
{
    return cpu_part_count(rows, STRIP_ROWS) * cpu_part_count(columns, STRIP);
}

static struct norm_part norm_part_at(size_t part, size_t rows, size_t columns)
{
    size_t strips = cpu_part_count(columns, STRIP);
    size_t first_row = part / strips * STRIP_ROWS, first_column = part % strips * STRIP;
    return (struct norm_part){.first_row = first_row,
                              .rows = size_min(STRIP_ROWS, rows - first_row),
                              .first_column = first_column,
                              .width = size_min(STRIP, columns - first_column)};
}

/* u_ij = factor_j (q_ij - mean_j) + shift_j, factor = scale / sqrt(variance + epsilon). All
 * pointers point to the part's first column. */
VECTOR_CLONES static void norm_forward_part(const struct norm_part *part, const float *q,
                                            size_t stride, const float *mean, const float *variance,
                                            const float *scale, const float *shift, float *u)
{
    float factor[STRIP];
    size_t width = part->width;
#pragma omp simd
    for (size_t j = 0; j < width; j++)
        factor[j] = scale[j] / sqrtf(variance[j] + epsilon);
    for (size_t i = 0; i < part->rows; i++) {
        const float *from = q + i * stride;
        float *to = u + i * stride;
#pragma omp simd
        for (size_t j = 0; j < width; j++)
            to[j] = factor[j] * (from[j] - mean[j]) + shift[j];
    }
}

struct norm_forward {
    const float *q;
    size_t rows, columns;
    const float *mean, *variance, *scale, *shift;
    float *u;
};

static void norm_forward_piece(const void *work, size_t number, size_t count)
{
    const struct norm_forward *of = work;
    for (const size_t end = number + count; number < end; number++) {
        const struct norm_part part = norm_part_at(number, of->rows, of->columns);
        const size_t at = part.first_row * of->columns + part.first_column;
        const size_t first = part.first_column;
        norm_forward_part(&part, of->q + at, of->columns, of->mean + first, of->variance + first,
                          of->scale + first, of->shift + first, of->u + at);
    }
}

void cpu_norm_forward(const float *q, size_t rows, size_t columns, const float *mean,
                      const float *variance, const float *scale, const float *shift, float *u)
{
    const struct norm_forward work = {q, rows, columns, mean, variance, scale, shift, u};
    parallel_for(norm_part_count(rows, columns), 1, rows * columns >= CPU_SHARED,
                 norm_forward_piece, &work);
}

/* The vectors that norm_backward reads, each [columns]. */
struct norm_vectors {
    const float *mean, *variance, *scale, *dscale, *dshift;
};

/* du_ij = factor_j (du_ij - dshift_j / B - (q_ij - mean_j) slope_j), with factor = scale rstd,
 * slope = rstd dscale / B and rstd = 1 / sqrt(variance + epsilon). q and du point to the part's
 * first element. */
VECTOR_CLONES static void norm_backward_part(const struct norm_part *part, const float *q,
                                             size_t stride, float batch,
                                             const struct norm_vectors *vectors, float *du)
{
    float factor[STRIP], slope[STRIP], even[STRIP];
    const float *restrict variance = vectors->variance + part->first_column;
    const float *restrict scale = vectors->scale + part->first_column;
    const float *restrict dscale = vectors->dscale + part->first_column;
    const float *restrict dshift = vectors->dshift + part->first_column;
    const float *restrict mean = vectors->mean + part->first_column;
    size_t width = part->width;
#pragma omp simd
    for (size_t j = 0; j < width; j++) {
        float rstd = 1.0f / sqrtf(variance[j] + epsilon);
        factor[j] = scale[j] * rstd;
        slope[j] = dscale[j] / batch * rstd;
        even[j] = dshift[j] / batch;
    }
    for (size_t i = 0; i < part->rows; i++) {
        const float *from = q + i * stride;
        float *to = du + i * stride;
#pragma omp simd
        for (size_t j = 0; j < width; j++)
            to[j] = factor[j] * (to[j] - even[j] - (from[j] - mean[j]) * slope[j]);
    }
}

struct norm_backward {
    const float *q;
    size_t rows, columns, samples;
    struct norm_vectors vectors;
    float *du;
};

static void norm_backward_piece(const void *work, size_t number, size_t count)
{
    const struct norm_backward *of = work;
    for (const size_t end = number + count; number < end; number++) {
        const struct norm_part part = norm_part_at(number, of->rows, of->columns);
        const size_t at = part.first_row * of->columns + part.first_column;
        norm_backward_part(&part, of->q + at, of->columns, (float)of->samples, &of->vectors,
                           of->du + at);
    }
}

void cpu_norm_backward(const float *q, size_t rows, size_t columns, size_t samples,
                       const float *mean, const float *variance, const float *scale,
                       const float *dscale, const float *dshift, float *du)
{
    const struct norm_backward work = {
        q, rows, columns, samples, {mean, variance, scale, dscale, dshift}, du};
    parallel_for(norm_part_count(rows, columns), 1, rows * columns >= CPU_SHARED,
                 norm_backward_piece, &work);
}

/* ---- running = (1 - momentum) running + momentum batch ---- */

void cpu_norm_running(const float *mean, const float *variance, size_t columns, float momentum,
                      float unbiased, float *running_mean, float *running_variance)
{
    const float keep = 1.0f - momentum;
    for (size_t j = 0; j < columns; j++) {
        running_mean[j] = keep * running_mean[j] + momentum * mean[j];
        running_variance[j] = keep * running_variance[j] + momentum * (unbiased * variance[j]);
    }
}
