/* Runs a training step on a device and judges it. See step_trial_run.h. */
#include "check/step_trial_run.h"

#include "base/memory.h"
#include "check/step_capture.h"
#include "check/step_judge.h"
#include "check/step_samples.h"
#include "train/slices.h"

/* The device's side of a trial. All members are owned. */
struct trial_run {
    struct step_samples placed; /* [2 B] the samples with others, unless they are alone */
    uint32_t *order;            /* [2 B] */
    struct device_data *data;
    struct workspace *workspace;
    struct slices slices;
    struct step_capture capture;
};

static size_t label_count(const struct network *network)
{
    return network_outputs(network) == 1 ? 2 : network_outputs(network);
}

/* Copies sample `i` of the trial to row `row`, and another sample to row `other`: all its numbers
 * differ. */
static void sample_place(const struct step_trial *trial, size_t i, size_t row, size_t other,
                         struct step_samples *placed)
{
    const size_t features = network_features(trial->network);
    const size_t outputs = network_outputs(trial->network);
    const float weight = trial->weights != NULL ? trial->weights[i] : 1.0f;
    for (size_t f = 0; f < features; f++) {
        placed->x[row * features + f] = trial->x[i * features + f];
        placed->x[other * features + f] = trial->x[i * features + f] + 1.0f;
    }
    for (size_t c = 0; placed->y != NULL && c < outputs; c++) {
        placed->y[row * outputs + c] = trial->y[i * outputs + c];
        placed->y[other * outputs + c] = trial->y[i * outputs + c] + 1.0f;
    }
    placed->weights[row] = weight;
    placed->weights[other] = weight + 1.0f;
    placed->labels[row] = trial->labels[i];
    placed->labels[other] = (int32_t)((size_t)(trial->labels[i] + 1) % label_count(trial->network));
}

/* Puts the samples of the trial and as many others where the trial wants them. */
static enum weft_status samples_place(const struct step_trial *trial, struct trial_run *run)
{
    const size_t batch = trial->batch;
    TRY(step_samples_init(&run->placed, trial->network, 2 * batch));
    TRY(NEW_ARRAY(run->order, 2 * batch));
    for (size_t i = 0; i < batch; i++) {
        const bool shuffled = trial->place == PLACE_SHUFFLED;
        const size_t row = shuffled ? batch - 1 - i : batch + i;
        const size_t other = shuffled ? 2 * batch - 1 - i : i;
        sample_place(trial, i, row, other, &run->placed);
        run->order[batch + i] = (uint32_t)row;
        run->order[i] = (uint32_t)other;
    }
    return WEFT_OK;
}

static enum weft_status data_prepare(struct weft_device *device, const struct step_trial *trial,
                                     struct trial_run *run)
{
    struct data_source source = step_trial_source(trial);
    if (trial->place != PLACE_ALONE) {
        TRY(samples_place(trial, run));
        source.samples = 2 * trial->batch;
        source.x = run->placed.x;
        source.labels = run->placed.labels;
        source.targets = run->placed.y;
        source.weights = run->placed.weights;
    }
    TRY(device->backend->data_create(device, &source, &run->data));
    return trial->place == PLACE_SHUFFLED ? device->backend->order_upload(run->data, run->order)
                                          : WEFT_OK;
}

static enum weft_status run_prepare(struct weft_device *device, const struct step_trial *trial,
                                    enum weft_gemm products, struct trial_run *run)
{
    const struct workspace_plan plan = {.network = trial->network,
                                        .batch = slice_order_largest(&run->slices.order),
                                        .slots = slices_slots(&run->slices),
                                        .training = true,
                                        .sums = run->slices.sums,
                                        .products = products,
                                        .by_operation = trial->by_operation,
                                        .targets = trial->targets,
                                        .states = update_states(&trial->update),
                                        .augmentation = trial->augmentation};
    TRY(step_capture_init(&run->capture, trial->network, trial->batch, trial->targets.dense,
                          plan.states));
    TRY(data_prepare(device, trial, run));
    TRY(device->backend->workspace_create(device, &plan, &run->workspace));
    TRY(slices_allocate(&run->slices, trial->network, device->backend, NULL));
    TRY(slices_workspaces_create(&run->slices, device, &plan, run->workspace));
    for (size_t i = 0; trial->state != NULL && i < plan.states; i++)
        TRY(device->backend->state_upload(run->workspace, i,
                                          trial->state + i * trial->network->value_count));
    return device->backend->parameters_upload(run->workspace, trial->parameters);
}

