/* What training makes of the targets: from options, network and data to the rule of a workspace. */
#ifndef WEFT_TRAIN_TARGETS_H
#define WEFT_TRAIN_TARGETS_H

#include "backend/backend.h"
#include "data/augmentation.h"
#include "data/dataset.h"

/* Whether training needs dense targets; plain labels have faster losses. */
bool targets_are_dense(const struct weft_options *options, const struct network *network);

/* The rule of training `network` on `train` (NULL: on balanced classes). `*class_weights` is what
 * it borrows: the caller's to free, NULL without any. */
WEFT_MUST_CHECK enum weft_status target_rule_make(const struct weft_options *options,
                                                  const struct network *network,
                                                  const struct weft_dataset *train,
                                                  float **class_weights, struct target_rule *rule);

/* The rule under which `network` is evaluated: the targets as they are. */
struct target_rule target_rule_evaluate(const struct network *network);

/* WEFT_ERROR_USAGE where options of the targets cannot be with `network`. */
WEFT_MUST_CHECK enum weft_status target_options_fit(const struct weft_options *options,
                                                    const struct network *network);

#endif
