/* Batch normalization inside dense_forward and dense_backward on the CPU. The statistics of a batch
 * have the layout of the running statistics, which follow the parameters; see struct network. */
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Returns the batch mean [O] of a layer, followed by its batch variance [O]. */
static float *batch_statistics(const struct workspace *workspace, const struct dense_layer *dense)
{
    return workspace->statistics + (dense->mean_offset - workspace->network->parameter_count);
}

void cpu_batch_norm_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *q = workspace->q[layer]; /* [rows][O] */
    float *running_mean = workspace->parameters + dense->mean_offset;
    float *running_variance = workspace->parameters + dense->variance_offset;
    const float *mean = running_mean, *variance = running_variance;
    size_t rows = workspace->rows, columns = dense->outputs;
    if (workspace->training) {
        float *statistics = batch_statistics(workspace, dense);
        mean = statistics;
        variance = statistics + columns;
        cpu_norm_statistics(q, rows, columns, statistics, statistics + columns);
        if (rows > 1)
            cpu_norm_running(mean, variance, columns, NORM_MOMENTUM, norm_unbias(rows),
                             running_mean, running_variance);
    }
    cpu_norm_forward(q, rows, columns, mean, variance, workspace->parameters + dense->scale_offset,
                     workspace->parameters + dense->shift_offset, workspace->z[layer]);
}

void cpu_batch_norm_backward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const float *q = workspace->q[layer]; /* [B][O] */
    float *dz = workspace->dz[layer];     /* [B][O] */
    const float *mean = batch_statistics(workspace, dense), *variance = mean + dense->outputs;
    float *dscale = workspace->gradient + dense->scale_offset;
    float *dshift = workspace->gradient + dense->shift_offset;
    cpu_norm_gradient(q, dz, workspace->rows, dense->outputs, mean, variance, dscale, dshift);
    cpu_norm_backward(q, workspace->rows, dense->outputs, mean, variance,
                      workspace->parameters + dense->scale_offset, dscale, dshift, dz);
}
