/* How far the numbers of batch normalization may be from the exact ones, where what they are
 * computed from is exact: running error analysis as in error_analysis.h, whose conventions hold.
 * Formulas stand in kernels/norm.cl.
 */
#ifndef WEFT_CHECK_NORM_BOUNDS_H
#define WEFT_CHECK_NORM_BOUNDS_H

#include "check/error_analysis.h"

/* The numbers of a column; exact. */
struct norm_column {
    double mean, variance, scale, shift, dscale, dshift;
    size_t rows; /* of the batch */
};

/* e(mean) and e(variance) of a column q_0 .. q_(rows - 1), numbers `stride` apart. */
void norm_statistics_bound(struct precision in, const double *q, size_t rows, size_t stride,
                           double *e_mean, double *e_variance);

/* e(u) of an element q. */
double norm_forward_bound(struct precision in, const struct norm_column *column, double q);

/* e(dscale) and e(dshift) of a column, which begins at q and du; numbers `stride` apart. */
void norm_gradient_bound(struct precision in, const struct norm_column *column, const double *q,
                         const double *du, size_t stride, double *e_dscale, double *e_dshift);

/* e(dq) of an element q, du. */
double norm_backward_bound(struct precision in, const struct norm_column *column, double q,
                           double du);

/* e(running) of (1 - momentum) running + momentum batch; `batch` with its factor. */
double norm_running_bound(struct precision in, double momentum, double running, double batch);

#endif
