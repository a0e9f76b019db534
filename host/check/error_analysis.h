/* Bounds on how far the numbers of a training step may be from the exact ones. The formulas serve
 * single stages and whole steps.
 *
 * The method is running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 3.1
 * and 3.3). e(x) is a bound on |computed x - x|, carried from stage to stage beside the exact
 * values. Given numbers are exact, so their e is 0. These are features, parameters and options, and
 * in step_trial.h also the results of the previous stage. Every rounding counts with its worst
 * case.
 *
 * u is half an ulp, relative: 2^-24 for float32, 2^-53 for double. An operation is accurate to u,
 * and a function to the ulps (2 u each) that section 7.4 of OpenCL 1.2 promises: divide 2.5, exp 3,
 * log 3, log1p 2. The CPU backend and libm keep these limits too. A computed x is at most |x| +
 * e(x), and the bounds account for that: they drop no product of two errors unless a comment says
 * so. Each formula stands above the function that computes it. If a sum or a product may overflow
 * on its way to a result that does not, rounding can do anything. The bound is then infinite or
 * NaN.
 *
 * Functions that run for every element of a batch are inline, so that loops keep what does not
 * change.
 */
#ifndef WEFT_CHECK_ERROR_ANALYSIS_H
#define WEFT_CHECK_ERROR_ANALYSIS_H

#include <math.h>

#include "network/network.h"

struct precision {
    double u;
    double tiny;    /* results below it may be flushed to zero */
    double largest; /* a number beyond it is infinite */
};
extern const struct precision single_precision, double_precision;

/* Accuracies of functions in u. Sigmoid: exp(-|z|) with relative error 6, then 1 + exp and the
 * division, and one ulp for the products of their errors. Softplus: exp, log1p, which does not
 * amplify the error, and a sum. The normal distribution: exp, and 18 for its polynomial of degree 8
 * in t (4), t itself (a product, a sum, a division: 7) and 3 products. The effect of rounding
 * z^2 / 2 is added where Phi is used. */
enum {
    EXP_U = 6,
    LOG_U = 6,
    LOG1P_U = 4,
    DIVIDE_U = 5,
    SIGMOID_U = EXP_U + 1 + DIVIDE_U + 2,
    SOFTPLUS_U = EXP_U + LOG1P_U + 1 + 1,
    TANH_U = 10,
    EXPM1_U = 6,
    NORMAL_U = EXP_U + 18
};

/* g_K = K u / (1 - K u): the relative error of K roundings in a row. */
static inline double roundings_bound(struct precision in, size_t roundings)
{
    const double n = (double)roundings * in.u;
    return n / (1.0 - n);
}

/* ---- sums ---- */

/* A matrix in a product. Element (i, l) and its error are at i row + l step. A NULL `error` means
 * exact. */
struct factor {
    const double *value, *error;
    size_t row, step;
};

/* Fills e [m][n] for c(i, j) = sum over l < k of a(i, l) b(j, l):
 *
 *   e(c) = sum (e(a) |b| + |a| e(b) + e(a) e(b)) + g_K sum (|a| + e(a)) (|b| + e(b))
 *
 * A term passes through at most k roundings, its product and k - 1 additions, in any order, fused
 * or not. `roundings` is K, which is larger if other operations follow. */
void product_bound(struct precision in, const struct factor *a, const struct factor *b, size_t m,
                   size_t n, size_t k, size_t roundings, double *e);

/* Computes the Euclidean norms [m] of the rows of `a`. Either `row` or `step` is 1. */
void factor_norms(const struct factor *a, size_t m, size_t k, double *norms);

/* Returns the same bound for one element of exact factors, from the norms of its row and column. By
 * Cauchy and Schwarz, sum |a| |b| <= ||a|| ||b||. So this bound is equally safe, up to some 1.5
 * times as wide, and k times cheaper. It is infinite if a partial sum may overflow. */
static inline double product_bound_norms(struct precision in, double norm_a, double norm_b,
                                         size_t k, size_t roundings)
{
    const double size = norm_a * norm_b, gamma = roundings_bound(in, roundings);
    return size <= in.largest ? gamma * size + (double)k * in.tiny : HUGE_VAL;
}

/* Returns the error of a sum of n numbers: sum e, and g_n of their size. It is infinite if a
 * partial sum may overflow. `error` may be NULL. */
