/* The tensors of a layer as files have them: layers.0.weight [O][I], layers.0.bias [O], and of a
 * layer with batch norm, in the place of its bias, layers.0.norm.weight, .bias, .running_mean and
 * .running_var [O], PyTorch's names for its scale, shift and running statistics. */
#ifndef WEFT_NETWORK_LAYER_TENSORS_H
#define WEFT_NETWORK_LAYER_TENSORS_H

#include "network/network.h"

enum { LAYER_TENSOR_NAME = 48, LAYER_TENSORS = 5 };

struct layer_tensor {
    char name[LAYER_TENSOR_NAME];
    size_t dimensions, shape[2]; /* 2: [O][I], 1: [O], whose shape[1] is 1 */
    size_t offset;               /* of its numbers among the network's values */
    bool variance;               /* no number of it is below 0 */
};

/* "layers.0.weight" */
void layer_tensor_name(size_t layer, const char *kind, char name[LAYER_TENSOR_NAME]);

/* Those of layer `l`, in the order of files; how many there are. */
size_t layer_tensors(const struct network *network, size_t l,
                     struct layer_tensor tensors[LAYER_TENSORS]);

#endif
