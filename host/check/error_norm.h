/* Error bounds of batch normalization. The errors of the inputs and the roundings of its own
 * operations move each number. error_analysis.h has the method, kernels/norm.cl the formulas. */
#ifndef WEFT_CHECK_ERROR_NORM_H
#define WEFT_CHECK_ERROR_NORM_H

#include "check/error_analysis.h"

/* A layer in one batch: exact numbers, each with its errors (NULL: none). Everything is
 * borrowed. */
struct norm_layer {
    size_t rows, columns;                /* B and O */
    size_t slices;                       /* S, whose statistics merge; 0 or 1: none merge */
    const double *q, *e_q;               /* [B][O] */
    const double *mean, *e_mean;         /* [O] */
    const double *variance, *e_variance; /* [O] */
    const double *scale, *shift;         /* [O], given */
};

/* Computes e_mean [O] and e_variance [O] of q's statistics. It does not read the errors of the
 * statistics in `layer`. */
void norm_statistics_errors(struct precision in, const struct norm_layer *layer, double *e_mean,
                            double *e_variance);

/* Computes e_z [B][O] of z [B][O] = scale (q - mean) / sqrt(variance + epsilon) + shift. */
void norm_forward_errors(struct precision in, const struct norm_layer *layer, const double *z,
                         double *e_z);

/* An incoming gradient, and the gradients of scale and shift, with their errors. */
struct norm_deltas {
    const double *dz, *e_dz;         /* [B][O] */
    const double *dscale, *e_dscale; /* [O]; NULL errors: none */
    const double *dshift, *e_dshift; /* [O]; NULL errors: none */
};

/* Computes e_dscale [O] and e_dshift [O]. It reads only dz and its error from `deltas`. */
void norm_gradient_errors(struct precision in, const struct norm_layer *layer,
                          const struct norm_deltas *deltas, double *e_dscale, double *e_dshift);

/* Computes e_dq [B][O], which may be the array e_dz. */
void norm_backward_errors(struct precision in, const struct norm_layer *layer,
                          const struct norm_deltas *deltas, double *e_dq);

/* Returns e(running) of (1 - momentum) running + momentum batch. `batch` includes its factor. */
double norm_running_bound(struct precision in, double momentum, double running, double batch);

#endif
