/* The end of a training step on the CPU: the penalty and the update. */
#include <assert.h>
#include <string.h>

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

enum weft_status cpu_slice_gradient_add(struct workspace *workspace, bool begins)
{
    const size_t n = workspace->network->parameter_count;
    if (begins)
        memcpy(workspace->sum, workspace->gradient, n * sizeof *workspace->sum);
    else
        cpu_gradient_add(workspace->gradient, n, workspace->sum);
    return WEFT_OK;
}

enum weft_status cpu_update(struct workspace *workspace, const struct update_rule *rule)
{
    assert(workspace->training && update_states(rule) <= workspace->states);
    const struct network *network = workspace->network;
    float *gradient = cpu_whole_gradient(workspace);
    if (rule->l1 != 0.0f || rule->l2 != 0.0f)
        cpu_penalty_gradient(workspace->parameters, network->weight_count, rule->l1, rule->l2,
                             gradient);
    if (rule->clip_norm != 0.0f)
        workspace->clip = cpu_clip_factor(gradient, network->parameter_count, rule->clip_norm);
    const struct cpu_update update = {.w = workspace->parameters,
                                      .dw = gradient,
                                      .state = {workspace->state[0], workspace->state[1]},
                                      .clip = workspace->clip,
                                      .n = network->parameter_count,
                                      .weights = network->weight_count};
    cpu_parameters_update(&update, rule);
    if (update_averages(rule)) /* includes the running statistics, which follow the parameters */
        cpu_average_update(workspace->parameters, network->value_count, rule->average_gain,
                           workspace->state[optimizer_states(rule->optimizer)]);
    return WEFT_OK;
}
