/* Bounds on how far the numbers of batch normalization may be from the exact ones if their inputs
 * are exact. The bounds use running error analysis with the conventions of error_analysis.h.
 * kernels/norm.cl lists the formulas.
 */
#ifndef WEFT_CHECK_NORM_BOUNDS_H
#define WEFT_CHECK_NORM_BOUNDS_H

#include "check/error_analysis.h"

/* The exact numbers of a column. */
struct norm_column {
    double mean, variance, scale, shift, dscale, dshift;
    size_t rows; /* rows in the batch */
};

/* How the numbers q of a column are spread, exactly or at most. All means are over its rows. */
struct norm_spread {
    size_t rows;
    double largest;   /* largest |q| */
    double mean;      /* of q */
    double size;      /* mean of |q| */
    double distance;  /* root of the mean of d^2, d = q - q_0 */
    double deviation; /* root of the mean of (q - mean)^2 */
};

/* Computes what the computation of mean and variance adds to e(mean) and e(variance). */
void norm_spread_bound(struct precision in, const struct norm_spread *spread, double *e_mean,
                       double *e_variance);

/* Computes e(mean) and e(variance) of a column q_0 .. q_(rows - 1), whose numbers are `stride`
 * apart. */
void norm_statistics_bound(struct precision in, const double *q, size_t rows, size_t stride,
                           double *e_mean, double *e_variance);

/* Returns e(u) of an element q. */
double norm_forward_bound(struct precision in, const struct norm_column *column, double q);

/* Computes e(dscale) and e(dshift) of a column that begins at q and du, with numbers `stride`
 * apart. */
void norm_gradient_bound(struct precision in, const struct norm_column *column, const double *q,
                         const double *du, size_t stride, double *e_dscale, double *e_dshift);

/* Returns e(dq) of an element q, du. */
double norm_backward_bound(struct precision in, const struct norm_column *column, double q,
                           double du);

/* Returns e(running) of (1 - momentum) running + momentum batch. `batch` includes its factor. */
double norm_running_bound(struct precision in, double momentum, double running, double batch);

#endif
