/* The backward pass of a layer on the CPU. */
#include <assert.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* dz_below [B][I] = (dz [B][O] W) a'(z_below), then dq_below for layers with batch norm */
static void delta_below(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const struct dense_layer *below = &workspace->network->layers[layer - 1];
    const size_t rows = workspace->rows, n = rows * below->outputs;
    float *dz = workspace->dz[layer - 1]; /* [B][I] */
    cpu_product(PRODUCT_DELTA, workspace->dz[layer], workspace->parameters + dense->weight_offset,
                rows, dense->inputs, dense->outputs, workspace->scratch, dz);
    if (below->dropout > 0.0f && workspace->drawn)
        cpu_dropout_delta(workspace->a[layer - 1], below->dropout, n, dz);
    if (below->activation != WEFT_ACTIVATION_IDENTITY)
        cpu_layer_backward(below->activation, layer_keeps_z(below), workspace->z[layer - 1], n, dz);
    if (!below->batch_norm)
        return;
    cpu_batch_norm_gradient(workspace, layer - 1);
    if (!workspace->sliced) /* otherwise, norm_backward follows */
        cpu_batch_norm_backward(workspace, layer - 1, rows,
                                workspace->gradient + below->scale_offset,
                                workspace->gradient + below->shift_offset);
}

enum weft_status cpu_dense_backward(struct workspace *workspace, size_t layer)
{
    assert(workspace->training);
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *dz = workspace->dz[layer]; /* [B][O] */
    cpu_product(PRODUCT_WEIGHT_GRADIENT, dz, cpu_layer_input(workspace, layer), dense->outputs,
                dense->inputs, workspace->rows, workspace->scratch,
                workspace->gradient + dense->weight_offset);
    if (dense->bias)
        cpu_bias_gradient(dz, workspace->rows, dense->outputs,
                          workspace->gradient + dense->bias_offset);
    if (layer > 0)
        delta_below(workspace, layer);
    return WEFT_OK;
}
