/* The forward pass of a layer on the CPU. */
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Adds the bias, and applies the activation and dropout, in some rows of a layer. */
static void finish_piece(const void *work, size_t first, size_t count)
{
    const struct workspace_layer *of = work;
    const struct workspace *workspace = of->workspace;
    const struct dense_layer *dense = &workspace->network->layers[of->layer];
    const size_t outputs = dense->outputs;
    float *z = workspace->z[of->layer] + first * outputs; /* [count][O] */
    float *a = workspace->a[of->layer] + first * outputs; /* [count][O] */
    struct batch_draw draw = workspace->draw;
    draw.row += first;
    if (dense->bias)
        cpu_bias_add(z, workspace->parameters + dense->bias_offset, count, outputs);
    if (layer_has_activation(dense))
        cpu_layer_forward(dense->activation, z, count * outputs, a);
    if (dense->dropout > 0.0f && workspace->drawn)
        cpu_dropout(&draw, of->layer, dense->dropout, a, count, outputs);
}

void cpu_dense_finish(struct workspace *workspace, size_t layer)
{
    const struct workspace_layer work = {workspace, layer};
    cpu_after_run(&(struct cpu_after){finish_piece, &work}, workspace->rows,
                  workspace->network->layers[layer].outputs);
}

void cpu_packed_forward(struct workspace *workspace, size_t layer, const float *panels)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const struct workspace_layer work = {workspace, layer};
    cpu_block_product(cpu_layer_input(workspace, layer), panels, workspace->rows, dense->outputs,
                      dense->inputs, workspace->z[layer], &(struct cpu_after){finish_piece, &work});
}

enum weft_status cpu_dense_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    if (cpu_parts_in_use(workspace)) /* output_delta does it */
        return WEFT_OK;
    size_t rows = workspace->rows;
    float *z = workspace->z[layer];                               /* [rows][O] */
    float *product = dense->batch_norm ? workspace->q[layer] : z; /* [rows][O] */
    const struct workspace_layer work = {workspace, layer};
    const struct cpu_after after = {finish_piece, &work};
    const struct cpu_after *then = dense->batch_norm ? NULL : &after;
    if (workspace->training)
        cpu_product(PRODUCT_FORWARD, cpu_layer_input(workspace, layer),
                    workspace->parameters + dense->weight_offset, rows, dense->outputs,
                    dense->inputs, workspace->scratch, product, then);
    else
        cpu_block_product(cpu_layer_input(workspace, layer), workspace->panels[layer], rows,
                          dense->outputs, dense->inputs, product, then);
    if (dense->batch_norm && workspace->training) {
        cpu_batch_norm_statistics(workspace, layer);
        cpu_batch_norm_running(workspace, layer, rows);
    }
    if (dense->batch_norm) {
        cpu_batch_norm_forward(workspace, layer);
        cpu_dense_finish(workspace, layer);
    }
    return WEFT_OK;
}
