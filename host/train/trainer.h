/* Declares THE training loop. */
#ifndef WEFT_TRAIN_TRAINER_H
#define WEFT_TRAIN_TRAINER_H

#include "backend/backend.h"
#include "data/dataset.h"
#include "data/order.h"
#include "network/model.h"
#include "train/hooks.h"

/* The data sets of a training run. All are borrowed; `validation` and `test` may be NULL. */
struct training_sets {
    const struct weft_dataset *train, *validation, *test;
};

/* The sets whose samples stay on the host, see data_source.streamed. */
struct streamed_sets {
    bool train, validation, test;
};

/* How much of a training runs, and where the samples are. */
struct training_run {
    size_t epochs;
    bool goes_on;                          /* continue after the last epoch of the model */
    const struct weft_checkpoint *resumed; /* borrowed; continue from here; NULL: from the model */
    struct streamed_sets streamed;
};

/* Returns how the samples of `train` are divided into batches under `options`. */
struct batch_plan trainer_batch_plan(const struct weft_options *options,
                                     const struct weft_dataset *train);

/* Trains `model` in place. This is the body of weft_train, see weft.h. The scale of the model must
 * be set, and the data sets must fit the model. `callbacks` and `hooks` may be NULL. The model
 * stores the state in which the training run ended. */
WEFT_MUST_CHECK enum weft_status trainer_run(struct weft_device *device, struct weft_model *model,
                                             const struct weft_options *options,
                                             const struct training_sets *sets,
                                             struct training_run run,
                                             const struct weft_callbacks *callbacks,
                                             const struct training_hooks *hooks,
                                             struct weft_training *training);

#endif
