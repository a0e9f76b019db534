/* Batch normalization inside dense_forward and dense_backward on the CPU. The statistics of a batch
 * have the layout of the running statistics, which follow the parameters; see struct network. */
#include <string.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Returns the batch mean [O] of a layer, followed by its batch variance [O]. */
static float *batch_statistics(const struct workspace *workspace, const struct dense_layer *dense)
{
    return workspace->statistics + (dense->mean_offset - workspace->network->parameter_count);
}

void cpu_batch_norm_statistics(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    float *statistics = batch_statistics(workspace, dense);
    cpu_norm_statistics(workspace->q[layer], workspace->rows, dense->outputs, statistics,
                        statistics + dense->outputs);
}

void cpu_batch_norm_running(struct workspace *workspace, size_t layer, size_t samples)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *statistics = batch_statistics(workspace, dense);
    if (samples > 1)
        cpu_norm_running(statistics, statistics + dense->outputs, dense->outputs, NORM_MOMENTUM,
                         norm_unbias(samples), workspace->parameters + dense->mean_offset,
                         workspace->parameters + dense->variance_offset);
}

void cpu_batch_norm_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *mean = workspace->parameters + dense->mean_offset; /* the running statistics */
    const float *variance = workspace->parameters + dense->variance_offset;
    if (workspace->training) {
        mean = batch_statistics(workspace, dense);
        variance = mean + dense->outputs;
    }
    cpu_norm_forward(workspace->q[layer], workspace->rows, dense->outputs, mean, variance,
                     workspace->parameters + dense->scale_offset,
                     workspace->parameters + dense->shift_offset, workspace->z[layer]);
}

void cpu_batch_norm_gradient(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *mean = batch_statistics(workspace, dense), *variance = mean + dense->outputs;
    cpu_norm_gradient(workspace->q[layer], workspace->dz[layer], workspace->rows, dense->outputs,
                      mean, variance, workspace->gradient + dense->scale_offset,
                      workspace->gradient + dense->shift_offset);
}

void cpu_batch_norm_backward(struct workspace *workspace, size_t layer, size_t samples,
                             const float *dscale, const float *dshift)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *mean = batch_statistics(workspace, dense), *variance = mean + dense->outputs;
    cpu_norm_backward(workspace->q[layer], workspace->rows, dense->outputs, samples, mean, variance,
                      workspace->parameters + dense->scale_offset, dscale, dshift,
                      workspace->dz[layer]);
}

/* ---- a batch in slices: the statistics of the slices merge between these parts ---- */

/* Returns the bytes of the mean and the variance [2][O] of a layer. */
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
                dense->inputs, workspace->scratch, workspace->q[layer], NULL);
    cpu_batch_norm_statistics(workspace, layer);
    memcpy(statistics, batch_statistics(workspace, &workspace->network->layers[layer]),
           bytes_of(workspace, layer));
    return WEFT_OK;
}

enum weft_status cpu_slice_norm_merge(struct workspace *workspace, size_t layer,
                                      const float *statistics, size_t samples)
{
    memcpy(batch_statistics(workspace, &workspace->network->layers[layer]), statistics,
           bytes_of(workspace, layer));
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
