/* The matrices of single layers, and the targets of a batch. The plan of a step knows which of them
 * it needs. */
#ifndef WEFT_OPENCL_LAYER_BUFFERS_H
#define WEFT_OPENCL_LAYER_BUFFERS_H

#include "opencl/opencl_workspace.h"

/* Creates a, z and q of the layer, as far as it has them. */
WEFT_MUST_CHECK enum weft_status layer_activations_create(struct workspace *workspace,
                                                          size_t layer);

/* Creates dz of the layer. */
WEFT_MUST_CHECK enum weft_status layer_deltas_create(struct workspace *workspace, size_t layer);

/* Creates y and the weights of the samples. */
WEFT_MUST_CHECK enum weft_status batch_targets_create(struct workspace *workspace);

#endif
