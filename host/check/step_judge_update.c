/* The last stages of a judged step: the clip factor, the update and the weight average, from the
 * gradient that the device gave. See judge.h.
 *
 * Every number of the update follows from at most four numbers. So one pass judges the parameters
 * and the optimizer state, each from the values before the step.
 */
#include <stdio.h>

#include "check/error_update.h"
#include "check/judge.h"

static void parameters_begin(const struct judge *judge, const char *name, const char *array,
                             struct check_result *result)
{
    result_begin(result, name, array);
    snprintf(result->shape, sizeof result->shape, "%zu parameters",
             judge->trial->network->parameter_count);
}

/* Returns element `i` of state array `state` before the step. */
static double state_before(const struct judge *judge, size_t state, size_t i)
{
    const float *states = judge->trial->state;
    return states == NULL ? 0.0 : (double)states[state * judge->trial->network->value_count + i];
}

/* min(1, limit / (||g|| + 1e-6)), with g as the device has it */
static void clip_judge(const struct judge *judge)
{
    const size_t n = judge->trial->network->parameter_count;
    const double *g = judge->capture->gradient;
    const double limit = (double)judge->trial->update.clip_norm;
    double squares = 0.0;
    struct check_result result;
    if (limit == 0.0)
        return;
    for (size_t i = 0; i < n; i++)
        squares += g[i] * g[i];
    parameters_begin(judge, "clip_factor", "factor", &result);
    result_note(&result, 0, judge->capture->clip, ref_clip_factor(g, n, limit),
                clip_factor_bound(judge->in, n, sqrt(squares), limit));
    judge_tell(judge, &result);
}

/* Judges one parameter. Notes w in the first of `results`, and the optimizer state in the next
 * ones. */
static void element_judge(const struct judge *judge, const struct ref_update *rule, size_t i,
                          struct check_result *results)
{
    const size_t states = optimizer_states(rule->optimizer);
    const bool weight = i < judge->trial->network->weight_count;
    const double g = judge->capture->gradient[i];
    struct optimizer_element before = {(double)judge->trial->parameters[i], {0.0}};
    for (size_t s = 0; s < states; s++)
        before.state[s] = state_before(judge, s, i);
    struct optimizer_element want = before;
    double *const state[2] = {&want.state[0], &want.state[1]};
    ref_update(&want.w, &g, state, 1, weight, rule);
    const struct optimizer_element e = optimizer_bound(judge->in, rule, weight, g, &before, &want);
    result_note(&results[0], i, judge->capture->updated[i], want.w, e.w);
    for (size_t s = 0; s < states; s++)
        result_note(&results[1 + s], i, judge->capture->state[s][i], want.state[s], e.state[s]);
}

static void parameters_judge(const struct judge *judge)
{
    const struct update_rule *update = &judge->trial->update;
    const double clip = update->clip_norm != 0.0f ? judge->capture->clip : 1.0;
    const struct ref_update rule = optimizer_reference(update, clip);
    const struct optimizer_traits traits = optimizer_traits(update->optimizer);
    const size_t states = optimizer_states(update->optimizer);
    struct check_result results[1 + OPTIMIZER_MOST_STATES];
    parameters_begin(judge, "update", "parameters", &results[0]);
    for (size_t s = 0; s < states; s++)
        parameters_begin(judge, "update", optimizer_state_names[traits.state[s]], &results[1 + s]);
    for (size_t i = 0; i < judge->trial->network->parameter_count; i++)
        element_judge(judge, &rule, i, results);
    for (size_t r = 0; r <= states; r++)
        judge_tell(judge, &results[r]);
}

/* average + gain (w - average), with w as the device has it after its update. The statistics have
 * averages too. */
static void average_judge(const struct judge *judge)
{
    const struct update_rule *update = &judge->trial->update;
    const size_t state = optimizer_states(update->optimizer);
    const struct network *network = judge->trial->network;
    const double gain = (double)update->average_gain;
    struct check_result result;
    if (!update_averages(update))
        return;
    parameters_begin(judge, "average_update", "averages", &result);
    if (network->statistic_count > 0)
        snprintf(result.shape, sizeof result.shape, "%zu parameters, %zu statistics",
                 network->parameter_count, network->statistic_count);
    for (size_t i = 0; i < network->value_count; i++) {
        const double w = judge->capture->updated[i], before = state_before(judge, state, i);
        double want = before;
        ref_average_update(&w, 1, gain, &want);
        result_note(&result, i, judge->capture->state[state][i], want,
                    average_bound(judge->in, before, gain, w));
    }
    judge_tell(judge, &result);
}

void judge_update(const struct judge *judge)
{
    clip_judge(judge);
    parameters_judge(judge);
    average_judge(judge);
}
