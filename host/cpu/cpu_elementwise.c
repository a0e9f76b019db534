/* Element-wise primitives of the CPU backend.
 *
 * Each comes as a pair: a leaf function with the vector loop (`_part`, a copy per vector width),
 * and the function that hands parts of the arrays to the threads.
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

void cpu_bias_add(float *z, const float *b, size_t rows, size_t columns)
{
    size_t step = cpu_part_rows(columns), parts = cpu_part_count(rows, step);
#pragma omp parallel for schedule(static) if (parts > 1)
    for (size_t part = 0; part < parts; part++) {
        size_t first = part * step;
        bias_add_part(z + first * columns, b, size_min(step, rows - first), columns);
    }
}

/* ---- z = 1 / (1 + exp(-z)) ---- */

VECTOR_CLONES static void sigmoid_forward_part(float *z, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        z[i] = sigmoid_float(z[i]);
}

void cpu_sigmoid_forward(float *z, size_t n)
{
    size_t parts = cpu_part_count(n, CPU_PART);
#pragma omp parallel for schedule(static) if (parts > 1)
    for (size_t part = 0; part < parts; part++) {
        size_t first = part * CPU_PART;
        sigmoid_forward_part(z + first, size_min(CPU_PART, n - first));
    }
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

void cpu_clip_unit(const float *z, size_t n, float *p)
{
    size_t parts = cpu_part_count(n, CPU_PART);
#pragma omp parallel for schedule(static) if (parts > 1)
    for (size_t part = 0; part < parts; part++) {
        size_t first = part * CPU_PART;
        clip_unit_part(z + first, size_min(CPU_PART, n - first), p + first);
    }
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

void cpu_penalty_gradient(const float *w, size_t n, float l1, float l2, float *dw)
{
    size_t parts = cpu_part_count(n, CPU_PART);
#pragma omp parallel for schedule(static) if (parts > 1)
    for (size_t part = 0; part < parts; part++) {
        size_t first = part * CPU_PART;
        penalty_gradient_part(w + first, size_min(CPU_PART, n - first), l1, l2, dw + first);
    }
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

void cpu_standardize_rows(float *x, const float *mean, const float *std, size_t rows,
                          size_t columns)
{
    size_t step = cpu_part_rows(columns), parts = cpu_part_count(rows, step);
#pragma omp parallel for schedule(static) if (parts > 1)
    for (size_t part = 0; part < parts; part++) {
        size_t first = part * step;
        standardize_rows_part(x + first * columns, mean, std, size_min(step, rows - first),
                              columns);
    }
}

/* ---- y_i = x_order[i], the same for labels ---- */

void cpu_gather_rows(const float *x, const int32_t *labels, const uint32_t *order, size_t rows,
                     size_t columns, float *y, int32_t *labels_y)
{
#pragma omp parallel for schedule(static) if (rows * columns > CPU_PART)
    for (size_t i = 0; i < rows; i++) {
        memcpy(y + i * columns, x + order[i] * columns, columns * sizeof *y);
        labels_y[i] = labels[order[i]];
    }
}

/* ---- y_i = (x_order[i] - mean) / std, x of bytes ---- */

VECTOR_CLONES static void byte_row_standardize(const uint8_t *x, const float *mean,
                                               const float *std, size_t columns, float *y)
{
#pragma omp simd
    for (size_t j = 0; j < columns; j++)
        y[j] = ((float)x[j] - mean[j]) / std[j];
}

void cpu_gather_byte_rows(const uint8_t *x, const int32_t *labels, const uint32_t *order,
                          size_t first, const float *mean, const float *std, size_t rows,
                          size_t columns, float *y, int32_t *labels_y)
{
#pragma omp parallel for schedule(static) if (rows * columns > CPU_PART)
    for (size_t i = 0; i < rows; i++) {
        const size_t sample = order != NULL ? order[first + i] : first + i;
        byte_row_standardize(x + sample * columns, mean, std, columns, y + i * columns);
        labels_y[i] = labels[sample];
    }
}
