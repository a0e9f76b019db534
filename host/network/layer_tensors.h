/* The tensors of a layer, as files store them: layers.0.weight [O][I] and layers.0.bias [O].
 *
 * A layer with batch norm has no bias. Instead, it has layers.0.norm.weight, .bias, .running_mean
 * and .running_var, each [O]. These are PyTorch's names for the scale, the shift and the running
 * statistics.
 */
#ifndef WEFT_NETWORK_LAYER_TENSORS_H
#define WEFT_NETWORK_LAYER_TENSORS_H

#include "network/network.h"

enum { LAYER_TENSOR_NAME = 48, LAYER_TENSORS = 5 };

struct layer_tensor {
    char name[LAYER_TENSOR_NAME];
    size_t dimensions, shape[2]; /* [O][I] for 2 dimensions; [O] and a 1 for 1 dimension */
    size_t offset;               /* position of its numbers among the values of the network */
    bool variance;               /* its numbers must not be negative */
};

/* Writes the name of a tensor: "layers.0.weight". */
void layer_tensor_name(size_t layer, const char *kind, char name[LAYER_TENSOR_NAME]);

/* Lists the tensors of layer `l` in the order of files, and returns their number. */
size_t layer_tensors(const struct network *network, size_t l,
                     struct layer_tensor tensors[LAYER_TENSORS]);

#endif
