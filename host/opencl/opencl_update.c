/* The end of a training step on an OpenCL device: the penalty, the update and the optimizer
 * state. */
#include <assert.h>

#include "opencl/launch.h"
#include "opencl/opencl_workspace.h"

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

enum weft_status opencl_penalty_terms(struct workspace *workspace, size_t slot)
{
    return launch_penalty_terms(workspace->device, workspace->parameters,
                                workspace->network->weight_count, workspace->partial,
                                workspace->penalty_sums, slot);
}

/* dw += l1 sign(w) + l2 w */
static enum weft_status penalty_add(struct workspace *workspace, const struct update_rule *rule)
{
    if (rule->l1 == 0.0f && rule->l2 == 0.0f)
        return WEFT_OK;
    return launch_penalty_gradient(workspace->device, workspace->parameters, workspace->gradient,
                                   workspace->network->weight_count, rule->l1, rule->l2);
}

/* Runs the optimizer. The gradient is complete, including the gradient of the penalty. */
static enum weft_status parameters_update(struct workspace *workspace,
                                          const struct update_rule *rule)
{
    const struct network *network = workspace->network;
    const struct update_buffers buffers = {.w = workspace->parameters,
                                           .dw = workspace->gradient,
                                           .clip = workspace->clip,
                                           .state = {workspace->state[0], workspace->state[1]},
                                           .n = network->parameter_count,
                                           .weights = network->weight_count};
    if (rule->clip_norm != 0.0f)
        TRY(launch_clip_factor(workspace->device, workspace->gradient, network->parameter_count,
                               workspace->partial, rule->clip_norm, workspace->clip));
    return launch_update(workspace->device, &buffers, rule);
}

enum weft_status opencl_update(struct workspace *workspace, const struct update_rule *rule)
{
    struct opencl_device *device = workspace->device;
    const size_t count = workspace->network->value_count; /* includes the statistics */
    assert(update_states(rule) <= workspace->states);
    if (workspace->fused != NULL) {
        workspace->fused_summed = true;
        TRY(fused_update(workspace->fused, rule, workspace->gradient, workspace->parameters));
    } else if (workspace->middle != NULL) {
        workspace->fused_summed = true;
        TRY(middle_update(workspace->middle, rule, workspace->gradient, workspace->parameters));
    } else {
        TRY(penalty_add(workspace, rule));
    }
    if ((workspace->fused == NULL && workspace->middle == NULL) || !fused_updates(rule))
        TRY(parameters_update(workspace, rule));
    if (update_averages(rule))
        TRY(launch_average_update(device, workspace->parameters,
                                  workspace->state[optimizer_states(rule->optimizer)], count,
                                  rule->average_gain));
    /* Submit the batch to the device. Without this, some drivers wait for the end of the epoch. */
    return opencl_check(device, clFlush(device->queue), "flush");
}
