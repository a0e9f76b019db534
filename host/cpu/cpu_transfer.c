/* Copies parameters, the optimizer state, metrics and tensors into and out of a workspace of the
 * CPU. */
#include <assert.h>
#include <string.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

enum weft_status cpu_parameters_upload(struct workspace *workspace, const float *parameters)
{
    const struct network *network = workspace->network;
    memcpy(workspace->parameters, parameters, network->value_count * sizeof *parameters);
    for (size_t l = 0; l < network->layer_count && !workspace->training; l++)
        cpu_panels_pack(parameters + network->layers[l].weight_offset, true,
                        network->layers[l].outputs, network->layers[l].inputs,
                        workspace->panels[l]);
    return WEFT_OK;
}

enum weft_status cpu_parameters_download(struct workspace *workspace, float *parameters)
{
    memcpy(parameters, workspace->parameters, workspace->network->value_count * sizeof *parameters);
    return WEFT_OK;
}

enum weft_status cpu_state_upload(struct workspace *workspace, size_t state, const float *values)
{
    assert(state < workspace->states);
    memcpy(workspace->state[state], values, workspace->network->value_count * sizeof *values);
    return WEFT_OK;
}

enum weft_status cpu_state_download(struct workspace *workspace, size_t state, float *values)
{
    assert(state < workspace->states);
    memcpy(values, workspace->state[state], workspace->network->value_count * sizeof *values);
    return WEFT_OK;
}

enum weft_status cpu_sum_download(struct workspace *workspace, size_t sum, float *values)
{
    memcpy(values, workspace->sums[sum], workspace->network->parameter_count * sizeof *values);
    return WEFT_OK;
}

enum weft_status cpu_sum_upload(struct workspace *workspace, size_t first, size_t count,
                                const float *values)
{
    memcpy(workspace->sums[0] + first, values, count * sizeof *values);
    return WEFT_OK;
}

enum weft_status cpu_range_download(struct workspace *workspace, float *values)
{
    const struct update_range *range = &workspace->range;
    memcpy(values + range->first, workspace->parameters + range->first,
           range->count * sizeof *values);
    return WEFT_OK;
}

float *cpu_sum_in_place(struct workspace *workspace, size_t sum)
{
    return workspace->sums[sum];
}

float *cpu_parameters_in_place(struct workspace *workspace)
{
    return workspace->parameters;
}

enum weft_status cpu_metrics_download(struct workspace *workspace, size_t count,
                                      struct batch_metrics *metrics)
{
    assert(count <= workspace->slots);
    memcpy(metrics, workspace->metrics, count * sizeof *metrics);
    return WEFT_OK;
}

/* A range of numbers in the workspace. */
struct numbers {
    const float *values;
    size_t count;
};

static struct numbers numbers_of(const struct workspace *workspace, enum tensor tensor,
                                 size_t layer)
{
    const struct network *network = workspace->network;
    const struct dense_layer *dense = &network->layers[layer];
    const size_t samples = workspace->count, rows = samples * dense->outputs;
    const size_t targets = samples * network_outputs(network);
    const float *gradient = cpu_whole_gradient(workspace);
    switch (tensor) {
    case TENSOR_INPUT:
        return (struct numbers){workspace->x, samples * network_features(network)};
    case TENSOR_PRODUCT:
        return (struct numbers){workspace->q[layer], rows};
    case TENSOR_STATISTICS:
        return (struct numbers){workspace->statistics +
                                    (dense->mean_offset - network->parameter_count),
                                2 * dense->outputs};
    case TENSOR_PRE_ACTIVATION:
        return (struct numbers){workspace->z[layer], rows};
    case TENSOR_ACTIVATION:
        return (struct numbers){workspace->a[layer], rows};
    case TENSOR_DELTA:
        return (struct numbers){workspace->dz[layer], rows};
    case TENSOR_WEIGHT_GRADIENT:
        return (struct numbers){gradient + dense->weight_offset, dense->outputs * dense->inputs};
    case TENSOR_BIAS_GRADIENT:
        return (struct numbers){gradient + dense->bias_offset, dense->outputs};
    case TENSOR_NORM_GRADIENT:
        return (struct numbers){gradient + dense->scale_offset, 2 * dense->outputs};
    case TENSOR_TARGET:
        return (struct numbers){workspace->y, targets};
    case TENSOR_SAMPLE_WEIGHT:
        return (struct numbers){workspace->weight, samples};
    case TENSOR_CLIP:
        return (struct numbers){&workspace->clip, 1};
    case TENSOR_PROBABILITY:
        break;
    }
    return (struct numbers){workspace->probability, targets};
}

enum weft_status cpu_tensor_download(struct workspace *workspace, enum tensor tensor, size_t layer,
                                     float *values)
{
    const struct numbers numbers = numbers_of(workspace, tensor, layer);
    memcpy(values, numbers.values, numbers.count * sizeof *values);
    return WEFT_OK;
}