/* Puts the batch of the trial into an epoch of one batch, or behind another one. */
static void batches_plan(const struct step_trial *trial, struct trial_run *run)
{
    const size_t batches = trial->place == PLACE_ALONE ? 1 : 2;
    const struct batch_plan plan = batch_plan_make(batches * trial->batch, 0, trial->batch);
    run->slices.group = &slice_group_local;
    run->slices.order = slice_order_make(&plan, trial->slices, false, &slice_group_local);
    slices_plan(&run->slices, trial->network);
}

static enum weft_status slice_take(void *user, const struct training_batch *batch,
                                   const struct step *slice)
{
    (void)batch;
    return step_capture_take_rows(user, slice);
}

/* Runs the step, whole or in slices, and takes all that it leaves. */
static enum weft_status step_run(const struct step_trial *trial, const struct step *step,
                                 struct trial_run *run)
{
    const struct training_batch batch = {.epoch = 1,
                                         .batch = step->slot + 1,
                                         .step = step,
                                         .update = &trial->update,
                                         .penalty = trial->penalty};
    const struct training_hooks hooks = {.user = &run->capture, .after_slice = slice_take};
    if (slices_in_use(&run->slices)) {
        TRY(slices_run(&run->slices, &batch, &hooks));
        return step_capture_take_update(&run->capture, step);
    }
    TRY(step_forward(step));
    TRY(step_backward(step));
    TRY(step_update(step, trial->penalty, &trial->update));
    return step_capture_take(&run->capture, step);
}

/* Stores what the next step starts with. */
static void outcome_take(const struct step_capture *capture, const struct network *network,
                         const struct step_outcome *outcome)
{
    const size_t count = network->value_count;
    for (size_t i = 0; outcome->parameters != NULL && i < count; i++)
        outcome->parameters[i] = (float)capture->updated[i];
    for (size_t s = 0; outcome->state != NULL && s < capture->states; s++)
        for (size_t i = 0; i < count; i++)
            outcome->state[s * count + i] = (float)capture->state[s][i];
}

static enum weft_status run_and_judge(struct weft_device *device, const struct step_trial *trial,
                                      enum weft_gemm products, const struct step_outcome *outcome,
                                      const struct check_sink *sink, struct trial_run *run)
{
    const bool alone = trial->place == PLACE_ALONE;
    batches_plan(trial, run);
    TRY(run_prepare(device, trial, products, run));
    const struct step step = {.backend = device->backend,
                              .workspace = run->workspace,
                              .network = trial->network,
                              .data = run->data,
                              .first = alone ? 0 : trial->batch,
                              .count = trial->batch,
                              .slot = alone ? 0 : 1,
                              .draw = trial->draw,
                              .loss = trial->loss};
    TRY(step_run(trial, &step, run));
    TRY(step_judge(trial, &run->capture, sink));
    if (outcome != NULL)
        outcome_take(&run->capture, trial->network, outcome);
    return WEFT_OK;
}

enum weft_status step_trial_run(struct weft_device *device, const struct step_trial *trial,
                                enum weft_gemm products, const struct step_outcome *outcome,
                                const struct check_sink *sink)
{
    struct trial_run run = {.data = NULL};
    const enum weft_status status = run_and_judge(device, trial, products, outcome, sink, &run);
    slices_reset(&run.slices, device->backend);
    if (run.workspace != NULL)
        device->backend->workspace_destroy(run.workspace);
    if (run.data != NULL)
        device->backend->data_destroy(run.data);
    memory_free(run.order);
    step_samples_reset(&run.placed);
    step_capture_reset(&run.capture);
    return status;
}
