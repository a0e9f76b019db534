/* What training makes of the targets: from options, network and data to the rule of a workspace. */
#ifndef WEFT_TRAIN_TARGETS_H
#define WEFT_TRAIN_TARGETS_H

#include "backend/backend.h"
#include "data/augmentation.h"
#include "data/dataset.h"

/* Whether training needs more than plain labels, which alone a fused step can read. */
bool targets_are_dense(const struct weft_options *options, const struct network *network);

/* The rule of training `network`. */
struct target_rule target_rule_make(const struct weft_options *options,
                                    const struct network *network);

/* `*weights` [classes], of a single output [2]: what the samples of each class weigh, for balanced
 * ones counted in `train` (NULL: balanced classes). NULL where they all weigh 1. The caller frees
 * it, also after a failure. */
WEFT_MUST_CHECK enum weft_status class_weights_make(const struct weft_options *options,
                                                    const struct network *network,
                                                    const struct weft_dataset *train,
                                                    float **weights);
/* Likewise `*weights` [N] of the samples of `train`: the one place where their weights come from.
 */
WEFT_MUST_CHECK enum weft_status sample_weights_make(const struct weft_options *options,
                                                     const struct network *network,
                                                     const struct weft_dataset *train,
                                                     float **weights);

/* The rule under which `network` is evaluated: the targets as they are. */
struct target_rule target_rule_evaluate(const struct network *network);

/* WEFT_ERROR_USAGE where options of the targets cannot be with `network`. */
WEFT_MUST_CHECK enum weft_status target_options_fit(const struct weft_options *options,
                                                    const struct network *network);

#endif
