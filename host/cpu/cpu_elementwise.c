/* The element-wise primitives of the CPU backend.
 *
 * Each primitive has three functions. The leaf function (`_part`) contains the vector loop and is
 * compiled once per vector width. The `_piece` function processes one piece of the shared work. The
 * public function shares the work among threads.
 */
#include "cpu/cpu_kernels.h"

#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_math.h"

/* ---- z += b in each row ---- */

VECTOR_CLONES static void bias_add_part(float *z, const float *b, size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i++) {
#pragma omp simd
        for (size_t j = 0; j < columns; j++)
            z[i * columns + j] += b[j];
    }
}

struct bias_add {
    float *z;
    const float *b;
    size_t columns;
};

static void bias_add_piece(const void *work, size_t first, size_t count)
{
    const struct bias_add *to = work;
    bias_add_part(to->z + first * to->columns, to->b, count, to->columns);
}

void cpu_bias_add(float *z, const float *b, size_t rows, size_t columns)
{
    const struct bias_add work = {z, b, columns};
    parallel_for(rows, cpu_part_rows(columns), rows * columns >= CPU_SHARED, bias_add_piece, &work);
}

/* ---- z = 1 / (1 + exp(-z)) ---- */

VECTOR_CLONES static void sigmoid_forward_part(float *z, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        z[i] = sigmoid_float(z[i]);
}

static void sigmoid_forward_piece(const void *work, size_t first, size_t count)
{
    float *const *z = work;
    sigmoid_forward_part(*z + first, count);
}

void cpu_sigmoid_forward(float *z, size_t n)
{
    parallel_for(n, CPU_PART, n >= CPU_SHARED, sigmoid_forward_piece, &z);
}

/* ---- p = min(max(z, 0), 1) ---- */

VECTOR_CLONES static void clip_unit_part(const float *z, size_t n, float *p)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        float low = z[i] < 0.0f ? 0.0f : z[i];
        p[i] = low > 1.0f ? 1.0f : low;
    }
}

struct clip_unit {
    const float *z;
    float *p;
};

static void clip_unit_piece(const void *work, size_t first, size_t count)
{
    const struct clip_unit *of = work;
    clip_unit_part(of->z + first, count, of->p + first);
}

void cpu_clip_unit(const float *z, size_t n, float *p)
{
    const struct clip_unit work = {z, p};
    parallel_for(n, CPU_PART, n >= CPU_SHARED, clip_unit_piece, &work);
}

/* ---- dw += l1 sign(w) + l2 w ---- */

VECTOR_CLONES static void penalty_gradient_part(const float *w, size_t n, float l1, float l2,
                                                float *dw)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        float sign = (float)((w[i] > 0.0f) - (w[i] < 0.0f));
        dw[i] += l1 * sign + l2 * w[i];
    }
}

struct penalty_gradient {
    const float *w;
    float l1, l2;
    float *dw;
};

static void penalty_gradient_piece(const void *work, size_t first, size_t count)
{
    const struct penalty_gradient *of = work;
    penalty_gradient_part(of->w + first, count, of->l1, of->l2, of->dw + first);
}

void cpu_penalty_gradient(const float *w, size_t n, float l1, float l2, float *dw)
{
    const struct penalty_gradient work = {w, l1, l2, dw};
    parallel_for(n, CPU_PART, n >= CPU_SHARED, penalty_gradient_piece, &work);
}

/* ---- sum += dw ---- */

VECTOR_CLONES static void gradient_add_part(const float *restrict dw, size_t n, float *restrict sum)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        sum[i] += dw[i];
}

struct gradient_add {
    const float *dw;
    float *sum;
};

static void gradient_add_piece(const void *work, size_t first, size_t count)
{
    const struct gradient_add *of = work;
    gradient_add_part(of->dw + first, count, of->sum + first);
}

void cpu_gradient_add(const float *dw, size_t n, float *sum)
{
    const struct gradient_add work = {dw, sum};
    parallel_for(n, CPU_PART, n >= CPU_SHARED, gradient_add_piece, &work);
}

/* ---- x = (x - mean) / std ---- */

VECTOR_CLONES static void standardize_rows_part(float *x, const float *mean, const float *std,
                                                size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i++) {
#pragma omp simd
        for (size_t j = 0; j < columns; j++)
            x[i * columns + j] = (x[i * columns + j] - mean[j]) / std[j];
    }
}

struct standardize_rows {
    float *x;
    const float *mean, *std;
    size_t columns;
};

static void standardize_rows_piece(const void *work, size_t first, size_t count)
{
    const struct standardize_rows *of = work;
    standardize_rows_part(of->x + first * of->columns, of->mean, of->std, count, of->columns);
}

void cpu_standardize_rows(float *x, const float *mean, const float *std, size_t rows,
                          size_t columns)
{
    const struct standardize_rows work = {x, mean, std, columns};
    parallel_for(rows, cpu_part_rows(columns), rows * columns >= CPU_SHARED, standardize_rows_piece,
                 &work);
}

/* ---- y_i = x_order[i], with labels in the same order ---- */

/* The samples of a batch, as floats or as bytes. */
struct gather_rows {
    const float *x;       /* NULL: use `bytes` */
    const uint8_t *bytes; /* standardized with mean and std */
    const float *mean, *std;
    const int32_t *labels;
    const uint32_t *order;
    size_t first, columns;
    float *y;
    int32_t *labels_y;
};

/* y = (x - mean) / std */
VECTOR_CLONES static void byte_row_standardize(const uint8_t *x, const float *mean,
                                               const float *std, size_t columns, float *y)
{
#pragma omp simd
    for (size_t j = 0; j < columns; j++)
        y[j] = ((float)x[j] - mean[j]) / std[j];
}

static void gather_rows_piece(const void *work, size_t first, size_t count)
{
    const struct gather_rows *of = work;
    const size_t columns = of->columns;
    for (size_t i = first; i < first + count; i++) {
        const size_t sample = of->order != NULL ? of->order[of->first + i] : of->first + i;
        float *row = of->y + i * columns; /* [columns] */
        if (of->x != NULL)
            memcpy(row, of->x + sample * columns, columns * sizeof *row);
        else
            byte_row_standardize(of->bytes + sample * columns, of->mean, of->std, columns, row);
        of->labels_y[i] = of->labels != NULL ? of->labels[sample] : 0;
    }
}

static void gather_rows(const struct gather_rows *work, size_t rows)
{
    parallel_for(rows, cpu_gather_step(work->columns), rows * work->columns >= CPU_SHARED,
                 gather_rows_piece, work);
}

void cpu_gather_rows(const float *x, const int32_t *labels, const uint32_t *order, size_t first,
                     size_t rows, size_t columns, float *y, int32_t *labels_y)
{
    gather_rows(&(struct gather_rows){.x = x,
                                      .labels = labels,
                                      .order = order,
                                      .first = first,
                                      .columns = columns,
                                      .y = y,
                                      .labels_y = labels_y},
                rows);
}

void cpu_gather_byte_rows(const uint8_t *x, const int32_t *labels, const uint32_t *order,
                          size_t first, const float *mean, const float *std, size_t rows,
                          size_t columns, float *y, int32_t *labels_y)
{
    gather_rows(&(struct gather_rows){.bytes = x,
                                      .mean = mean,
                                      .std = std,
                                      .labels = labels,
                                      .order = order,
                                      .first = first,
                                      .columns = columns,
                                      .y = y,
                                      .labels_y = labels_y},
                rows);
}
