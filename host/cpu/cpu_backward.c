/* The backward pass of a layer on the CPU. */
#include <assert.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Multiplies some rows of a layer's delta by dropout and the slope of the activation. */
static void slope_piece(const void *work, size_t first, size_t count)
{
    const struct workspace_layer *of = work;
    const struct workspace *workspace = of->workspace;
    const struct dense_layer *dense = &workspace->network->layers[of->layer];
    const size_t skip = first * dense->outputs, n = count * dense->outputs;
    float *dz = workspace->dz[of->layer] + skip; /* [count][O] */
    if (dense->dropout > 0.0f && workspace->drawn)
        cpu_dropout_delta(workspace->a[of->layer] + skip, dense->dropout, n, dz);
    if (dense->activation != WEFT_ACTIVATION_IDENTITY)
        cpu_layer_backward(dense->activation, layer_keeps_z(dense), workspace->z[of->layer] + skip,
                           n, dz);
}

void cpu_packed_delta(struct workspace *workspace, size_t layer, const float *panels)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const struct workspace_layer work = {workspace, layer - 1};
    cpu_block_product(workspace->dz[layer], panels, workspace->rows, dense->inputs, dense->outputs,
                      workspace->dz[layer - 1], &(struct cpu_after){slope_piece, &work});
}

/* dz_below [B][I] = (dz [B][O] W) a'(z_below), then dq_below for layers with batch norm */
static void delta_below(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const struct dense_layer *below = &workspace->network->layers[layer - 1];
    const size_t rows = workspace->rows;
    const struct workspace_layer work = {workspace, layer - 1};
    const struct cpu_after after = {slope_piece, &work};
    cpu_product(PRODUCT_DELTA, workspace->dz[layer], workspace->parameters + dense->weight_offset,
                rows, dense->inputs, dense->outputs, workspace->scratch, workspace->dz[layer - 1],
                &after);
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
    if (cpu_parts_in_use(workspace)) /* output_delta has done it */
        return WEFT_OK;
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *dz = workspace->dz[layer]; /* [B][O] */
    cpu_product(PRODUCT_WEIGHT_GRADIENT, dz, cpu_layer_input(workspace, layer), dense->outputs,
                dense->inputs, workspace->rows, workspace->scratch,
                workspace->gradient + dense->weight_offset, NULL);
    if (dense->bias)
        cpu_bias_gradient(dz, workspace->rows, dense->outputs,
                          workspace->gradient + dense->bias_offset);
    if (layer > 0)
        delta_below(workspace, layer);
    return WEFT_OK;
}