double sum_bound(struct precision in, const double *value, const double *error, size_t n,
                 size_t step);

/* ---- elements ---- */

/* A pre-activation and its activation, with their errors. */
struct activated {
    enum weft_activation activation;
    double z, e_z;
    double a, e_a;
};

/* These functions in activation_bounds.c handle all activations except identity and sigmoid. */
void activation_bound_of(struct precision in, struct activated *unit);
double activation_backward_bound_of(struct precision in, const struct activated *unit,
                                    double product, double e_product);

/* Fills e_a of a = activation(z) from the other members.
 *
 * Sigmoid: |d log(a (1 - a)) / dz| <= 1, so e(z) moves a by at most a (1 - a) (exp(e(z)) - 1), and
 * never by more than 1. Computing it adds SIGMOID_U. */
static inline void activation_bound(struct precision in, struct activated *unit)
{
    unit->e_a = unit->e_z;
    if (unit->activation == WEFT_ACTIVATION_IDENTITY || !isfinite(unit->e_z))
        return;
    if (unit->activation == WEFT_ACTIVATION_SIGMOID) {
        /* exp(e) - 1 <= e + e^2 up to e = 1; this needs no call for each element */
        const double a = unit->a, e_z = unit->e_z;
        const double growth = e_z < 1.0 ? e_z + e_z * e_z : expm1(e_z);
        const double moved = fmin(a * (1.0 - a) * growth, 1.0);
        unit->e_a = moved + SIGMOID_U * in.u * (a + moved) + in.tiny;
        return;
    }
    activation_bound_of(in, unit);
}

/* Returns e(p s) for the product p s, where s = a'(z) is computed from a, or from z if the slope of
 * the activation is FROM_Z.
 *
 * Sigmoid: s = a (1 - a), e(s) = |1 - 2a| e(a) + e(a)^2, and three roundings: 1 - a and both
 * products. */
static inline double activation_backward_bound(struct precision in, const struct activated *unit,
                                               double product, double e_product)
{
    if (unit->activation == WEFT_ACTIVATION_IDENTITY)
        return e_product;
    if (unit->activation == WEFT_ACTIVATION_SIGMOID) {
        const double a = unit->a, s = a * (1.0 - a), size = fabs(product);
        const double e_s = fabs(1.0 - 2.0 * a) * unit->e_a + unit->e_a * unit->e_a;
        const double moved = e_product * (s + e_s) + size * e_s;
        return moved + roundings_bound(in, 3) * (size * s + moved) + 3.0 * in.tiny;
    }
    return activation_backward_bound_of(in, unit, product, e_product);
}

/* Returns the error that dropout adds to a number that became `x`: the roundings of its scale and
 * of the product. */
static inline double dropout_bound(struct precision in, double x)
{
    return 2.01 * in.u * fabs(x) + in.tiny;
}

/* Returns what the penalty adds to e(g), where g is dw with the gradient of the penalty. The error
 * is three roundings of numbers of at most |g| + 2 (l1 + l2 |w|). */
double penalty_gradient_bound(struct precision in, double l1, double l2, double w, double g,
                              double e_g);

/* Returns e(w - rate g) for an exact w: two roundings. */
double update_bound(struct precision in, double rate, double w, double g, double e_g);

/* ---- heads, head_bounds.c ---- */

/* One row of the output layer. */
struct head_row {
    enum weft_head head;
    const double *z, *e; /* [C] pre-activations and their errors; a NULL e means exact */
    const double *y;     /* [C] exact targets */
    const double *dz;    /* [C] exact */
    double *e_dz;        /* [C] receives the bounds of dz */
    double *scratch;     /* [C] */
    size_t columns;
    double factor, loss; /* delta factor; exact loss */
    double weight;       /* sample weight */
    bool each;           /* each output is judged separately */
    bool true_class_only;
};

/* Fills e_dz and returns e(loss). */
double head_row_bounds(struct precision in, const struct head_row *row);

/* Returns 1 if the prediction of the row is certainly correct, -1 if it is certainly wrong, and 0
 * if both are possible. A single output counts as 1 if it, or its probability, exceeds 1/2. */
int head_row_verdict(struct precision in, const struct head_row *row);

#endif
