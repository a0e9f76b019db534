/* The dense targets of a step in a bundle: `targets.rule` [3] with keep, spread and each,
 * `batch.weights` [B] with the sample weights, and `batch.targets` [B][C]. A bundle without
 * `targets.rule` has plain labels. */
#ifndef WEFT_CHECK_BUNDLE_TARGETS_H
#define WEFT_CHECK_BUNDLE_TARGETS_H

#include "check/step_trial.h"
#include "network/safetensors.h"

/* The arrays that a trial borrows. This struct owns them. */
struct bundle_targets {
    float *weights, *y;
};

WEFT_MUST_CHECK enum weft_status bundle_targets_write(const struct step_trial *trial,
                                                      struct safetensors *file);

/* Fills the targets of `trial`, whose network and batch are known. Fails with WEFT_ERROR_MODEL; the
 * message starts with `path`. */
WEFT_MUST_CHECK enum weft_status bundle_targets_read(const char *path,
                                                     const struct safetensors *file,
                                                     struct step_trial *trial,
                                                     struct bundle_targets *targets);

void bundle_targets_reset(struct bundle_targets *targets);

#endif
