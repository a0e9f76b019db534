/* THE training loop. */
#ifndef WEFT_TRAIN_TRAINER_H
#define WEFT_TRAIN_TRAINER_H

#include "backend/backend.h"
#include "data/dataset.h"
#include "data/order.h"
#include "network/model.h"
#include "train/hooks.h"

/* The parts of the data; validation and test may be NULL. All borrowed. */
struct training_parts {
    const struct weft_dataset *train, *validation, *test;
};

/* How much of a training runs. */
struct training_run {
    size_t epochs;
    bool goes_on; /* from where the last one of the model ended, with the epoch after its */
};

/* How the samples of `train` are cut into batches under `options`. */
struct batch_plan trainer_batch_plan(const struct weft_options *options,
                                     const struct weft_dataset *train);

/* Trains `model` in place; the body of weft_train, see weft.h. The model's scale is set, the parts
 * fit the model. `callbacks` and `hooks` may be NULL. The model keeps where the training ended. */
WEFT_MUST_CHECK enum weft_status trainer_run(struct weft_device *device, struct weft_model *model,
                                             const struct weft_options *options,
                                             const struct training_parts *parts,
                                             struct training_run run,
                                             const struct weft_callbacks *callbacks,
                                             const struct training_hooks *hooks,
                                             struct weft_training *training);

#endif
