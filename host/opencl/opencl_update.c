/* The end of a training step on an OpenCL device: the penalty and the update. */
#include <assert.h>

#include "base/memory.h"
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

enum weft_status opencl_slice_gradient_add(struct workspace *workspace, size_t sum, bool begins)
{
    struct opencl_device *device = workspace->device;
    const size_t n = workspace->network->parameter_count;
    TRY(opencl_gradient_complete(workspace));
    if (!begins)
        return launch_gradient_add(device, workspace->gradient, workspace->sums[sum], n);
    return opencl_check(device,
                        clEnqueueCopyBuffer(device->queue, workspace->gradient,
                                            workspace->sums[sum], 0, 0, n * sizeof(cl_float), 0,
                                            NULL, NULL),
                        "copy of a gradient");
}

enum weft_status opencl_sum_clear(struct workspace *workspace, size_t sum)
{
    return buffer_fill(workspace->device, workspace->sums[sum], -0.0f,
                       workspace->network->parameter_count);
}

enum weft_status opencl_sum_add(struct workspace *workspace, size_t into, size_t from)
{
    return launch_gradient_add(workspace->device, workspace->sums[from], workspace->sums[into],
                               workspace->network->parameter_count);
}

/* Returns how many of the first `end` values are in the range. */
static size_t range_below(const struct workspace *workspace, size_t end)
{
    const struct update_range *range = &workspace->range;
    return size_min(range->count, size_max(end, range->first) - range->first);
}

/* Returns what an update changes: the range, or all. */
static struct update_buffers buffers_of(const struct workspace *workspace)
{
    const bool views = workspace->range_w != NULL;
    struct update_buffers buffers = {
        .w = views ? workspace->range_w : workspace->parameters,
        .dw = views ? workspace->range_dw : opencl_whole_gradient(workspace),
        .clip = workspace->clip,
        .n = range_below(workspace, workspace->network->parameter_count),
        .weights = range_below(workspace, workspace->network->weight_count)};
    for (size_t i = 0; i < OPTIMIZER_MOST_STATES; i++)
        buffers.state[i] = views ? workspace->range_state[i] : workspace->state[i];
    return buffers;
}

/* Adds the gradient of the penalty to a sum of slices. The norm of the gradient needs all of it. */
static enum weft_status sum_finish(struct workspace *workspace, const struct update_rule *rule)
{
    const struct update_buffers buffers = buffers_of(workspace);
    bool updated = false;
    if (rule->clip_norm != 0.0f)
        return by_operation_gradient(workspace, rule, &updated);
    if ((rule->l1 == 0.0f && rule->l2 == 0.0f) || buffers.weights == 0)
        return WEFT_OK;
    return launch_penalty_gradient(workspace->device, buffers.w, buffers.dw, buffers.weights,
                                   rule->l1, rule->l2);
}

/* Completes the gradient and adds the gradient of the penalty. The sum of slices is complete. */
static enum weft_status gradient_finish(struct workspace *workspace, const struct update_rule *rule,
                                        bool *updated)
{
    return workspace->sliced ? sum_finish(workspace, rule)
                             : workspace->plan->gradient_complete(workspace, rule, updated);
}

/* Runs the optimizer. The gradient is complete, including the gradient of the penalty. */
static enum weft_status parameters_update(struct workspace *workspace,
                                          const struct update_rule *rule)
{
    const struct network *network = workspace->network;
    const struct update_buffers buffers = buffers_of(workspace);
    if (rule->clip_norm != 0.0f)
        TRY(launch_clip_factor(workspace->device, opencl_whole_gradient(workspace),
                               network->parameter_count, workspace->partial, rule->clip_norm,
                               workspace->clip));
    return buffers.n == 0 ? WEFT_OK : launch_update(workspace->device, &buffers, rule);
}

/* Includes the running statistics, which follow the parameters. */
static enum weft_status average_update(struct workspace *workspace, const struct update_rule *rule)
{
    const size_t average = optimizer_states(rule->optimizer);
    const bool views = workspace->range_w != NULL;
    if (workspace->range.count == 0)
        return WEFT_OK;
    return launch_average_update(
        workspace->device, views ? workspace->range_w : workspace->parameters,
        views ? workspace->range_state[average] : workspace->state[average], workspace->range.count,
        rule->average_gain);
}

enum weft_status opencl_update(struct workspace *workspace, const struct update_rule *rule)
{
    struct opencl_device *device = workspace->device;
    bool updated = false;
    assert(update_states(rule) <= workspace->states);
    TRY(gradient_finish(workspace, rule, &updated));
    if (!updated)
        TRY(parameters_update(workspace, rule));
    if (update_averages(rule))
        TRY(average_update(workspace, rule));
    /* Submit the batch to the device. Without this, some drivers wait for the end of the epoch. */
    return opencl_check(device, clFlush(device->queue), "flush");
}
