/* The forward pass of a layer on the CPU. */
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

void cpu_dense_finish(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const size_t rows = workspace->rows;
    float *z = workspace->z[layer]; /* [rows][O] */
    if (dense->bias)
        cpu_bias_add(z, workspace->parameters + dense->bias_offset, rows, dense->outputs);
    if (layer_has_activation(dense))
        cpu_layer_forward(dense->activation, z, rows * dense->outputs, workspace->a[layer]);
    if (dense->dropout > 0.0f && workspace->drawn)
        cpu_dropout(&workspace->draw, layer, dense->dropout, workspace->a[layer], rows,
                    dense->outputs);
}

enum weft_status cpu_dense_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    size_t rows = workspace->rows;
    float *z = workspace->z[layer];                               /* [rows][O] */
    float *product = dense->batch_norm ? workspace->q[layer] : z; /* [rows][O] */
    if (workspace->training)
        cpu_product(PRODUCT_FORWARD, cpu_layer_input(workspace, layer),
                    workspace->parameters + dense->weight_offset, rows, dense->outputs,
                    dense->inputs, workspace->scratch, product);
    else
        cpu_block_product(cpu_layer_input(workspace, layer), workspace->panels[layer], rows,
                          dense->outputs, dense->inputs, product);
    if (dense->batch_norm && workspace->training) {
        cpu_batch_norm_statistics(workspace, layer);
        cpu_batch_norm_running(workspace, layer, rows);
    }
    if (dense->batch_norm)
        cpu_batch_norm_forward(workspace, layer);
    cpu_dense_finish(workspace, layer);
    return WEFT_OK;
}
