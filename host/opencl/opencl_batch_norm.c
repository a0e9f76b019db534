/* Batch normalization inside dense_forward and dense_backward on an OpenCL device. The statistics
 * of a batch have the layout of the running statistics, which follow the parameters; see struct
 * network. */
#include "opencl/launch.h"
#include "opencl/layer_products.h"
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
                                .samples = workspace->rows,
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

enum weft_status opencl_batch_norm_statistics(struct workspace *workspace, size_t layer)
{
    const struct norm_buffers norm = buffers_of(workspace, layer, workspace->z[layer]);
    return launch_norm_statistics(workspace->device, &norm);
}

enum weft_status opencl_batch_norm_running(struct workspace *workspace, size_t layer,
                                           size_t samples)
{
    const struct norm_buffers norm = buffers_of(workspace, layer, workspace->z[layer]);
    if (samples < 2)
        return WEFT_OK;
    return launch_norm_running(workspace->device, &norm, NORM_MOMENTUM, norm_unbias(samples));
}

enum weft_status opencl_batch_norm_forward(struct workspace *workspace, size_t layer)
{
    const struct norm_buffers norm = buffers_of(workspace, layer, workspace->z[layer]);
    return launch_norm_forward(workspace->device, &norm);
}

enum weft_status opencl_batch_norm_gradient(struct workspace *workspace, size_t layer)
{
    const struct norm_buffers norm = buffers_of(workspace, layer, workspace->dz[layer]);
    return launch_norm_gradient(workspace->device, &norm);
}

enum weft_status opencl_batch_norm_backward(struct workspace *workspace, size_t layer)
{
    const struct norm_buffers norm = buffers_of(workspace, layer, workspace->dz[layer]);
    return launch_norm_backward(workspace->device, &norm);
}

/* ---- a batch in slices: the statistics of the slices merge between these parts ---- */

static size_t statistics_first(const struct workspace *workspace, size_t layer)
{
    const struct network *network = workspace->network;
    return network->layers[layer].mean_offset - network->parameter_count;
}

enum weft_status opencl_slice_norm_statistics(struct workspace *workspace, size_t layer,
                                              float *statistics)
{
    const struct product product = layer_product_forward(workspace, layer);
    TRY(products_run(workspace->device, &product, workspace->product_workspace));
    TRY(opencl_batch_norm_statistics(workspace, layer));
    return buffer_download(workspace->device, workspace->statistics,
                           statistics_first(workspace, layer), statistics,
                           2 * workspace->network->layers[layer].outputs);
}

enum weft_status opencl_slice_norm_merge(struct workspace *workspace, size_t layer,
                                         const float *statistics, size_t samples)
{
    TRY(buffer_upload(workspace->device, workspace->statistics, statistics_first(workspace, layer),
                      statistics, 2 * workspace->network->layers[layer].outputs));
    return opencl_batch_norm_running(workspace, layer, samples);
}

enum weft_status opencl_slice_norm_forward(struct workspace *workspace, size_t layer)
{
    TRY(opencl_batch_norm_forward(workspace, layer));
    return opencl_dense_finish(workspace, layer, 0);
}

enum weft_status opencl_slice_norm_gradient(struct workspace *workspace, size_t layer,
                                            float *gradient)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    return buffer_download(workspace->device, workspace->gradient, dense->scale_offset, gradient,
                           2 * dense->outputs);
}

enum weft_status opencl_slice_norm_backward(struct workspace *workspace, size_t layer,
                                            const float *gradient, size_t samples)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const size_t first = statistics_first(workspace, layer);
    struct norm_buffers norm = buffers_of(workspace, layer, workspace->dz[layer]);
    norm.samples = samples;
    norm.dscale = (struct norm_vector){workspace->whole_norm, first};
    norm.dshift = (struct norm_vector){workspace->whole_norm, first + dense->outputs};
    TRY(buffer_upload(workspace->device, workspace->whole_norm, first, gradient,
                      2 * dense->outputs));
    return launch_norm_backward(workspace->device, &norm);
}
