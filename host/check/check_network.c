/* Steps of the given network, judged stage by stage. See check_suite.h. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "check/check_suite.h"
#include "check/step_trial_run.h"

/* Largest number of multiplications in the forward products of a step. More would take the
 * reference seconds. */
enum { LARGEST_STEP = 1 << 27 };

/* The worst result of each stage over all steps. The stages have the same order in each step. */
struct stage_results {
    size_t count;               /* stages of the current step so far */
    struct check_result *worst; /* owned; one for each stage */
    bool first;                 /* whether this is the first step */
};

struct network_run {
    const struct check_plan *plan; /* borrowed */
    size_t batch;
    struct step_samples samples; /* owned, like all members below */
    float *parameters;           /* [value_count] */
    float *state;                /* [optimizer_state_count][value_count] */
    struct stage_results stages;
};

static void stage_note(void *user, const struct check_result *result)
{
    struct stage_results *stages = user;
    struct check_result *worst = &stages->worst[stages->count++];
    if (stages->first || result->worst > worst->worst)
        *worst = *result;
}

/* Returns the number of samples in a step, fewer for a large network. */
static size_t step_batch(const struct check_plan *plan)
{
    const size_t batch = size_max(plan->batches[0], 1);
    const size_t limit = size_max(LARGEST_STEP / plan->network->weight_count, 1);
    const size_t there = plan->dataset != NULL ? plan->dataset->samples : batch;
    return size_min(there, plan->thorough ? batch : size_min(batch, limit));
}

static enum weft_status run_allocate(struct network_run *run)
{
    const struct network *network = run->plan->network;
    const size_t most_stages = 13 + (network_has_norm(network) ? 12 : 5) * network->layer_count;
    run->batch = step_batch(run->plan);
    TRY(NEW_ARRAY(run->stages.worst, most_stages));
    TRY(step_samples_init(&run->samples, network, run->batch));
    TRY(NEW_ARRAY(run->parameters, network->value_count));
    memcpy(run->parameters, run->plan->parameters, network->value_count * sizeof *run->parameters);
    return NEW_ARRAY(run->state,
                     optimizer_state_count(&run->plan->optimizer) * network->value_count);
}

static enum weft_status steps_run(struct weft_device *device, struct network_run *run)
{
    const struct check_plan *plan = run->plan;
    const struct check_sink stages = {&run->stages, stage_note};
    const struct step_outcome outcome = {run->parameters, run->state};
    for (size_t step = 0; step < plan->steps; step++) {
        const struct batch_draw draw = {
            .seed = plan->seed, .epoch = (uint32_t)step + 1, .batch = 1};
        struct step_trial trial = {.network = plan->network,
                                   .batch = run->batch,
                                   .slices = size_min(plan->slices, run->batch),
                                   .scale = plan->scale,
                                   .parameters = run->parameters,
                                   .state = run->state,
                                   .loss = objective_loss_rule(&plan->objective, run->batch),
                                   .update = optimizer_rule(&plan->optimizer, &plan->objective,
                                                            plan->learning_rate, step + 1),
                                   .penalty = check_plan_launches(plan, PRIMITIVE_PENALTY_TERMS),
                                   .targets = plan->targets,
                                   .by_operation = plan->by_operation,
                                   .augmentation = plan->augmentation,
                                   .draw = &draw,
                                   .place = !plan->placed   ? PLACE_ALONE
                                            : step % 2 == 0 ? PLACE_BEHIND
                                                            : PLACE_SHUFFLED};
        check_plan_samples(plan, step, run->batch, &run->samples);
        step_samples_lend(&run->samples, &trial);
        run->stages.first = step == 0;
        run->stages.count = 0;
        TRY(step_trial_run(device, &trial, plan->products, &outcome, &stages));
    }
    return WEFT_OK;
}

static enum weft_status run_and_tell(struct weft_device *device, struct network_run *run,
                                     const struct check_sink *sink)
{
    TRY(run_allocate(run));
    TRY(steps_run(device, run));
    for (size_t i = 0; i < run->stages.count; i++)
        sink->result(sink->user, &run->stages.worst[i]);
    return WEFT_OK;
}

enum weft_status check_network_steps(struct weft_device *device, const struct check_plan *plan,
                                     const struct check_sink *sink)
{
    struct network_run run = {.plan = plan};
    const enum weft_status status = run_and_tell(device, &run, sink);
    memory_free(run.state);
    memory_free(run.parameters);
    step_samples_reset(&run.samples);
    memory_free(run.stages.worst);
    return status;
}
