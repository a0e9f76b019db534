/* Implements the inside of THE training loop: one epoch of batches, read from top to bottom.
 *
 * Within an epoch the host only queues work. It waits for the device once, at the end of the epoch,
 * when the metrics of all batches come back together with the weights.
 */
#include "train/epoch_loop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "train/pass.h"
#include "train/slices.h"
#include "train/step.h"

static enum weft_status hook_run(const struct epoch_loop *loop, const struct training_batch *batch,
                                 bool after)
{
    const struct training_hooks *hooks = loop->hooks;
    if (hooks == NULL || (after ? hooks->after_batch : hooks->before_batch) == NULL)
        return WEFT_OK;
    return (after ? hooks->after_batch : hooks->before_batch)(hooks->user, batch);
}

/* gather -> forward -> loss and output delta -> backward -> update */
static enum weft_status whole_batch_run(const struct training_batch *batch)
{
    TRY(step_forward(batch->step));
    TRY(step_backward(batch->step));
    return step_update(batch->step, batch->penalty, batch->update);
}

static enum weft_status batch_run(struct epoch_loop *loop, size_t epoch, size_t batch,
                                  bool searched)
{
    const struct batch_draw draw = {
        .seed = loop->options->seed, .epoch = (uint32_t)epoch, .batch = (uint32_t)batch};
    struct step step = {.backend = loop->backend,
                        .workspace = loop->workspace,
                        .network = loop->network,
                        .data = loop->data,
                        .draw = &draw,
                        .slot = batch};
    batch_plan_range(&loop->plan, batch, &step.first, &step.count);
    read_ahead_reach(&loop->ahead, batch);
    step.loss = objective_loss_rule(&loop->objective, step.count);
    const uint64_t steps = loop->state->steps;
    const struct update_rule update =
        optimizer_rule(&loop->optimizer, &loop->objective,
                       schedule_rate(&loop->state->schedule, steps), steps + 1);
    const struct training_batch watched = {.epoch = epoch,
                                           .batch = batch + 1,
                                           .step = &step,
                                           .update = &update,
                                           .penalty = objective_has_penalty(&loop->objective),
                                           .targets = &loop->targets,
                                           .weights = loop->weights,
                                           .augmentation = &loop->augmentation,
                                           .order = loop->options->shuffle ? loop->order : NULL,
                                           .slices = loop->slices.order.slices,
                                           .searched = searched};
    TRY(hook_run(loop, &watched, false));
    if (slices_in_use(&loop->slices))
        TRY(slices_run(&loop->slices, &watched, loop->hooks));
    else
        TRY(whole_batch_run(&watched));
    loop->state->steps++;
    return hook_run(loop, &watched, true);
}

/* Uploads the order in which epoch `epoch` visits the samples. */
static enum weft_status order_set(struct epoch_loop *loop, size_t epoch)
{
    read_ahead_begin(&loop->ahead);
    if (!slice_order_lists(&loop->slices.order))
        return WEFT_OK;
    slice_order_draw(&loop->slices.order, loop->options->seed, epoch, loop->blocks, loop->shard,
                     loop->order);
    return loop->backend->order_upload(loop->data, loop->order);
}

/* Asks the progress callback and returns true if it wants to stop. */
static bool progress_stops(const struct epoch_loop *loop, size_t epoch, size_t batch)
{
    const struct weft_callbacks *callbacks = loop->callbacks;
    if (callbacks == NULL || callbacks->progress == NULL)
        return false;
    const struct weft_progress progress = {.epoch = epoch,
                                           .epochs = size_max(loop->options->epochs, epoch),
                                           .batch = batch,
                                           .batches = loop->plan.count,
                                           .samples = loop->plan.samples,
                                           .stopping = slices_are_stopping(&loop->slices)};
    return callbacks->progress(callbacks->user, &progress) != 0;
}

/* Calls the callbacks after a batch and returns true if training stops after it. */
static bool callbacks_stop(const struct epoch_loop *loop, size_t epoch, size_t batch)
{
    bool wanted = progress_stops(loop, epoch, batch);
    if (loop->moment != NULL && loop->callbacks->batch(loop->callbacks->user, loop->moment))
        wanted = true;
    if (wanted && slices_stop(&loop->slices))
        return true;
    return slices_are_stopping(&loop->slices);
}

