/* Copies parameters, the optimizer state, metrics and tensors between the host and an OpenCL
 * device. */
#include <assert.h>

#include "opencl/opencl_workspace.h"

enum weft_status opencl_parameters_upload(struct workspace *workspace, const float *parameters)
{
    return buffer_upload(workspace->device, workspace->parameters, 0, parameters,
                         workspace->network->value_count);
}

enum weft_status opencl_parameters_download(struct workspace *workspace, float *parameters)
{
    return buffer_download(workspace->device, workspace->parameters, 0, parameters,
                           workspace->network->value_count);
}

enum weft_status opencl_state_upload(struct workspace *workspace, size_t state, const float *values)
{
    assert(state < workspace->states);
    return buffer_upload(workspace->device, workspace->state[state], 0, values,
                         workspace->network->value_count);
}

enum weft_status opencl_state_download(struct workspace *workspace, size_t state, float *values)
{
    assert(state < workspace->states);
    return buffer_download(workspace->device, workspace->state[state], 0, values,
                           workspace->network->value_count);
}

enum weft_status opencl_sum_download(struct workspace *workspace, size_t sum, float *values)
{
    return buffer_download(workspace->device, workspace->sums[sum], 0, values,
                           workspace->network->parameter_count);
}

enum weft_status opencl_sum_upload(struct workspace *workspace, size_t first, size_t count,
                                   const float *values)
{
    return count == 0 ? WEFT_OK
                      : buffer_upload(workspace->device, workspace->sums[0], first, values, count);
}

enum weft_status opencl_range_download(struct workspace *workspace, float *values)
{
    const struct update_range *range = &workspace->range;
    return range->count == 0 ? WEFT_OK
                             : buffer_download(workspace->device, workspace->parameters,
                                               range->first, values + range->first, range->count);
}

enum weft_status opencl_metrics_download(struct workspace *workspace, size_t count,
                                         struct batch_metrics *metrics)
{
    struct opencl_device *device = workspace->device;
    float *loss = workspace->host_sums, *penalty = workspace->host_sums + workspace->slots;
    TRY(buffer_download(device, workspace->loss_sums, 0, loss, count));
    TRY(buffer_download(device, workspace->penalty_sums, 0, penalty, 2 * count));
    TRY(buffer_download(device, workspace->correct_counts, 0, workspace->host_counts, count));
    for (size_t i = 0; i < count; i++)
        metrics[i] = (struct batch_metrics){.loss = loss[i],
                                            .weight_abs = penalty[2 * i],
                                            .weight_squares = penalty[2 * i + 1],
                                            .correct = workspace->host_counts[i]};
    return WEFT_OK;
}

enum weft_status opencl_tensor_download(struct workspace *workspace, enum tensor tensor,
                                        size_t layer, float *values)
{
    struct opencl_device *device = workspace->device;
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const cl_mem gradient = opencl_whole_gradient(workspace);
    const size_t rows = workspace->count;
    if (step_panels_hold(&workspace->panels, workspace->network, tensor, layer))
        return step_panels_download(&workspace->panels, tensor, layer, rows, values);
    switch (tensor) {
    case TENSOR_INPUT:
        return buffer_download(device, workspace->x, workspace->x_offset, values,
                               rows * network_features(workspace->network));
    case TENSOR_PRODUCT:
        return buffer_download(device, workspace->q[layer], 0, values, rows * dense->outputs);
    case TENSOR_STATISTICS:
        return buffer_download(device, workspace->statistics,
                               dense->mean_offset - workspace->network->parameter_count, values,
                               2 * dense->outputs);
    case TENSOR_PRE_ACTIVATION:
        return buffer_download(device, workspace->z[layer], 0, values, rows * dense->outputs);
    case TENSOR_ACTIVATION:
        return buffer_download(device, workspace->a[layer], 0, values, rows * dense->outputs);
    case TENSOR_DELTA:
        return buffer_download(device, workspace->dz[layer], 0, values, rows * dense->outputs);
    case TENSOR_WEIGHT_GRADIENT:
        TRY(opencl_gradient_complete(workspace));
        return buffer_download(device, gradient, dense->weight_offset, values,
                               dense->outputs * dense->inputs);
    case TENSOR_BIAS_GRADIENT:
        TRY(opencl_gradient_complete(workspace));
        return buffer_download(device, gradient, dense->bias_offset, values, dense->outputs);
    case TENSOR_NORM_GRADIENT:
        return buffer_download(device, gradient, dense->scale_offset, values, 2 * dense->outputs);
    case TENSOR_TARGET:
        return buffer_download(device, workspace->y, 0, values,
                               rows * network_outputs(workspace->network));
    case TENSOR_SAMPLE_WEIGHT:
        return buffer_download(device, workspace->weight, 0, values, rows);
    case TENSOR_CLIP:
        return buffer_download(device, workspace->clip, 0, values, 1);
    case TENSOR_PROBABILITY:
        break;
    }
    return buffer_download(device, workspace->probability, 0, values,
                           rows * network_outputs(workspace->network));
}
