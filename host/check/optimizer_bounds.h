/* Bounds on how far the numbers of an update may be from the exact ones. error_analysis.h defines
 * u, e() and g_K.
 *
 * All inputs of the update are exact here: the parameter, its gradient dw, clip, and the optimizer
 * state. Each formula stands above the line that computes it.
 */
#ifndef WEFT_CHECK_OPTIMIZER_BOUNDS_H
#define WEFT_CHECK_OPTIMIZER_BOUNDS_H

#include "backend/update_rule.h"
#include "check/error_analysis.h"
#include "reference/reference.h"

/* Accuracy of a square root in u. OpenCL 1.2 promises 3 ulp. */
enum { SQRT_U = 6 };

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
