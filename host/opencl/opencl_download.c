/* Downloads of what a workspace on an OpenCL device has computed. */
#include "opencl/opencl_workspace.h"

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

/* Handles tensors that fused steps store elsewhere. Activations and deltas go to `values`, and
 * *done is true. A gradient in slices is added up first, and the caller then downloads it. */
static enum weft_status download_fused(struct workspace *workspace, enum tensor tensor,
                                       size_t layer, float *values, bool *done)
{
    const bool hidden = layer + 1 < workspace->network->layer_count;
    const bool gradient = tensor == TENSOR_WEIGHT_GRADIENT || tensor == TENSOR_BIAS_GRADIENT;
    *done = tensor == TENSOR_DELTA || (tensor == TENSOR_ACTIVATION && hidden);
    if (*done)
        return workspace->fused != NULL
                   ? fused_download(workspace->fused, tensor, layer, workspace->present, values)
                   : middle_download(workspace->middle, tensor, layer, workspace->present, values);
    if (!gradient || workspace->fused_summed)
        return WEFT_OK;
    workspace->fused_summed = true;
    return workspace->fused != NULL
               ? fused_update(workspace->fused, NULL, workspace->gradient, workspace->parameters)
               : middle_update(workspace->middle, NULL, workspace->gradient, workspace->parameters);
}

enum weft_status opencl_tensor_download(struct workspace *workspace, enum tensor tensor,
                                        size_t layer, float *values)
{
    struct opencl_device *device = workspace->device;
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const size_t rows = workspace->present;
    bool done = false;
    if (workspace->fused != NULL || workspace->middle != NULL)
        TRY(download_fused(workspace, tensor, layer, values, &done));
    if (done)
        return WEFT_OK;
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
        return buffer_download(device, workspace->gradient, dense->weight_offset, values,
                               dense->outputs * dense->inputs);
    case TENSOR_BIAS_GRADIENT:
        return buffer_download(device, workspace->gradient, dense->bias_offset, values,
                               dense->outputs);
    case TENSOR_NORM_GRADIENT:
        return buffer_download(device, workspace->gradient, dense->scale_offset, values,
                               2 * dense->outputs);
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
