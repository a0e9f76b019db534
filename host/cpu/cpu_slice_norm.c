/* Batch normalization of a batch in slices on the CPU. The statistics of the slices merge between
 * these parts of dense_forward and dense_backward. */
#include <string.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Returns the mean and the variance [2][O] of a layer. */
static float *statistics_of(const struct workspace *workspace, size_t layer)
{
    const struct network *network = workspace->network;
    return workspace->statistics + (network->layers[layer].mean_offset - network->parameter_count);
}

static size_t bytes_of(const struct workspace *workspace, size_t layer)
{
    return 2 * workspace->network->layers[layer].outputs * sizeof(float);
}

enum weft_status cpu_slice_norm_statistics(struct workspace *workspace, size_t layer,
                                           float *statistics)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    cpu_product(PRODUCT_FORWARD, cpu_layer_input(workspace, layer),
                workspace->parameters + dense->weight_offset, workspace->rows, dense->outputs,
                dense->inputs, workspace->scratch, workspace->q[layer]);
    cpu_batch_norm_statistics(workspace, layer);
    memcpy(statistics, statistics_of(workspace, layer), bytes_of(workspace, layer));
    return WEFT_OK;
}

enum weft_status cpu_slice_norm_merge(struct workspace *workspace, size_t layer,
                                      const float *statistics, size_t samples)
{
    memcpy(statistics_of(workspace, layer), statistics, bytes_of(workspace, layer));
    cpu_batch_norm_running(workspace, layer, samples);
    return WEFT_OK;
}

enum weft_status cpu_slice_norm_forward(struct workspace *workspace, size_t layer)
{
    cpu_batch_norm_forward(workspace, layer);
    cpu_dense_finish(workspace, layer);
    return WEFT_OK;
}

enum weft_status cpu_slice_norm_gradient(struct workspace *workspace, size_t layer, float *gradient)
{
    memcpy(gradient, workspace->gradient + workspace->network->layers[layer].scale_offset,
           bytes_of(workspace, layer));
    return WEFT_OK;
}

enum weft_status cpu_slice_norm_backward(struct workspace *workspace, size_t layer,
                                         const float *gradient, size_t samples)
{
    cpu_batch_norm_backward(workspace, layer, samples, gradient,
                            gradient + workspace->network->layers[layer].outputs);
    return WEFT_OK;
}
