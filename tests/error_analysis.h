/* How far a number of a training step may be from the exact one: what error analysis starts from.
 *
 * Running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 3.1 and 3.3):
 * e(x) is a bound on |computed x - x|, carried from stage to stage beside the exact values. The
 * inputs (features, parameters, options) are floats and so exact. Every rounding counts as the
 * worst.
 *
 * u is half an ulp, relative: 2^-24 for float32, 2^-53 for double. An operation is right to u, a
 * function to the ulps (2 u each) that OpenCL 1.2 promises in its section 7.4: divide 2.5, exp 3,
 * log 3, log1p 2; the CPU backend and libm keep these too. A computed x is at most |x| + e(x), and
 * the bounds say so: no product of two errors is dropped, where not said. Each formula stands above
 * the function that has it, here, in head_bounds.h and in step_bounds.h.
 */
#ifndef WEFT_TESTS_ERROR_ANALYSIS_H
#define WEFT_TESTS_ERROR_ANALYSIS_H

#include "step_answer.h"

struct precision {
    double u;
    double tiny; /* what may be flushed to zero */
};
static const struct precision single_precision = {0x1p-24, 0x1p-126};
static const struct precision double_precision = {0x1p-53, 0x1p-1022};

/* Accuracy of functions in u. Sigmoid: exp(-|z|), relative error 6, then 1 + exp, and the divide;
 * one more for their products. Softplus: exp, log1p, which lets at most as much through, and a sum.
 */
enum {
    EXP_U = 6,
    LOG_U = 6,
    LOG1P_U = 4,
    DIVIDE_U = 5,
    SIGMOID_U = EXP_U + 1 + DIVIDE_U + 2,
    SOFTPLUS_U = EXP_U + LOG1P_U + 1 + 1
};

/* One analysis; all arrays [spans.total] but `p`. */
struct analysis {
    const struct problem *problem;
    const struct spans *spans;
    const struct exact *exact;
    struct precision in;
    const double *inputs; /* what each stage of the step starts from */
    const double *errors; /* e of these */
    struct answer *want;  /* what each stage should give; gets the range of samples right */
    double *bounds;       /* e of what each stage gives */
    double *p;            /* [C] of one row, scratch */
};

/* g_K = K u / (1 - K u): what K roundings in a row do. */
static inline double gamma_of(const struct analysis *analysis, size_t roundings)
{
    const double n = (double)roundings * analysis->in.u;
    return n / (1.0 - n);
}

static inline const double *input_of(const struct analysis *analysis, size_t l, enum span_kind kind)
{
    return analysis->inputs + span_first(analysis->spans, l, kind);
}

static inline const double *error_of(const struct analysis *analysis, size_t l, enum span_kind kind)
{
    return analysis->errors + span_first(analysis->spans, l, kind);
}

static inline const double *want_of(const struct analysis *analysis, size_t l, enum span_kind kind)
{
    return analysis->want->values + span_first(analysis->spans, l, kind);
}

static inline double *bounds_of(const struct analysis *analysis, size_t l, enum span_kind kind)
{
    return analysis->bounds + span_first(analysis->spans, l, kind);
}

/* ---- sums ---- */

/* A matrix in a product: element (i, l) lies at i row + l step, its error too (NULL: exact). */
struct factor {
    const double *value, *error;
    size_t row, step;
};

/* e [m][n] of c(i, j) = sum over l < k of a(i, l) b(j, l):
 *   e(c) = sum (e(a) |b| + |a| e(b) + e(a) e(b)) + g_K sum (|a| + e(a)) (|b| + e(b))
 * A term passes at most k roundings, its product and k - 1 additions, in whatever order, fused or
 * not; `roundings` is K, more where something follows. */
static inline void product_bound(const struct analysis *analysis, const struct factor *a,
                                 const struct factor *b, size_t m, size_t n, size_t k,
                                 size_t roundings, double *e)
{
    const double gamma = gamma_of(analysis, roundings);
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
            e[i * n + j] = moved + gamma * size + (double)k * analysis->in.tiny;
        }
}

/* What a sum of n numbers is off by: sum e, and g_n of their size. */
static inline double sum_bound(const struct analysis *analysis, const double *value,
                               const double *error, size_t n, size_t step)
{
    double moved = 0.0, size = 0.0;
    for (size_t i = 0; i < n; i++) {
        moved += error[i * step];
        size += fabs(value[i * step]) + error[i * step];
    }
    return moved + gamma_of(analysis, n) * size + (double)n * analysis->in.tiny;
}

#endif
