/* The end of a training step on the CPU: the penalty and the update. */
#include <assert.h>
#include <stdint.h>

#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

enum weft_status cpu_network_penalty(struct workspace *workspace, size_t slot)
{
    assert(slot < workspace->slots);
    struct batch_metrics *metrics = &workspace->metrics[slot];
    cpu_penalty_terms(workspace->parameters, workspace->network->weight_count, &metrics->weight_abs,
                      &metrics->weight_squares);
    return WEFT_OK;
}

enum weft_status cpu_slice_gradient_add(struct workspace *workspace, size_t sum, bool begins)
{
    float **into = &workspace->sums[sum], *gradient = workspace->gradient;
    if (!begins) {
        cpu_gradient_add(gradient, workspace->network->parameter_count, *into);
        return WEFT_OK;
    }
    workspace->gradient = *into;
    *into = gradient;
    return WEFT_OK;
}

enum weft_status cpu_sum_clear(struct workspace *workspace, size_t sum)
{
    for (size_t i = 0; i < workspace->network->parameter_count; i++)
        workspace->sums[sum][i] = -0.0f;
    return WEFT_OK;
}

enum weft_status cpu_sum_add(struct workspace *workspace, size_t into, size_t from)
{
    cpu_gradient_add(workspace->sums[from], workspace->network->parameter_count,
                     workspace->sums[into]);
    return WEFT_OK;
}

/* Adds the gradient of the penalty, and computes the factor of the whole gradient. Without it, only
 * the range needs the penalty. */
static void gradient_finish(struct workspace *workspace, const struct update_rule *rule)
{
    const struct network *network = workspace->network;
    const bool whole = rule->clip_norm != 0.0f;
    float *gradient = cpu_whole_gradient(workspace);
    const size_t first = whole ? 0 : size_min(workspace->range.first, network->weight_count);
    const size_t count =
        size_min(whole ? SIZE_MAX : workspace->range.count, network->weight_count - first);
    if (rule->l1 != 0.0f || rule->l2 != 0.0f)
        cpu_penalty_gradient(workspace->parameters + first, count, rule->l1, rule->l2,
                             gradient + first);
    if (whole)
        workspace->clip = cpu_clip_factor(gradient, network->parameter_count, rule->clip_norm);
}

/* Returns how many of the first `end` values are in a range. */
static size_t range_below(const struct update_range *range, size_t end)
{
    return size_min(range->count, size_max(end, range->first) - range->first);
}

enum weft_status cpu_update(struct workspace *workspace, const struct update_rule *rule)
{
    assert(workspace->training && update_states(rule) <= workspace->states);
    const struct update_range *range = &workspace->range;
    const size_t first = range->first;
    float *state[UPDATE_MOST_STATES] = {NULL};
    for (size_t i = 0; i < workspace->states; i++)
        state[i] = workspace->state[i] + first;
    gradient_finish(workspace, rule);
    const struct cpu_update update = {.w = workspace->parameters + first,
                                      .dw = cpu_whole_gradient(workspace) + first,
                                      .state = {state[0], state[1]},
                                      .clip = workspace->clip,
                                      .n = range_below(range, workspace->network->parameter_count),
                                      .weights =
                                          range_below(range, workspace->network->weight_count)};
    cpu_parameters_update(&update, rule);
    if (update_averages(rule)) /* includes the running statistics, which follow the parameters */
        cpu_average_update(workspace->parameters + first, range->count, rule->average_gain,
                           state[optimizer_states(rule->optimizer)]);
    return WEFT_OK;
}
