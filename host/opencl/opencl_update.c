/* The end of a training step on an OpenCL device: the penalty and the update. */
#include <assert.h>

#include "opencl/launch.h"
#include "opencl/opencl_workspace.h"
#include "opencl/step_plan.h"

enum weft_status opencl_network_penalty(struct workspace *workspace, size_t slot)
{
    return launch_penalty_terms(workspace->device, workspace->parameters,
                                workspace->network->weight_count, workspace->partial,
                                workspace->penalty_sums, slot);
}

/* dw += l1 sign(w) + l2 w */
enum weft_status by_operation_gradient(struct workspace *workspace, const struct update_rule *rule,
                                       bool *updated)
{
    *updated = false;
    if (rule == NULL || (rule->l1 == 0.0f && rule->l2 == 0.0f))
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
    bool updated = false;
    assert(update_states(rule) <= workspace->states);
    TRY(workspace->plan->gradient_complete(workspace, rule, &updated));
    if (!updated)
        TRY(parameters_update(workspace, rule));
    if (update_averages(rule)) /* includes the running statistics, which follow the parameters */
        TRY(launch_average_update(device, workspace->parameters,
                                  workspace->state[optimizer_states(rule->optimizer)],
                                  workspace->network->value_count, rule->average_gain));
    /* Submit the batch to the device. Without this, some drivers wait for the end of the epoch. */
    return opencl_check(device, clFlush(device->queue), "flush");
}
