/* Several models in one: the tensors of member K, from 1, have the names of the first model's after
 * "members.K."; the scale is the first one's. */
#ifndef WEFT_NETWORK_MODEL_ENSEMBLE_H
#define WEFT_NETWORK_MODEL_ENSEMBLE_H

#include "network/model.h"
#include "network/safetensors.h"

enum { ENSEMBLE_MOST = 1000 }; /* members beside the first */

/* Adds the tensors of all members. */
WEFT_MUST_CHECK enum weft_status ensemble_write(const struct weft_model *model,
                                                struct safetensors *file);

/* Whether a tensor of the file is a member's. */
bool ensemble_has_members(const struct safetensors *file);

/* The tensors of `file` that are member `member`'s, 0 the first one's: a view, whose array of
 * tensors alone is its own (memory_free). */
WEFT_MUST_CHECK enum weft_status ensemble_view(const struct safetensors *file, size_t member,
                                               struct safetensors *view);

/* `count` members of that shape, and what the tensors of an open file lack for them. */
WEFT_MUST_CHECK enum weft_status ensemble_allocate(const char *path, const struct safetensors *file,
                                                   const struct model_shape *shape, size_t count,
                                                   struct weft_model *model);
/* Their numbers, once the file is loaded. */
WEFT_MUST_CHECK enum weft_status ensemble_read(const char *path, const struct safetensors *file,
                                               struct weft_model *model);

#endif
