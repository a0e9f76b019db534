/* Several models in one file. The tensors of member K, counted from 1, have the names of the first
 * model's tensors after the prefix "members.K.". All members share the scales of the first
 * model. */
#ifndef WEFT_NETWORK_MODEL_ENSEMBLE_H
#define WEFT_NETWORK_MODEL_ENSEMBLE_H

#include "network/model.h"
#include "network/safetensors.h"

enum { ENSEMBLE_MOST = 1000 }; /* maximum number of members besides the first */

/* Adds the tensors of all members to `file`. */
WEFT_MUST_CHECK enum weft_status ensemble_write(const struct weft_model *model,
                                                struct safetensors *file);

/* Tells whether the file contains a tensor of a member. */
bool ensemble_has_members(const struct safetensors *file);

/* Selects the tensors of `member` from `file`; member 0 is the first model. `view` borrows
 * everything except its array of tensors, which the caller frees with memory_free. */
WEFT_MUST_CHECK enum weft_status ensemble_view(const struct safetensors *file, size_t member,
                                               struct safetensors *view);

/* Allocates `count` members of the given shape, and checks their tensors in the open file. Returns
 * WEFT_ERROR_MODEL if tensors are missing or do not fit. */
WEFT_MUST_CHECK enum weft_status ensemble_allocate(const char *path, const struct safetensors *file,
                                                   const struct model_shape *shape, size_t count,
                                                   struct weft_model *model);
/* Reads the tensors of all members from a loaded file. */
WEFT_MUST_CHECK enum weft_status ensemble_read(const char *path, const struct safetensors *file,
                                               struct weft_model *model);

#endif
