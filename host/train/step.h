/* Sends one batch through a workspace. This is the only order of operations that training uses. */
#ifndef WEFT_TRAIN_STEP_H
#define WEFT_TRAIN_STEP_H

#include "backend/backend.h"

/* A batch: samples first .. first + count - 1 in the order of `data`. Its metrics go to `slot`. */
struct step {
    const struct backend *backend;
    struct workspace *workspace;
    const struct network *network;
    const struct device_data *data;
    size_t first, count;
    const struct batch_draw *draw; /* borrowed; NULL: evaluation */
    size_t slot;
    struct loss_rule loss;
};

/* Gathers the samples, runs the forward pass, and computes the loss. */
WEFT_MUST_CHECK enum weft_status step_forward(const struct step *step);

/* Computes the gradient of the batch. Call it after step_forward, in a training workspace. */
WEFT_MUST_CHECK enum weft_status step_backward(const struct step *step);

/* Adds the penalty terms to the slot if `penalty` is true, then updates the parameters. */
WEFT_MUST_CHECK enum weft_status step_update(const struct step *step, bool penalty,
                                             const struct update_rule *rule);

#endif
