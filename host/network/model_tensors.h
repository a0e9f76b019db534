/* Copies the numbers of a model to and from the tensors of a file. The tensors of the layers come
 * first (see layer_tensors.h), followed by scale.mean [D] and scale.std [D], and by target.mean [C]
 * and target.std [C]. */
#ifndef WEFT_NETWORK_MODEL_TENSORS_H
#define WEFT_NETWORK_MODEL_TENSORS_H

#include "network/model.h"
#include "network/safetensors.h"

/* Adds the tensors of `model` to `file` in the order above. */
WEFT_MUST_CHECK enum weft_status model_tensors_write(const struct weft_model *model,
                                                     struct safetensors *file);

/* The tensors from which a model is read. The functions below return WEFT_ERROR_MODEL with messages
 * that begin with `path`. */
struct tensor_source {
    const char *path;
    const struct safetensors *file; /* the whole file, or a view of the tensors of one member */
    const char *prefix;             /* prefix that the view removed from their names, or "" */
};

/* Checks that the file has weights of the given shape. After this check, it is safe to allocate a
 * model of that shape. */
WEFT_MUST_CHECK enum weft_status model_tensors_fit(struct tensor_source source,
                                                   const struct model_shape *shape);

/* Which tensors of a model a file must have. */
enum tensor_rule {
    TENSORS_EXACT,        /* every tensor, and the requested scales */
    TENSORS_WEIGHTS_ALONE /* weights only; missing values keep their initial state, and a scale
                             that was not requested is skipped */
};

/* The scales to read from a file. */
struct tensor_scales {
    bool features; /* scale.mean and scale.std */
    bool targets;  /* target.mean and target.std */
};

/* Returns the scales that a file has. One of its two tensors is enough, so half a scale fails with
 * a message about the missing tensor. */
struct tensor_scales tensor_scales_of(const struct safetensors *file);

/* Tells whether all members of an ensemble share this tensor: it belongs to a scale. */
bool model_tensor_is_shared(const char *name);

/* Checks that the tensors of the file are those of `model`, with the given scales. The file may
 * still be open. A tensor that does not belong to the model is an error too, because it would be
 * lost silently. */
WEFT_MUST_CHECK enum weft_status model_tensors_check(struct tensor_source source,
                                                     enum tensor_rule rule,
                                                     struct tensor_scales scales,
                                                     const struct weft_model *model);

/* Reads the parameters and statistics of `model`, and the given scales. model_tensors_check must
 * have accepted the file. */
WEFT_MUST_CHECK enum weft_status model_tensors_read(struct tensor_source source,
                                                    enum tensor_rule rule,
                                                    struct tensor_scales scales,
                                                    struct weft_model *model);

#endif
