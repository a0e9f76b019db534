/* Error bounds of sums. See error_analysis.h. */
#include "check/error_analysis.h"

#include <float.h>
#include <math.h>

#include "base/clones.h"

const struct precision single_precision = {0x1p-24, 0x1p-126, (double)FLT_MAX};
const struct precision double_precision = {0x1p-53, 0x1p-1022, DBL_MAX};
const struct precision unlimited_precision = {0x1p-24, 0x1p-126, HUGE_VAL};

void product_bound(struct precision in, const struct factor *a, const struct factor *b, size_t m,
                   size_t n, size_t k, size_t later, double *e)
{
    const double computed = products_bound(in, k, later);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double moved = 0.0, size = 0.0;
            for (size_t l = 0; l < k; l++) {
                const size_t at_a = i * a->row + l * a->step, at_b = j * b->row + l * b->step;
                const double va = fabs(a->value[at_a]), vb = fabs(b->value[at_b]);
                const double ea = a->error != NULL ? a->error[at_a] : 0.0;
                const double eb = b->error != NULL ? b->error[at_b] : 0.0;
                moved += ea * vb + va * eb + ea * eb;
                size += (va + ea) * (vb + eb);
            }
            e[i * n + j] = size == 0.0 ? 0.0 : moved + computed * size + (double)k * in.tiny;
        }
}

/* sum_l a_l^2 of contiguous numbers */
VECTOR_CLONES
static double squares(const double *a, size_t k)
{
    double sum = 0.0;
#pragma omp simd reduction(+ : sum)
    for (size_t l = 0; l < k; l++)
        sum += a[l] * a[l];
    return sum;
}

/* sums_i += a_i^2 of contiguous numbers */
VECTOR_CLONES
static void squares_add(const double *a, size_t m, double *sums)
{
#pragma omp simd
    for (size_t i = 0; i < m; i++)
        sums[i] += a[i] * a[i];
}

void factor_norms(const struct factor *a, size_t m, size_t k, double *norms)
{
    for (size_t i = 0; i < m; i++)
        norms[i] = 0.0;
    /* Both loops walk the matrix in memory order. */
    if (a->step == 1)
        for (size_t i = 0; i < m; i++)
            norms[i] = squares(a->value + i * a->row, k);
    else
        for (size_t l = 0; l < k; l++)
            squares_add(a->value + l * a->step, m, norms);
    for (size_t i = 0; i < m; i++)
        norms[i] = sqrt(norms[i]);
}

double sum_bound(struct precision in, const double *value, const double *error, size_t n,
                 size_t step)
{
    double moved = 0.0, size = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double e = error != NULL ? error[i * step] : 0.0;
        moved += e;
        size += fabs(value[i * step]) + e;
    }
    return moved + sum_bound_of(in, size, n);
}
