/* Lists the tensors of a layer; see layer_tensors.h. */
#include "network/layer_tensors.h"

#include <stdio.h>

void layer_tensor_name(size_t layer, const char *kind, char name[LAYER_TENSOR_NAME])
{
    snprintf(name, LAYER_TENSOR_NAME, "layers.%zu.%s", layer, kind);
}

size_t layer_tensors(const struct network *network, size_t l,
                     struct layer_tensor tensors[LAYER_TENSORS])
{
    const struct dense_layer *layer = &network->layers[l];
    const struct {
        const char *kind;
        bool there;
        size_t offset;
    } vectors[] = {
        {"bias", layer->bias, layer->bias_offset},
        {"norm.weight", layer->batch_norm, layer->scale_offset},
        {"norm.bias", layer->batch_norm, layer->shift_offset},
        {"norm.running_mean", layer->batch_norm, layer->mean_offset},
        {"norm.running_var", layer->batch_norm, layer->variance_offset},
    };
    size_t count = 1;
    tensors[0] = (struct layer_tensor){
        .dimensions = 2, .shape = {layer->outputs, layer->inputs}, .offset = layer->weight_offset};
    layer_tensor_name(l, "weight", tensors[0].name);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        if (!vectors[i].there)
            continue;
        tensors[count] = (struct layer_tensor){.dimensions = 1,
                                               .shape = {layer->outputs, 1},
                                               .offset = vectors[i].offset,
                                               .variance = i == 4};
        layer_tensor_name(l, vectors[i].kind, tensors[count++].name);
    }
    return count;
}
