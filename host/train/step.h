/* One batch through a workspace: the only order of operations that training knows. */
#ifndef WEFT_TRAIN_STEP_H
#define WEFT_TRAIN_STEP_H

#include "backend/backend.h"

/* A batch: samples first .. first + count - 1 of the order of `data`, its metrics into `slot`. */
struct step {
    const struct backend *backend;
    struct workspace *workspace;
    const struct network *network;
    const struct device_data *data;
    size_t first, count;
    const struct batch_draw *draw; /* NULL: evaluation; borrowed */
    size_t slot;
    struct loss_rule loss;
};

/* Gather, forward, loss. */
WEFT_MUST_CHECK enum weft_status step_forward(const struct step *step);

/* The gradient of the batch; after step_forward in a training workspace. */
WEFT_MUST_CHECK enum weft_status step_backward(const struct step *step);

/* Penalty terms into the slot where `penalty`, then the update of the parameters. */
WEFT_MUST_CHECK enum weft_status step_update(const struct step *step, bool penalty,
                                             const struct update_rule *rule);

#endif
