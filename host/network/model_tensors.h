/* The numbers of a model and the tensors of a file: those of the layers, see layer_tensors.h, then
 * scale.mean [D], scale.std [D]. */
#ifndef WEFT_NETWORK_MODEL_TENSORS_H
#define WEFT_NETWORK_MODEL_TENSORS_H

#include "network/model.h"
#include "network/safetensors.h"

/* Adds the tensors of `model` to `file`, in the order above. */
WEFT_MUST_CHECK enum weft_status model_tensors_write(const struct weft_model *model,
                                                     struct safetensors *file);

/* The tensors that a model is read from, and what messages call them: errors of the functions below
 * are WEFT_ERROR_MODEL and begin with `path`. */
struct tensor_source {
    const char *path;
    const struct safetensors *file; /* the whole file, or a view of a member's tensors */
    const char *prefix;             /* that the view took off their names; "": none */
};

/* Checks that the file has weights of the shapes of such a model: it is then safe to allocate one.
 */
WEFT_MUST_CHECK enum weft_status model_tensors_fit(struct tensor_source source,
                                                   const struct model_shape *shape);

/* What a file may lack or hold besides the layers. */
enum tensor_rule {
    TENSORS_EXACT,        /* every tensor; a scale where `scaled` */
    TENSORS_WEIGHTS_ALONE /* all but weights may be missing, and is then as it is before training; a
                             scale that is not asked for is skipped */
};

/* Checks that the tensors, whose file may be open still, are those of `model`, with a scale
 * where `scaled`. One that has no place in the model is an error too: something would be lost
 * silently. */
WEFT_MUST_CHECK enum weft_status model_tensors_check(struct tensor_source source,
                                                     enum tensor_rule rule, bool scaled,
                                                     const struct weft_model *model);

/* Fills the parameters and statistics of `model`, and its scale where `scaled`, from a file that
 * was checked. */
WEFT_MUST_CHECK enum weft_status model_tensors_read(struct tensor_source source,
                                                    enum tensor_rule rule, bool scaled,
                                                    struct weft_model *model);

#endif
