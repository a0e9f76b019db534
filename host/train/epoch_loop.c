/* Implements the inside of THE training loop: one epoch of batches, read from top to bottom.
 *
 * Within an epoch the host only queues work. It waits for the device once, at the end of the epoch,
 * when the metrics of all batches come back together with the weights.
 */
#include "train/epoch_loop.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
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
    step.loss = objective_loss_rule(&loop->objective, step.count);
    loop->rate = schedule_rate(&loop->schedule, loop->steps);
    const struct update_rule update =
        optimizer_rule(&loop->optimizer, &loop->objective, loop->rate, loop->steps + 1);
    const struct training_batch watched = {.epoch = epoch,
                                           .batch = batch + 1,
                                           .step = &step,
                                           .update = &update,
                                           .penalty = objective_has_penalty(&loop->objective),
                                           .targets = &loop->targets,
                                           .weights = loop->weights,
                                           .augmentation = &loop->augmentation,
                                           .order = loop->options->shuffle ? loop->order : NULL,
                                           .searched = searched};
    TRY(hook_run(loop, &watched, false));
    TRY(step_forward(&step));
    TRY(step_backward(&step));
    TRY(step_update(&step, watched.penalty, &update));
    loop->steps++;
    return hook_run(loop, &watched, true);
}

/* Uploads the order in which epoch `epoch` visits the samples. */
static enum weft_status order_set(struct epoch_loop *loop, size_t epoch)
{
    if (!loop->options->shuffle)
        return WEFT_OK;
    const struct random_stream stream = {
        .seed = loop->options->seed, .purpose = RANDOM_ORDER, .epoch = (uint32_t)epoch};
    random_permutation(stream, loop->order, loop->plan.samples);
    return loop->backend->order_upload(loop->data, loop->order);
}

/* Asks the progress callback and returns true if training must stop. */
static bool progress_stops(const struct epoch_loop *loop, size_t epoch, size_t batch)
{
    const struct weft_callbacks *callbacks = loop->callbacks;
    if (callbacks == NULL || callbacks->progress == NULL)
        return false;
    const struct weft_progress progress = {.epoch = epoch,
                                           .epochs = size_max(loop->options->epochs, epoch),
                                           .batch = batch,
                                           .batches = loop->plan.count,
                                           .samples = loop->plan.samples};
    return callbacks->progress(callbacks->user, &progress) != 0;
}

/* Downloads the optimizer state and the values of the network: [optimizer_state_count +
 * 1][value_count]. */
static enum weft_status values_take(struct epoch_loop *loop, float *values)
{
    const size_t count = loop->network->value_count,
                 states = optimizer_state_count(&loop->optimizer);
    for (size_t i = 0; i < states; i++)
        TRY(loop->backend->state_download(loop->workspace, i, values + i * count));
    return loop->backend->parameters_download(loop->workspace, values + states * count);
}

static enum weft_status values_put(struct epoch_loop *loop, const float *values)
{
    const size_t count = loop->network->value_count,
                 states = optimizer_state_count(&loop->optimizer);
    for (size_t i = 0; i < states; i++)
        TRY(loop->backend->state_upload(loop->workspace, i, values + i * count));
    return loop->backend->parameters_upload(loop->workspace, values + states * count);
}

enum weft_status epoch_loop_begin(struct epoch_loop *loop, const float *parameters,
                                  const struct training_state *state)
{
    const bool goes_on = state->steps > 0 && state->optimizer == loop->optimizer.kind &&
                         state->arrays == optimizer_state_count(&loop->optimizer);
    if (!goes_on)
        return loop->backend->parameters_upload(loop->workspace, parameters);
    loop->steps = state->steps;
    return values_put(loop, state->values);
}

enum weft_status epoch_loop_leave(struct epoch_loop *loop, struct training_state *state)
{
    const size_t arrays = optimizer_state_count(&loop->optimizer);
    training_state_reset(state);
    TRY(NEW_ARRAY(state->values, (arrays + 1) * loop->network->value_count));
    state->arrays = arrays;
    state->optimizer = loop->optimizer.kind;
    TRY(values_take(loop, state->values));
    state->steps = loop->steps;
    return WEFT_OK;
}