enum weft_status epoch_loop_begin(struct epoch_loop *loop, const float *parameters,
                                  const struct training_state *from)
{
    if (training_state_follow(loop->state, from))
        return training_state_put(loop->state, loop->backend, loop->workspace);
    return loop->backend->parameters_upload(loop->workspace, parameters);
}

/* Downloads the state. Each rank has updated its piece of the arrays. */
static enum weft_status state_take(struct epoch_loop *loop)
{
    struct training_state *state = loop->state;
    TRY(training_state_take(state, loop->backend, loop->workspace));
    for (size_t i = 0; i < state->arrays; i++)
        TRY(slices_spread(&loop->slices, loop->network, state->trained + i * state->values));
    return WEFT_OK;
}

enum weft_status epoch_loop_leave(struct epoch_loop *loop, struct training_state **state)
{
    TRY(state_take(loop));
    *state = loop->state;
    loop->state = NULL;
    return WEFT_OK;
}

/* Downloads the metrics of the batches that have run. Those before `first` are in the state. */
static enum weft_status metrics_take(struct epoch_loop *loop)
{
    struct training_state *state = loop->state;
    if (slices_in_use(&loop->slices)) {
        TRY(loop->backend->metrics_download(loop->workspace, slices_slots(&loop->slices),
                                            loop->slots));
        return slices_metrics(&loop->slices, loop->slots, loop->first, state->batch,
                              state->metrics);
    }
    TRY(loop->backend->metrics_download(loop->workspace, state->batch, loop->slots));
    memcpy(state->metrics + loop->first, loop->slots + loop->first,
           (state->batch - loop->first) * sizeof *loop->slots);
    return WEFT_OK;
}

static enum weft_status moment_take(struct epoch_loop *loop)
{
    TRY(metrics_take(loop));
    TRY(state_take(loop));
    loop->taken = loop->state->steps;
    return WEFT_OK;
}

enum weft_status epoch_loop_take(struct epoch_loop *loop)
{
    if (loop->taken == loop->state->steps)
        return WEFT_OK;
    const enum weft_status status = moment_take(loop);
    if (status == WEFT_OK || loop->slices.group->ranks == 1)
        return status; /* without other ranks, training can go on */
    loop->failure = status;
    snprintf(loop->failure_line, sizeof loop->failure_line, "%s", weft_error());
    return status;
}

/* Downloads the parameters for the model. Averaged weights come with averaged statistics. */
static enum weft_status parameters_take(struct epoch_loop *loop)
{
    if (loop->optimizer.ema > 0.0) {
        TRY(loop->backend->state_download(
            loop->workspace, optimizer_state_count(&loop->optimizer) - 1, loop->parameters));
        return slices_spread(&loop->slices, loop->network, loop->parameters);
    }
    return loop->backend->parameters_download(loop->workspace, loop->parameters);
}

enum weft_status epoch_loop_run(struct epoch_loop *loop, size_t epoch, size_t *batches)
{
    struct training_state *state = loop->state;
    if (state->epoch != epoch)
        state->batch = 0;
    state->epoch = epoch;
    loop->first = state->batch;
    TRY(order_set(loop, epoch));
    if (loop->hooks != NULL) /* epoch_loop_search starts here */
        TRY(training_state_take(loop->start, loop->backend, loop->workspace));
    while (state->batch < loop->plan.count && !loop->stopped) {
        TRY(batch_run(loop, epoch, state->batch, false));
        state->batch++;
        loop->stopped = callbacks_stop(loop, epoch, state->batch);
        if (loop->failure != WEFT_OK)
            return fail_again(loop->failure, "", loop->failure_line);
    }
    *batches = state->batch;
    read_ahead_end(&loop->ahead);
    TRY(metrics_take(loop));
    return parameters_take(loop);
}

enum weft_status epoch_loop_search(struct epoch_loop *loop, size_t epoch, size_t bad,
                                   size_t batches)
{
    if (loop->hooks == NULL)
        return WEFT_OK;
    loop->state->steps -= batches - loop->first;
    TRY(order_set(loop, epoch));
    TRY(training_state_put(loop->start, loop->backend, loop->workspace));
    for (size_t batch = loop->first; batch <= bad; batch++)
        TRY(batch_run(loop, epoch, batch, batch + 2 >= bad));
    return WEFT_OK;
}

