/* Bounds on how far the numbers of a training step may be from the exact ones: the method, and the
 * formulas of sums and of single numbers. error_activation.h, error_loss.h, error_norm.h and
 * error_update.h have the formulas of their subjects.
 *
 * Each bound is derived once, in one of these files. The checks of single primitives, of stages and
 * of whole steps all take it from there.
 *
 * The method is running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 3.1
 * and 3.3). e(x) is a bound on |computed x - x|, carried from stage to stage beside the exact
 * values. Given numbers are exact, so their e is 0. These are features, parameters and options, and
 * in step_judge.h also the results of the previous stage. Every rounding counts with its worst
 * case.
 *
 * u is half an ulp, relative: 2^-24 for float32, 2^-53 for double. An operation is accurate to u,
 * and a function to the ulps (2 u each) that section 7.4 of OpenCL 1.2 promises: divide 2.5, exp 3,
 * log 3, log1p 2, sqrt 3. The CPU backend and libm respect these limits too. A computed x is at
 * most |x| + e(x), and the bounds account for that: they drop no product of two errors unless a
 * comment says so. Each formula stands above the function that computes it. If a sum or a product
 * may overflow on its way to a result that does not, rounding can do anything. The bound is then
 * infinite or NaN.
 *
 * Functions that run for every element of a batch are inline, so that loops hoist what does not
 * change.
 */
#ifndef WEFT_CHECK_ERROR_ANALYSIS_H
#define WEFT_CHECK_ERROR_ANALYSIS_H

#include <math.h>
#include <stddef.h>

struct precision {
    double u;
    double tiny;    /* results below it may be flushed to zero */
    double largest; /* a number beyond it is infinite */
};
/* `unlimited_precision` is single precision without a largest number. It is for callers that judge
 * overflow themselves. */
extern const struct precision single_precision, double_precision, unlimited_precision;

/* Accuracies of functions in u.
 *
 * Sigmoid: exp(-|z|) with relative error 6, then 1 + exp and the division, and one ulp for the
 * products of their errors. Softplus: exp, log1p, which does not amplify the error, and a sum.
 *
 * NORMAL_U is the accuracy of the normal distribution function Phi(-x) = exp(-x^2 / 2) t q(t),
 * where t = 1 / (1 + 0.35 x). It leaves out the rounding of x^2 / 2, which is added where Phi is
 * used. The factor t q(t) has NORMAL_FACTOR_U. Its error is largest near x = 0, where it consists
 * of
 *
 *   8.0   for t: 1 of the sum, and 2.5 ulp of the division, where an ulp is 1 just below t = 1. An
 *         error of t counts d log(t q) / d log t times: 2.28 at x = 0, and less above
 *   4.9   for the 8 steps of Horner's scheme: the sizes of all products and sums, relative to q
 *   0.6   for the approximation q
 *   2     for the products t q and exp t q
 */
enum {
    EXP_U = 6,
    LOG_U = 6,
    LOG1P_U = 4,
    DIVIDE_U = 5,
    SQRT_U = 6,
    SIGMOID_U = EXP_U + 1 + DIVIDE_U + 2,
    SOFTPLUS_U = EXP_U + LOG1P_U + 1 + 1,
    TANH_U = 10,
    EXPM1_U = 6,
    NORMAL_FACTOR_U = 16,
    NORMAL_U = EXP_U + NORMAL_FACTOR_U
};

/* g_K = K u / (1 - K u): the relative error of K roundings in a row. */
static inline double roundings_bound(struct precision in, size_t roundings)
{
    const double n = (double)roundings * in.u;
    return n / (1.0 - n);
}

/* Returns the error of `roundings` roundings of x, which may be flushed to zero. */
static inline double rounded_bound(struct precision in, size_t roundings, double x)
{
    return roundings_bound(in, roundings) * fabs(x) + in.tiny;
}

/* ---- sums ---- */

/* A matrix in a product. Element (i, l) and its error are at i row + l step. A NULL `error` means
 * exact. */
