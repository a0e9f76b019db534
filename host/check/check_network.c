/* Steps of the given network, judged stage by stage. See check_suite.h. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check/check_suite.h"
#include "data/dataset.h"

/* Largest number of multiplications in the forward products of a step. More would take the
 * reference seconds. */
enum { LARGEST_STEP = 1 << 27 };

/* The worst result of each stage over all steps. The stages have the same order in each step. */
struct stage_results {
    size_t room, count;         /* `count`: stages of the current step so far */
    struct check_result *worst; /* [room] owned */
    bool first;                 /* whether this is the first step */
};

struct network_run {
    const struct check_subject *subject; /* borrowed */
    size_t batch;
    struct step_samples samples; /* owned, like all members below */
    float *parameters;           /* [value_count] */
    float *state;                /* [optimizer_keeps][value_count] */
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
static size_t step_batch(const struct check_subject *subject)
{
    const size_t batch = size_max(subject->batches[0], 1);
    const size_t limit = size_max(LARGEST_STEP / subject->network->weight_count, 1);
    const size_t there = subject->dataset != NULL ? subject->dataset->samples : batch;
    return size_min(there, subject->thorough ? batch : size_min(batch, limit));
}

static size_t label_count(const struct network *network)
{
    return network_outputs(network) == 1 ? 2 : network_outputs(network);
}

/* Fills random labels or targets. Targets are 0 or 1 for multi-label tasks, and numbers around 0
 * for regression. */
static void targets_random(const struct check_subject *subject, size_t step, size_t batch,
                           struct step_samples *samples)
{
    const struct random_stream stream = {subject->seed, RANDOM_CHECK, (uint32_t)(2 * step + 1)};
    const size_t outputs = network_outputs(subject->network);
    for (size_t i = 0; samples->y == NULL && i < batch; i++)
        samples->labels[i] = (int32_t)(random_bits(stream, i) % label_count(subject->network));
    for (size_t i = 0; samples->y != NULL && i < batch * outputs; i++)
        samples->y[i] = subject->network->task == WEFT_TASK_MULTILABEL
                            ? (float)(random_bits(stream, i) >> 31)
                            : random_uniform(stream, i, -1.732f, 1.732f);
}

/* Fills samples whose features have mean 0 and standard deviation 1 after standardization. */
static void samples_random(const struct check_subject *subject, size_t step, size_t batch,
                           struct step_samples *samples)
{
    float *x = samples->x; /* [B][D] */
    const struct scale *scale = subject->scale;
    const size_t features = network_features(subject->network);
    const struct random_stream values = {subject->seed, RANDOM_CHECK, (uint32_t)(2 * step)};
    for (size_t i = 0; i < batch * features; i++) {
        x[i] = random_uniform(values, i, -1.732f, 1.732f);
        if (scale != NULL && scale->features > 0)
            x[i] = scale->mean[i % features] + scale->std[i % features] * x[i];
    }
    targets_random(subject, step, batch, samples);
}

void check_subject_samples(const struct check_subject *subject, size_t step, size_t batch,
                           struct step_samples *samples)
{
    const struct weft_dataset *dataset = subject->dataset;
    if (dataset == NULL)
        samples_random(subject, step, batch, samples);
    for (size_t i = 0; dataset != NULL && i < batch; i++) {
        const size_t sample = (step * batch + i) % dataset->samples;
        step_samples_copy(samples, i, dataset, sample);
        if (subject->weights != NULL)
            samples->weights[i] = subject->weights[sample];
    }
    for (size_t i = 0; dataset == NULL && subject->class_weights != NULL && i < batch; i++)
        samples->weights[i] = subject->class_weights[samples->labels[i]];
}

static enum weft_status run_allocate(struct network_run *run)
{
    const struct network *network = run->subject->network;
    run->stages.room = 13 + (network_has_norm(network) ? 12 : 5) * network->layer_count;
    run->batch = step_batch(run->subject);
    TRY(NEW_ARRAY(run->stages.worst, run->stages.room));
    TRY(step_samples_init(&run->samples, network, run->batch));
    TRY(NEW_ARRAY(run->parameters, network->value_count));
    memcpy(run->parameters, run->subject->parameters,
           network->value_count * sizeof *run->parameters);
    return NEW_ARRAY(run->state, optimizer_keeps(&run->subject->optimizer) * network->value_count);
}

static enum weft_status steps_run(struct weft_device *device, struct network_run *run)
{
    const struct check_subject *subject = run->subject;
    const struct check_sink stages = {&run->stages, stage_note};
    const struct step_outcome outcome = {run->parameters, run->state};
    for (size_t step = 0; step < subject->steps; step++) {
        const struct batch_draw draw = {subject->seed, (uint32_t)step + 1, 1};
        struct step_trial trial = {.network = subject->network,
                                   .batch = run->batch,
                                   .scale = subject->scale,
                                   .parameters = run->parameters,
                                   .state = run->state,
                                   .loss = objective_loss_rule(&subject->objective, run->batch),
                                   .update =
                                       optimizer_rule(&subject->optimizer, &subject->objective,
                                                      subject->learning_rate, step + 1),
                                   .penalty = true,
                                   .targets = subject->targets,
                                   .augmentation = subject->augmentation,
                                   .draw = &draw};
        check_subject_samples(subject, step, run->batch, &run->samples);
        step_samples_lend(&run->samples, &trial);
        run->stages.first = step == 0;
        run->stages.count = 0;
        TRY(step_trial_run(device, &trial, subject->products, &outcome, &stages));
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

enum weft_status check_network_steps(struct weft_device *device,
                                     const struct check_subject *subject,
                                     const struct check_sink *sink)
{
    struct network_run run = {.subject = subject};
    const enum weft_status status = run_and_tell(device, &run, sink);
    memory_free(run.state);
    memory_free(run.parameters);
    step_samples_reset(&run.samples);
    memory_free(run.stages.worst);
    return status;
}