void epoch_loop_metrics(const struct epoch_loop *loop, size_t batches, struct weft_epoch *result)
{
    double error = 0.0;
    size_t correct = 0, samples = 0;
    for (size_t b = 0; b < batches; b++) {
        const struct batch_metrics *metrics = &loop->state->metrics[b];
        size_t first = 0, count = 0;
        batch_plan_range(&loop->plan, b, &first, &count);
        error +=
            objective_error(&loop->objective, (double)metrics->loss / (double)count, (double)count,
                            (struct weight_sums){.abs = (double)metrics->weight_abs,
                                                 .squares = (double)metrics->weight_squares});
        correct += metrics->correct;
        samples += count;
    }
    result->error = error / (double)batches;
    result->train_accuracy =
        loop->network->task != WEFT_TASK_REGRESS ? (double)correct / (double)samples : (double)NAN;
}

/* ---- setup and teardown ---- */

/* Completes the rules that follow from the options, and plans the workspace of a batch or of a
 * slice. */
static enum weft_status rules_make(struct epoch_loop *loop, const struct weft_dataset *train,
                                   struct workspace_plan *plan)
{
    loop->targets = target_rule_make(loop->options, loop->network, train);
    loop->optimizer = optimizer_make(loop->options);
    loop->objective = objective_make(loop->options, loop->network);
    TRY(augmentation_make(loop->options, train, &loop->augmentation));
    loop->slices.group = slices_group_of(loop->device);
    loop->slices.order = slice_order_make(&loop->plan, loop->options->slices,
                                          loop->options->shuffle, loop->slices.group);
    if (loop->options->shuffle && loop->options->shuffle_blocks)
        loop->slices.order.block_features = train->features;
    slices_plan(&loop->slices, loop->network);
    *plan = (struct workspace_plan){.network = loop->network,
                                    .batch = slice_order_largest(&loop->slices.order),
                                    .slots = slices_slots(&loop->slices),
                                    .training = true,
                                    .sums = loop->slices.sums,
                                    .range = &loop->slices.range,
                                    .products = loop->options->gemm,
                                    .targets = loop->targets,
                                    .states = optimizer_state_count(&loop->optimizer),
                                    .augmentation = loop->augmentation};
    return WEFT_OK;
}

static enum weft_status arrays_allocate(struct epoch_loop *loop, struct memory_count *count)
{
    const struct slice_order *order = &loop->slices.order;
    size_t first = 0, held = 0, shard = 0;
    slice_order_held(order, &first, &held);
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_WORKSPACE, loop->slots, slices_slots(&loop->slices), 1));
    TRY(TAKE_ARRAY(count, WEFT_MEMORY_SAMPLES, loop->order, held, 1));
    slice_order_shard(order, order->slices - 1, &first, &shard); /* no shard is larger */
    if (slices_in_use(&loop->slices))
        TRY(TAKE_ARRAY(count, WEFT_MEMORY_SAMPLES, loop->shard, shard, 1));
    if (order->block_features > 0)
        TRY(TAKE_ARRAY(count, WEFT_MEMORY_SAMPLES, loop->blocks, order->own,
                       slice_order_blocks(order)));
    const struct backend *backend = loop->device != NULL ? loop->device->backend : NULL;
    TRY(slices_allocate(&loop->slices, loop->network, backend, count));
    return TAKE_ARRAY(count, WEFT_MEMORY_PARAMETERS, loop->parameters, loop->network->value_count,
                      1);
}

/* Every rank needs a slice. The reference needs all of them on one device. */
static enum weft_status ranks_fit(const struct epoch_loop *loop)
{
    const size_t ranks = loop->slices.group->ranks, slices = loop->slices.order.slices;
    if (ranks > slices)
        return fail(WEFT_ERROR_USAGE, "slices: got %zu, need one for each of %zu ranks", slices,
                    ranks);
    if (ranks > 1 && loop->hooks != NULL)
        return fail(WEFT_ERROR_USAGE, "--check-every: works with a single rank, got %zu ranks",
                    ranks);
    return WEFT_OK;
}

