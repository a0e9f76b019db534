/* Settles how a training run scales its features and its targets. Training, check and benchmark all
 * ask here.
 *
 * A model gets both scales from the data set on which it is first trained, and keeps them. Devices
 * scale the features. The targets of task regress are standardized here, once, and everything that
 * trains or judges a training run sees them standardized. Therefore a training run does not depend
 * on the units of its targets. Predictions go back to these units (api/predictor.h).
 */
#ifndef WEFT_TRAIN_SCALING_H
#define WEFT_TRAIN_SCALING_H

#include "train/trainer.h"

enum { SCALING_SETS = 3 }; /* training, validation and test set */

struct scaling {
    bool makes;                     /* the model has no scales to keep: these are for it */
    struct scale features, targets; /* owned; the new scales */
    const struct scale *in_use;     /* of the features: borrowed from the model, or new */
    struct training_sets sets;      /* borrowed, or with standardized targets in `copies` */
    struct weft_dataset copies[SCALING_SETS]; /* their targets are owned, the rest is borrowed */
};

/* Decides which scales a training run of `model` uses. Computes those that the model lacks from the
 * training set, and standardizes the targets of all sets.
 *
 * sets    they fit the model; without a training set, no scale is computed
 * anew    ignore the scales of the model
 *
 * Returns WEFT_ERROR_DATA if a feature or a target overflows when it is standardized. Call
 * scaling_reset in either case. Do not move `scaling` while it is in use. */
WEFT_MUST_CHECK enum weft_status scaling_settle(struct scaling *scaling,
                                                const struct weft_model *model,
                                                const struct weft_options *options, bool anew,
                                                const struct training_sets *sets);

/* Gives the scales to the model that scaling_settle has seen. The model keeps them from now on. */
void scaling_give(struct scaling *scaling, struct weft_model *model);

void scaling_reset(struct scaling *scaling);

#endif
