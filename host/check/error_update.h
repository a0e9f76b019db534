/* Error bounds of penalties, of the clip factor, of the updates of all optimizers, and of the
 * weight average. error_analysis.h has the method.
 *
 * All inputs of an update are exact here, unless a function takes their errors: the parameter, its
 * gradient dw, clip, and the optimizer state.
 */
#ifndef WEFT_CHECK_ERROR_UPDATE_H
#define WEFT_CHECK_ERROR_UPDATE_H

#include "backend/update_rule.h"
#include "check/error_analysis.h"
#include "reference/reference.h"

/* Returns what the gradient of the penalty adds to e(dw), from the dw without it. */
double penalty_gradient_bound(struct precision in, double l1, double l2, double w, double dw,
                              double e_dw);

/* Returns e(sum + dw) for exact numbers: one rounding. */
double gradient_add_bound(struct precision in, double dw, double sum);

/* Fills e with the bounds of sums = sum |w| and sum w^2 over n weights. */
void penalty_terms_bounds(struct precision in, size_t n, const double sums[2], double e[2]);

/* Returns e(w - rate g) for an exact w: two roundings. */
double update_bound(struct precision in, double rate, double w, double g, double e_g);

/* Returns the rule in the form that the reference takes, with every float exact. */
struct ref_update optimizer_reference(const struct update_rule *rule, double clip);

/* One parameter before or after the update, or the bounds of its errors. */
struct optimizer_element {
    double w;
    double state[OPTIMIZER_MOST_STATES]; /* v, or m and v */
};

/* An update as w' = kept - rate direction. */
struct optimizer_move {
    double kept, rate, direction;
};

/* Returns the parts of an update. They follow from w and dw, and from the optimizer state after the
 * update. */
struct optimizer_move optimizer_move(const struct ref_update *rule, bool weight, double dw,
                                     const struct optimizer_element *before,
                                     const struct optimizer_element *after);

/* Returns the bounds of an element. `after` is exact. A bound is infinite if a number may overflow
 * on its way. */
struct optimizer_element optimizer_bound(struct precision in, const struct ref_update *rule,
                                         bool weight, double dw,
                                         const struct optimizer_element *before,
                                         const struct optimizer_element *after);

/* Returns e(min(1, limit / (norm + 1e-6))), where `norm` is the norm of n exact numbers. */
double clip_factor_bound(struct precision in, size_t n, double norm, double limit);

/* Returns e(average + gain (w - average)). */
double average_bound(struct precision in, double average, double gain, double w);

#endif
