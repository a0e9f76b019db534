/* The loss of means: of what the members of an ensemble say of a sample, and of its mirror image.
 * Computed in double precision on the host, from what each run gave the truth.
 *
 * With R runs, of each sample, z the outputs of a run:
 *
 *     softmax   -log (sum_r softmax(z_r)_label / R)
 *     sigmoid   sum over outputs of -log (sum_r s(z_r) / R), s the sigmoid of z where the output
 *               should be 1, and of -z where it should be 0
 *     identity  sum over outputs of (y - sum_r z_r / R)^2 / 2
 *
 * A logarithm is of FLT_MIN at least: the loss is finite where the outputs are.
 */
#ifndef WEFT_API_MEAN_LOSS_H
#define WEFT_API_MEAN_LOSS_H

#include "backend/backend.h"

struct mean_loss {
    const struct network *network;    /* borrowed */
    const struct data_source *source; /* borrowed; of its labels or targets, which may be none */
    double *sums; /* [samples][outputs] owned: what the runs gave the truth, of identity z itself;
                     NULL where there is no truth */
};

/* `loss` has its borrowed members. End it with mean_loss_reset in either case. */
WEFT_MUST_CHECK enum weft_status mean_loss_init(struct mean_loss *loss);
void mean_loss_reset(struct mean_loss *loss);

/* Adds what a run says of the samples first .. first + count - 1: z and p [count][outputs]. */
void mean_loss_add(struct mean_loss *loss, size_t first, size_t count, const float *z,
                   const float *p);

/* The sum over all samples after `runs` runs; 0 where there is no truth. */
double mean_loss_sum(const struct mean_loss *loss, size_t runs);

#endif