/* Downloads the parameters for the model. Averaged weights come with averaged statistics. */
static enum weft_status parameters_take(struct epoch_loop *loop)
{
    if (loop->optimizer.ema > 0.0)
        return loop->backend->state_download(
            loop->workspace, optimizer_state_count(&loop->optimizer) - 1, loop->parameters);
    return loop->backend->parameters_download(loop->workspace, loop->parameters);
}

enum weft_status epoch_loop_run(struct epoch_loop *loop, size_t epoch, size_t *batches)
{
    TRY(order_set(loop, epoch));
    if (loop->hooks != NULL) /* epoch_loop_search starts here */
        TRY(values_take(loop, loop->start));
    for (*batches = 0; *batches < loop->plan.count && !loop->stopped;) {
        TRY(batch_run(loop, epoch, *batches, false));
        *batches += 1;
        loop->stopped = progress_stops(loop, epoch, *batches);
    }
    TRY(loop->backend->metrics_download(loop->workspace, *batches, loop->metrics));
    return parameters_take(loop);
}

enum weft_status epoch_loop_search(struct epoch_loop *loop, size_t epoch, size_t bad,
                                   size_t batches)
{
    if (loop->hooks == NULL)
        return WEFT_OK;
    loop->steps -= batches;
    TRY(order_set(loop, epoch));
    TRY(values_put(loop, loop->start));
    for (size_t batch = 0; batch <= bad; batch++)
        TRY(batch_run(loop, epoch, batch, batch + 2 >= bad));
    return WEFT_OK;
}

void epoch_loop_metrics(const struct epoch_loop *loop, size_t batches, struct weft_epoch *result)
{
    double error = 0.0;
    size_t correct = 0, samples = 0;
    for (size_t b = 0; b < batches; b++) {
        const struct batch_metrics *metrics = &loop->metrics[b];
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

enum weft_status epoch_loop_init(struct epoch_loop *loop, const struct weft_dataset *train)
{
    loop->targets = target_rule_make(loop->options, loop->network, train);
    TRY(sample_weights_make(loop->options, loop->network, train, &loop->weights));
    loop->optimizer = optimizer_make(loop->options);
    TRY(augmentation_make(loop->options, train, &loop->augmentation));
    loop->schedule = schedule_make(loop->options, loop->plan.count);
    const struct workspace_plan plan = {.network = loop->network,
                                        .batch = loop->plan.largest,
                                        .slots = loop->plan.count,
                                        .training = true,
                                        .products = loop->options->gemm,
                                        .targets = loop->targets,
                                        .states = optimizer_state_count(&loop->optimizer),
                                        .augmentation = loop->augmentation};
    loop->backend = loop->device->backend;
    loop->objective = objective_make(loop->options, loop->network);
    TRY(NEW_ARRAY(loop->metrics, loop->plan.count));
    TRY(NEW_ARRAY(loop->order, loop->plan.samples));
    TRY(NEW_ARRAY(loop->parameters, loop->network->value_count));
    if (loop->hooks != NULL)
        TRY(NEW_ARRAY(loop->start, (plan.states + 1) * loop->network->value_count));
    return loop->backend->workspace_create(loop->device, &plan, &loop->workspace);
}

enum weft_status epoch_loop_upload(struct epoch_loop *loop, const struct weft_dataset *dataset,
                                   const struct scale *scale)
{
    const struct data_source source = {.samples = dataset->samples,
                                       .features = dataset->features,
                                       .x = dataset->x,
                                       .labels = dataset->labels,
                                       .targets = dataset->targets,
                                       .target_count = dataset->classes,
                                       .weights = loop->weights,
                                       .scale = scale,
                                       .images = augmentation_of_images(&loop->augmentation),
                                       .gathered = loop->options->shuffle};
    return loop->backend->data_create(loop->device, &source, &loop->data);
}

void epoch_loop_reset(struct epoch_loop *loop)
{
    if (loop->data != NULL)
        loop->backend->data_destroy(loop->data);
    if (loop->workspace != NULL)
        loop->backend->workspace_destroy(loop->workspace);
    memory_free(loop->start);
    memory_free(loop->parameters);
    memory_free(loop->weights);
    memory_free(loop->order);
    memory_free(loop->metrics);
    memset(loop, 0, sizeof *loop);
}
