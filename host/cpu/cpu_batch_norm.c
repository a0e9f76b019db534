/* Batch normalization inside dense_forward and dense_backward on the CPU. The statistics of a batch
 * have the layout of the running statistics, which follow the parameters; see struct network. */
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
