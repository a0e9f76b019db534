/* The batch of a gradient check: the numbers that a device made of the samples, on which gradient
 * and differences rest, and whether they are what training with that draw has. */
#ifndef WEFT_CHECK_GRADIENT_BATCH_H
#define WEFT_CHECK_GRADIENT_BATCH_H

#include "check/step_trial.h"

/* As the device has them, every float exactly; arrays owned. */
struct gradient_batch {
    double *x;          /* [B][D] standardized, augmented */
    double *y, *weight; /* [B][C], [B]: dense targets; NULL without */
};

/* Takes the batch that `workspace` has gathered, and tells as "gather" and "targets" how right it
 * is. To be reset whatever comes back. */
WEFT_MUST_CHECK enum weft_status gradient_batch_take(struct gradient_batch *batch,
                                                     const struct step_trial *trial,
                                                     const struct backend *backend,
                                                     struct workspace *workspace,
                                                     const struct check_sink *sink);
void gradient_batch_reset(struct gradient_batch *batch);

#endif
