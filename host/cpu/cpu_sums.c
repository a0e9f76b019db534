/* Sums of the CPU backend: over columns, over weights and over the samples of a batch.
 *
 * All sums are kept in double, so that their length does not affect their accuracy. The order of
 * summation depends on the shape alone: a fixed number of parts, each with a fixed number of lanes.
 */
#include "cpu/cpu_kernels.h"

#include "base/memory.h"
#include "cpu/cpu_math.h"

enum {
    LANES = 16, /* parallel sums: one or more vectors at any vector width */
    PARTS = 32  /* parts of a long sum */
};

/* ---- db_j = sum_i dz_ij ---- */

/* Sums `width` <= LANES columns of dz [rows][stride], from the first row to the last. */
VECTOR_CLONES static void column_sums(const float *dz, size_t rows, size_t stride, size_t width,
                                      float *db)
{
    double sum[LANES] = {0.0};
    if (width == LANES) {
        for (size_t i = 0; i < rows; i++) {
#pragma omp simd
            for (size_t j = 0; j < LANES; j++)
                sum[j] += (double)dz[i * stride + j];
        }
    } else {
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < width; j++)
                sum[j] += (double)dz[i * stride + j];
    }
    for (size_t j = 0; j < width; j++)
        db[j] = (float)sum[j];
}

struct bias_gradient {
    const float *dz;
    size_t rows, columns;
    float *db;
};

static void bias_gradient_piece(const void *work, size_t first, size_t count)
{
    const struct bias_gradient *of = work;
    column_sums(of->dz + first, of->rows, of->columns, count, of->db + first);
}

void cpu_bias_gradient(const float *dz, size_t rows, size_t columns, float *db)
{
    const struct bias_gradient work = {dz, rows, columns, db};
    parallel_for(columns, LANES, rows * columns >= CPU_SHARED, bias_gradient_piece, &work);
}

/* ---- sum |w|, sum w^2 ---- */

struct penalty_sums {
    double abs, squares;
};

VECTOR_CLONES static struct penalty_sums penalty_terms_part(const float *w, size_t n)
{
    double abs[LANES] = {0.0}, squares[LANES] = {0.0};
    size_t whole = n - n % LANES;
    for (size_t i = 0; i < whole; i += LANES) {
#pragma omp simd
        for (size_t j = 0; j < LANES; j++) {
            double value = (double)w[i + j];
            abs[j] += fabs(value);
            squares[j] += value * value;
        }
    }
    for (size_t i = whole; i < n; i++) {
        abs[i - whole] += fabs((double)w[i]);
        squares[i - whole] += (double)w[i] * (double)w[i];
    }
    struct penalty_sums sums = {0.0, 0.0};
    for (size_t j = 0; j < LANES; j++) {
        sums.abs += abs[j];
        sums.squares += squares[j];
    }
    return sums;
}

struct penalty_parts {
    const float *w;
    size_t step; /* elements in a part */
    struct penalty_sums *sums;
};

static void penalty_piece(const void *work, size_t first, size_t count)
{
    const struct penalty_parts *of = work;
    of->sums[first / of->step] = penalty_terms_part(of->w + first, count);
}

static struct penalty_sums penalty_sums_of(const float *w, size_t n)
{
    struct penalty_sums sums[PARTS] = {{0.0, 0.0}};
    const struct penalty_parts work = {w, size_max(1, cpu_part_count(n, PARTS)), sums};
    parallel_for(n, work.step, n >= CPU_SHARED, penalty_piece, &work);
    for (size_t part = 1; part < PARTS; part++) {
        sums[0].abs += sums[part].abs;
        sums[0].squares += sums[part].squares;
    }
    return sums[0];
}

void cpu_penalty_terms(const float *w, size_t n, float *sum_abs, float *sum_squares)
{
    const struct penalty_sums sums = penalty_sums_of(w, n);
    *sum_abs = (float)sums.abs;
    *sum_squares = (float)sums.squares;
}

float cpu_clip_factor(const float *dw, size_t n, float limit)
{
    const double norm = sqrt(penalty_sums_of(dw, n).squares);
    const double factor = (double)limit / (norm + 1e-6);
    return factor < 1.0 ? (float)factor : 1.0f;
}

/* ---- sum of losses, number of correct predictions ---- */

VECTOR_CLONES static float losses_sum(const float *loss, size_t n)
{
    double sum[LANES] = {0.0};
    size_t whole = n - n % LANES;
    for (size_t i = 0; i < whole; i += LANES) {
#pragma omp simd
        for (size_t j = 0; j < LANES; j++)
            sum[j] += (double)loss[i + j];
    }
    for (size_t i = whole; i < n; i++)
        sum[i - whole] += (double)loss[i];
    for (size_t j = 1; j < LANES; j++)
        sum[0] += sum[j];
    return (float)sum[0];
}

void cpu_metrics_sum(const float *loss, const uint32_t *correct, size_t n, float *sum,
                     uint32_t *count)
{
    *sum = losses_sum(loss, n);
    *count = 0;
    for (size_t i = 0; i < n; i++)
        *count += correct[i];
}
