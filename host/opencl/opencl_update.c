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
    return launch_penalty_gradient(workspace->device, workspace->parameters,
                                   opencl_whole_gradient(workspace),
                                   workspace->network->weight_count, rule->l1, rule->l2);
}

enum weft_status opencl_gradient_complete(struct workspace *workspace)
{
    bool updated = false;
    return workspace->panels.pending ? workspace->plan->gradient_complete(workspace, NULL, &updated)
                                     : WEFT_OK;
}

enum weft_status opencl_slice_gradient_add(struct workspace *workspace, bool begins)
{
    struct opencl_device *device = workspace->device;
    const size_t n = workspace->network->parameter_count;
    TRY(opencl_gradient_complete(workspace));
    if (!begins)
        return launch_gradient_add(device, workspace->gradient, workspace->sum, n);
    return opencl_check(device,
                        clEnqueueCopyBuffer(device->queue, workspace->gradient, workspace->sum, 0,
                                            0, n * sizeof(cl_float), 0, NULL, NULL),
                        "copy of a gradient");
}

/* Completes the gradient and adds the gradient of the penalty. The sum of slices is complete. */
static enum weft_status gradient_finish(struct workspace *workspace, const struct update_rule *rule,
                                        bool *updated)
{
    return workspace->sliced ? by_operation_gradient(workspace, rule, updated)
                             : workspace->plan->gradient_complete(workspace, rule, updated);
}

/* Runs the optimizer. The gradient is complete, including the gradient of the penalty. */
static enum weft_status parameters_update(struct workspace *workspace,
                                          const struct update_rule *rule)
{
    const struct network *network = workspace->network;
    const struct update_buffers buffers = {.w = workspace->parameters,
                                           .dw = opencl_whole_gradient(workspace),
                                           .clip = workspace->clip,
                                           .state = {workspace->state[0], workspace->state[1]},
                                           .n = network->parameter_count,
                                           .weights = network->weight_count};
    if (rule->clip_norm != 0.0f)
        TRY(launch_clip_factor(workspace->device, buffers.dw, network->parameter_count,
                               workspace->partial, rule->clip_norm, workspace->clip));
    return launch_update(workspace->device, &buffers, rule);
}

enum weft_status opencl_update(struct workspace *workspace, const struct update_rule *rule)
{
    struct opencl_device *device = workspace->device;
    bool updated = false;
    assert(update_states(rule) <= workspace->states);
    TRY(gradient_finish(workspace, rule, &updated));
    if (!updated)
        TRY(parameters_update(workspace, rule));
    if (update_averages(rule)) /* includes the running statistics, which follow the parameters */
        TRY(launch_average_update(device, workspace->parameters,
                                  workspace->state[optimizer_states(rule->optimizer)],
                                  workspace->network->value_count, rule->average_gain));
    /* Submit the batch to the device. Without this, some drivers wait for the end of the epoch. */
    return opencl_check(device, clFlush(device->queue), "flush");
}
