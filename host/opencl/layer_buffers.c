/* Creates the matrices of layers and targets; see layer_buffers.h. */
#include "opencl/layer_buffers.h"

enum weft_status layer_activations_create(struct workspace *workspace, size_t layer)
{
    struct opencl_device *device = workspace->device;
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const enum weft_memory kind = WEFT_MEMORY_ACTIVATIONS;
    const size_t batch = workspace->batch, outputs = dense->outputs;
    TRY(buffer_create_matrix(device, kind, batch, outputs, "activations", &workspace->a[layer]));
    workspace->z[layer] = workspace->a[layer];
    if (layer_keeps_z(dense))
        TRY(buffer_create_matrix(device, kind, batch, outputs, "pre-activations",
                                 &workspace->z[layer]));
    if (!dense->batch_norm)
        return WEFT_OK;
    return buffer_create_matrix(device, kind, batch, outputs, "products", &workspace->q[layer]);
}

enum weft_status layer_deltas_create(struct workspace *workspace, size_t layer)
{
    return buffer_create_matrix(workspace->device, WEFT_MEMORY_ACTIVATIONS, workspace->batch,
                                workspace->network->layers[layer].outputs, "deltas",
                                &workspace->dz[layer]);
}

enum weft_status batch_targets_create(struct workspace *workspace)
{
    TRY(buffer_create_matrix(workspace->device, WEFT_MEMORY_WORKSPACE, workspace->batch,
                             network_outputs(workspace->network), "targets", &workspace->y));
    return buffer_create(workspace->device, WEFT_MEMORY_WORKSPACE, workspace->batch,
                         "the weights of samples", &workspace->weight);
}
