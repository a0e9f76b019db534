/* How far the numbers of an update may be from the exact ones, see error_analysis.h for u, e() and
 * g_K.
 *
 * Everything that goes into the update is exact here: the parameter, its gradient dw, clip, and
 * what the optimizer kept. Each formula stands above the line that has it.
 */
#ifndef WEFT_CHECK_OPTIMIZER_BOUNDS_H
#define WEFT_CHECK_OPTIMIZER_BOUNDS_H

#include "backend/update_rule.h"
#include "check/error_analysis.h"
#include "reference/reference.h"

/* Accuracy of a square root in u: OpenCL 1.2 promises 3 ulp. */
enum { SQRT_U = 6 };

/* The rule as the reference takes it: every float exactly. */
struct ref_update optimizer_reference(const struct update_rule *rule, double clip);

/* One parameter before the update, or after it, or what they may be off by. */
struct optimizer_element {
    double w;
    double state[2]; /* v, or m and v */
};

/* The bounds of an element; `after` is exact. Infinite where something may overflow on its way. */
struct optimizer_element optimizer_bound(struct precision in, const struct ref_update *rule,
                                         bool weight, double dw,
                                         const struct optimizer_element *before,
                                         const struct optimizer_element *after);

/* e(min(1, limit / (norm + 1e-6))), `norm` of n numbers that are exact. */
double clip_factor_bound(struct precision in, size_t n, double norm, double limit);

/* e(keep average + gain w) */
double average_bound(struct precision in, double keep, double average, double gain, double w);

#endif
