/* Batch normalization inside dense_forward and dense_backward on an OpenCL device. The statistics
 * of a batch have the layout of the running statistics, which follow the parameters; see struct
 * network. */
#include "opencl/launch.h"
#include "opencl/opencl_workspace.h"

/* Collects the buffers of a layer for the launchers; `u` [rows][O] is the layer's z or its
 * delta. */
static struct norm_buffers buffers_of(const struct workspace *workspace, size_t layer, cl_mem u)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const size_t count = workspace->network->parameter_count;
    const cl_mem values = workspace->parameters, gradient = workspace->gradient;
    struct norm_buffers norm = {.q = workspace->q[layer],
                                .u = u,
                                .partial = workspace->partial,
                                .rows = workspace->rows,
                                .columns = dense->outputs,
                                .mean = {values, dense->mean_offset},
                                .variance = {values, dense->variance_offset},
                                .scale = {values, dense->scale_offset},
                                .shift = {values, dense->shift_offset},
                                .dscale = {gradient, dense->scale_offset},
                                .dshift = {gradient, dense->shift_offset},
                                .running_mean = {values, dense->mean_offset},
                                .running_variance = {values, dense->variance_offset}};
    if (workspace->training) {
        norm.mean = (struct norm_vector){workspace->statistics, dense->mean_offset - count};
        norm.variance = (struct norm_vector){workspace->statistics, dense->variance_offset - count};
    }
    return norm;
}

enum weft_status opencl_batch_norm_forward(struct workspace *workspace, size_t layer)
{
    const struct norm_buffers norm = buffers_of(workspace, layer, workspace->z[layer]);
    if (workspace->training)
        TRY(launch_norm_statistics(workspace->device, &norm));
    if (workspace->training && workspace->rows > 1)
        TRY(launch_norm_running(workspace->device, &norm, NORM_MOMENTUM,
                                norm_unbias(workspace->rows)));
    return launch_norm_forward(workspace->device, &norm);
}

enum weft_status opencl_batch_norm_backward(struct workspace *workspace, size_t layer)
{
    const struct norm_buffers norm = buffers_of(workspace, layer, workspace->dz[layer]);
    TRY(launch_norm_gradient(workspace->device, &norm));
    return launch_norm_backward(workspace->device, &norm);
}
