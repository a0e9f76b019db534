/* Turns options, network and data into the target rule of a workspace. */
#ifndef WEFT_TRAIN_TARGETS_H
#define WEFT_TRAIN_TARGETS_H

#include "backend/backend.h"
#include "data/augmentation.h"
#include "data/dataset.h"

/* Returns true if training on `train`, which may be NULL, needs more than plain labels. */
bool targets_are_dense(const struct weft_options *options, const struct network *network,
                       const struct weft_dataset *train);

/* Returns the target rule for training `network` on `train`, which may be NULL. */
struct target_rule target_rule_make(const struct weft_options *options,
                                    const struct network *network,
                                    const struct weft_dataset *train);

/* Computes the weight of each class into `*weights` [classes], or [2] for a single output. Balanced
 * weights come from the sample weights of `train`, or from its class counts if it has none; without
 * `train`, the classes count as balanced.
 * `*weights` is NULL if all weights are 1. The caller frees it, also after a failure. */
WEFT_MUST_CHECK enum weft_status class_weights_make(const struct weft_options *options,
                                                    const struct network *network,
                                                    const struct weft_dataset *train,
                                                    float **weights);
/* Returns true if sample_weights_make makes weights, because not all are 1. */
bool sample_weights_vary(const struct weft_options *options, const struct weft_dataset *train);

/* Computes the weight of each sample of `train` into `*weights` [N]: its own weight times the
 * weight of its class. `*weights` is NULL if all weights are 1. The caller frees it, also after a
 * failure. */
WEFT_MUST_CHECK enum weft_status sample_weights_make(const struct weft_options *options,
                                                     const struct network *network,
                                                     const struct weft_dataset *train,
                                                     float **weights);

/* Returns the rule for evaluating `network`, which leaves the targets unchanged. */
struct target_rule target_rule_evaluate(const struct network *network);

/* Returns WEFT_ERROR_USAGE if the target options do not fit `network`, or the sample weights of
 * `train`, which may be NULL. */
WEFT_MUST_CHECK enum weft_status target_options_fit(const struct weft_options *options,
                                                    const struct network *network,
                                                    const struct weft_dataset *train);

#endif
