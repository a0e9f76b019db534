/* The batch of a gradient check: the numbers that a device made of the samples. The gradient and
 * the finite differences are computed from them. These functions also judge whether training with
 * the same draw would use these numbers. */
#ifndef WEFT_CHECK_GRADIENT_BATCH_H
#define WEFT_CHECK_GRADIENT_BATCH_H

#include "check/check_result.h"
#include "check/step_trial.h"
#include "train/step.h"

/* The numbers as the device has them, every float exact. The arrays are owned. */
struct gradient_batch {
    double *x;          /* [B][D] standardized, augmented */
    double *y, *weight; /* [B][C], [B]: dense targets; NULL without */
};

/* Takes the batch that `workspace` has gathered, and tells `sink` as "gather" and "targets" how
 * accurate it is. Call gradient_batch_reset afterwards in either case. */
WEFT_MUST_CHECK enum weft_status gradient_batch_take(struct gradient_batch *batch,
                                                     const struct step_trial *trial,
                                                     const struct backend *backend,
                                                     struct workspace *workspace,
                                                     const struct check_sink *sink);
void gradient_batch_reset(struct gradient_batch *batch);

#endif