enum weft_status epoch_loop_init(struct epoch_loop *loop, const struct weft_dataset *train)
{
    const size_t batches = loop->plan.count;
    struct workspace_plan plan;
    loop->backend = loop->device->backend;
    TRY(rules_make(loop, train, &plan));
    TRY(ranks_fit(loop));
    slices_begin(&loop->slices);
    TRY(sample_weights_make(loop->options, loop->network, train, &loop->weights));
    TRY(training_state_create(loop->network, loop->options, batches, &loop->state));
    TRY(arrays_allocate(loop, NULL));
    TRY(read_ahead_init(&loop->ahead, train, &loop->slices.order, loop->blocks, loop->streamed,
                        NULL));
    if (loop->hooks != NULL)
        TRY(training_state_create(loop->network, loop->options, batches, &loop->start));
    TRY(loop->backend->workspace_create(loop->device, &plan, &loop->workspace));
    return slices_workspaces_create(&loop->slices, loop->device, &plan, loop->workspace);
}

/* Leaves only the samples that this rank needs. */
static void source_cut(struct data_source *source, const struct slice_order *order)
{
    size_t first = 0;
    slice_order_held(order, &first, &source->samples);
    const struct sample_rows rows = sample_rows_from(data_source_rows(source), first);
    source->x = rows.x;
    source->x_bytes = rows.bytes;
    source->x_index = rows.index;
    if (source->labels != NULL)
        source->labels += first;
    if (source->targets != NULL)
        source->targets += first * source->target_count;
    if (source->weights != NULL)
        source->weights += first;
}

struct data_source epoch_loop_source(const struct epoch_loop *loop,
                                     const struct weft_dataset *dataset, const struct scale *scale)
{
    struct data_source source = pass_source(dataset, scale);
    source.weights = loop->weights;
    source.images = augmentation_of_images(&loop->augmentation);
    source.gathered = slice_order_lists(&loop->slices.order);
    source.streamed = loop->streamed;
    source.largest = size_max(source.largest, slice_order_largest(&loop->slices.order));
    source.taken = slice_order_taken(&loop->slices.order);
    source_cut(&source, &loop->slices.order);
    return source;
}

enum weft_status epoch_loop_upload(struct epoch_loop *loop, const struct weft_dataset *dataset,
                                   const struct scale *scale)
{
    const struct data_source source = epoch_loop_source(loop, dataset, scale);
    return loop->backend->data_create(loop->device, &source, &loop->data);
}

enum weft_status epoch_loop_count(struct epoch_loop *loop, const struct weft_dataset *train,
                                  struct memory_counts *counts)
{
    const size_t batches = loop->plan.count;
    struct workspace_plan plan;
    TRY(rules_make(loop, train, &plan));
    if (sample_weights_vary(loop->options, train))
        TRY(TAKE_ARRAY(&counts->host, WEFT_MEMORY_SAMPLES, loop->weights, train->samples, 1));
    TRY(training_state_count(loop->network, loop->options, batches, &counts->host));
    TRY(arrays_allocate(loop, &counts->host));
    TRY(read_ahead_init(&loop->ahead, train, &loop->slices.order, NULL, false, &counts->host));
    if (loop->options->check_every > 0)
        TRY(training_state_count(loop->network, loop->options, batches, &counts->host));
    if (loop->device == NULL)
        return WEFT_OK;
    TRY(loop->device->backend->workspace_count(loop->device, &plan, counts));
    return slices_workspaces_count(&loop->slices, loop->device, &plan, counts);
}

void epoch_loop_reset(struct epoch_loop *loop)
{
    if (loop->data != NULL)
        loop->backend->data_destroy(loop->data);
    slices_reset(&loop->slices, loop->backend);
    if (loop->workspace != NULL)
        loop->backend->workspace_destroy(loop->workspace);
    memory_free(loop->start);
    memory_free(loop->parameters);
    memory_free(loop->weights);
    memory_free(loop->shard);
    memory_free(loop->order);
    read_ahead_reset(&loop->ahead);
    memory_free(loop->blocks);
    memory_free(loop->slots);
    memory_free(loop->state);
    memset(loop, 0, sizeof *loop);
}
