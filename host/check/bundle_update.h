/* The update of a step in a bundle: the scalars of its rule as metadata, what it keeps as tensors
 * `update.0`, `update.1`, ... [parameter_count].
 *
 * A plain sgd update has neither: bundles of version 1 know no other.
 */
#ifndef WEFT_CHECK_BUNDLE_UPDATE_H
#define WEFT_CHECK_BUNDLE_UPDATE_H

#include "check/step_trial.h"
#include "network/safetensors.h"

/* Whether a reader of version 1 would understand the update. */
bool bundle_update_is_plain(const struct update_rule *rule);

WEFT_MUST_CHECK enum weft_status bundle_update_add(const struct step_trial *trial,
                                                   struct safetensors *file);

/* All of the rule but learning_rate, l1 and l2; `*state` becomes what it kept before, owned, or
 * NULL. `path` is for messages. WEFT_ERROR_MODEL: what is there makes no sense. */
WEFT_MUST_CHECK enum weft_status bundle_update_read(const char *path,
                                                    const struct safetensors *file,
                                                    size_t value_count, struct update_rule *rule,
                                                    float **state);

#endif
