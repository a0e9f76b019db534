/* Computes the loss of averaged predictions: over the members of an ensemble, and over an image and
 * its mirror image. It works in double precision on the host, from the values that each run gave
 * the truth.
 *
 * For each sample, with R runs and the outputs z_r of run r, the loss is:
 *
 *     softmax   -log (sum_r softmax(z_r)_label / R)
 *     sigmoid   sum over outputs of -log (sum_r s(z_r) / R), where s is the sigmoid of z_r if the
 *               output should be 1, and of -z_r if it should be 0
 *     identity  sum over outputs of (y - sum_r z_r / R)^2 / 2
 *
 * The argument of a logarithm is at least FLT_MIN, so that the loss is finite if the outputs
 * are.
 */
#ifndef WEFT_API_MEAN_LOSS_H
#define WEFT_API_MEAN_LOSS_H

#include "backend/backend.h"

struct mean_loss {
    const struct network *network;    /* borrowed */
    const struct data_source *source; /* borrowed; its labels or targets may be missing */
    /* Owned; [samples][outputs] sums over runs of the value given to the truth, or of z for
     * identity. NULL if there is no truth. */
    double *sums;
};

/* Initializes `loss`, whose borrowed members are set. Call mean_loss_reset in either case. */
WEFT_MUST_CHECK enum weft_status mean_loss_init(struct mean_loss *loss);
void mean_loss_reset(struct mean_loss *loss);

/* Adds the outputs of a run for the samples first .. first + count - 1: z and p, both
 * [count][outputs]. */
void mean_loss_add(struct mean_loss *loss, size_t first, size_t count, const float *z,
                   const float *p);

/* Returns the sum over all samples after `runs` runs, or 0 if there is no truth. */
double mean_loss_sum(const struct mean_loss *loss, size_t runs);

#endif