struct factor {
    const double *value, *error;
    size_t row, step;
};

/* Returns the relative error of a sum of k products, of which each passes through `later` more
 * roundings: k u, in any order, fused or not (Jeannerod and Rump, Improved error bounds for inner
 * products in floating-point arithmetic, SIAM J. Matrix Anal. Appl. 34, 2013), then g_later. */
static inline double products_bound(struct precision in, size_t k, size_t later)
{
    const double sum = (double)k * in.u;
    return sum + roundings_bound(in, later) * (1.0 + sum);
}

/* Fills e [m][n] for c(i, j) = sum over l < k of a(i, l) b(j, l), with f = products_bound:
 *
 *   e(c) = sum (e(a) |b| + |a| e(b) + e(a) e(b)) + f sum (|a| + e(a)) (|b| + e(b)) + k tiny
 *
 * If each product has an exact factor 0, c is exactly 0, and so is e(c). */
void product_bound(struct precision in, const struct factor *a, const struct factor *b, size_t m,
                   size_t n, size_t k, size_t later, double *e);

/* Computes the Euclidean norms [m] of the rows of `a`. Either `row` or `step` is 1. */
void factor_norms(const struct factor *a, size_t m, size_t k, double *norms);

/* Returns the same bound for one element of exact factors, where `size` is sum |a| |b| or more. It
 * is infinite if a partial sum may overflow.
 *
 * By Cauchy and Schwarz, sum |a| |b| <= ||a|| ||b||. So the norms of row and column give a bound
 * that is equally safe, up to some 1.5 times as wide, and k times cheaper. */
static inline double product_bound_of(struct precision in, double size, size_t k, size_t later)
{
    return size <= in.largest ? products_bound(in, k, later) * size + (double)k * in.tiny
                              : HUGE_VAL;
}

/* Returns the error of a sum of n exact numbers whose sizes sum to `size`: (n - 1) u of it, in any
 * order (Jeannerod and Rump). It is infinite if a partial sum may overflow. */
static inline double sum_bound_of(struct precision in, double size, size_t n)
{
    return size <= in.largest ? (double)(n - 1) * in.u * size + (double)n * in.tiny : HUGE_VAL;
}

/* Returns the error of a sum of n numbers, which adds their own errors. `error` may be NULL. */
double sum_bound(struct precision in, const double *value, const double *error, size_t n,
                 size_t step);

/* ---- single numbers of a batch ---- */

/* Returns e((x - mean) / std) of exact numbers: a difference and a division. The difference may
 * overflow or be flushed to zero even if the quotient would not. */
static inline double standardized_bound(struct precision in, double difference, double std)
{
    if (!(fabs(difference) <= in.largest))
        return HUGE_VAL;
    return roundings_bound(in, 1 + DIVIDE_U) * fabs(difference) / std + in.tiny * (1.0 + 1.0 / std);
}

/* Returns e(share a + (1 - share) b), where `size` is share |a| + (1 - share) |b| and `moved` the
 * same sum of e(a) and e(b): two products and a sum. 1 - share is exact, because share >= 1/2. */
static inline double mixed_bound(struct precision in, double size, double moved)
{
    return moved + roundings_bound(in, 2) * (size + moved) + 2.0 * in.tiny;
}

/* Returns e(share t + spread). The product with a one-hot t is exact. */
static inline double target_bound(struct precision in, double share, double t, double spread)
{
    const double product = t == 0.0 || t == 1.0 ? 0.0 : in.u * fabs(share * t);
    return product + in.u * (fabs(share * t + spread) + product) + in.tiny;
}

/* Returns e(factor v) for a number that dropout scales by `factor`, where `x` is factor v and
 * `moved` is factor e(v): the roundings of the factor and of the product. A number that is dropped
 * is exactly 0. */
static inline double dropout_bound(struct precision in, double x, double moved)
{
    const double size = fabs(x) + moved;
    return size == 0.0 ? 0.0 : moved + rounded_bound(in, 2, size);
}

#endif
