/* Models as the content of a safetensors file that may hold more than a model. weft_model_write and
 * weft_model_read handle whole files. */
#ifndef WEFT_NETWORK_MODEL_FILE_H
#define WEFT_NETWORK_MODEL_FILE_H

#include "network/model.h"
#include "network/safetensors.h"

/* Adds the metadata and the tensors of `model` to `file`, which has nothing else. Curves, of which
 * a model file keeps a part, are left out. */
WEFT_MUST_CHECK enum weft_status model_file_fill(const struct weft_model *model,
                                                 struct safetensors *file);

/* Makes the model that `file` holds. Messages call the file `path`. */
WEFT_MUST_CHECK enum weft_status model_file_take(const char *path, struct safetensors *file,
                                                 struct weft_model **model);

/* Tells whether `path` is a safetensors file, and so perhaps a model. */
bool model_file_possible(const char *path);

#endif
