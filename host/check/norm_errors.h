/* Errors carried through batch normalization: what those of its inputs and the roundings of its own
 * do to each number, with the words and rules of error_analysis.h. Where all inputs are exact,
 * norm_bounds.h has the same for single numbers. */
#ifndef WEFT_CHECK_NORM_ERRORS_H
#define WEFT_CHECK_NORM_ERRORS_H

#include "check/error_analysis.h"

/* A layer in one batch, exact, each with its errors (NULL: none); everything borrowed. */
struct norm_layer {
    size_t rows, columns;                /* B and O */
    const double *q, *e_q;               /* [B][O] */
    const double *mean, *e_mean;         /* [O], likewise */
    const double *variance, *e_variance; /* [O] */
    const double *scale, *shift;         /* [O], given */
};

/* e_mean [O], e_variance [O] of q's statistics; the layer's own errors of them are not read. */
void norm_statistics_errors(struct precision in, const struct norm_layer *layer, double *e_mean,
                            double *e_variance);

/* e_z [B][O] of z [B][O] = scale (q - mean) / sqrt(variance + epsilon) + shift */
void norm_forward_errors(struct precision in, const struct norm_layer *layer, const double *z,
                         double *e_z);

/* A gradient that arrives, and those of scale and shift, with their errors. */
struct norm_deltas {
    const double *dz, *e_dz;         /* [B][O] */
    const double *dscale, *e_dscale; /* [O]; the errors NULL: none */
    const double *dshift, *e_dshift; /* [O] likewise */
};

/* e_dscale [O], e_dshift [O]; of the deltas dz and its error are read. */
void norm_gradient_errors(struct precision in, const struct norm_layer *layer,
                          const struct norm_deltas *deltas, double *e_dscale, double *e_dshift);

/* e_dq [B][O], which may be e_dz */
void norm_backward_errors(struct precision in, const struct norm_layer *layer,
                          const struct norm_deltas *deltas, double *e_dq);

#endif
