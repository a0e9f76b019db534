/* THE training loop: epochs of batches, read from top to bottom.
 *
 * The host only queues work inside an epoch; it waits for the device once, at the epoch's end, when
 * the metrics of all batches come back together with the weights.
 */
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "train/objective.h"
#include "train/pass.h"
#include "train/step.h"

/* Samples on the device, and how many there are. */
struct part {
    struct device_data *data; /* owned; NULL: no such part */
    size_t samples;
};

/* All that a training holds; every pointer owned unless said. */
struct trainer {
    struct weft_device *device;             /* borrowed */
    const struct backend *backend;          /* static */
    struct weft_model *model;               /* borrowed */
    const struct weft_options *options;     /* borrowed */
    const struct weft_callbacks *callbacks; /* borrowed, may be NULL */
    struct objective objective;
    struct batch_plan plan;

    struct part train, validation, test;
    struct workspace *workspace;   /* of training batches */
    struct pass pass;              /* of scores */
    struct batch_metrics *metrics; /* [plan.count] */
    uint32_t *order;               /* [N] */
    float *parameters;             /* [parameter_count] as the device has them */
    double *seconds;               /* [seconds_room], of whole epochs */
    size_t seconds_room;
    float *previous; /* [parameter_count] the model's, an epoch before */

    size_t epochs_done;
    bool stopped;
    bool last_whole; /* the last epoch ran to its end */
};

struct batch_plan trainer_batch_plan(const struct weft_options *options,
                                     const struct weft_dataset *train)
{
    return batch_plan_make(train->samples, options->batches, options->batch_size);
}

/* ---- the way of the data ---- */

/* gather -> forward -> loss and output delta -> backward -> update */
static enum weft_status batch_run(struct trainer *trainer, size_t batch)
{
    struct step step = {.backend = trainer->backend,
                        .workspace = trainer->workspace,
                        .network = &trainer->model->network,
                        .data = trainer->train.data,
                        .slot = batch};
    batch_plan_range(&trainer->plan, batch, &step.first, &step.count);
    step.loss = objective_loss_rule(&trainer->objective, step.count);
    const struct update_rule update =
        objective_update_rule(&trainer->objective, trainer->options->learning_rate);
    TRY(step_forward(&step));
    TRY(step_backward(&step));
    return step_update(&step, objective_has_penalty(&trainer->objective), &update);
}

/* The order of the samples in epoch `epoch`, on the device. */
static enum weft_status order_set(struct trainer *trainer, size_t epoch)
{
    if (!trainer->options->shuffle)
        return WEFT_OK;
    const struct random_stream stream = {
        .seed = trainer->options->seed, .purpose = RANDOM_ORDER, .epoch = (uint32_t)epoch};
    random_permutation(stream, trainer->order, trainer->train.samples);
    return trainer->backend->order_upload(trainer->train.data, trainer->order);
}

/* Asks the callback; true where training is to stop. */
static bool progress_stops(const struct trainer *trainer, size_t epoch, size_t batch)
{
    const struct weft_callbacks *callbacks = trainer->callbacks;
    if (callbacks == NULL || callbacks->progress == NULL)
        return false;
    const struct weft_progress progress = {.epoch = epoch,
                                           .epochs = trainer->options->epochs,
                                           .batch = batch,
                                           .batches = trainer->plan.count,
                                           .samples = trainer->train.samples};
    return callbacks->progress(callbacks->user, &progress) != 0;
}

/* Queues the batches of an epoch, then waits: `*batches` is how many ran. */
static enum weft_status batches_run(struct trainer *trainer, size_t epoch, size_t *batches)
{
    TRY(order_set(trainer, epoch));
    for (*batches = 0; *batches < trainer->plan.count && !trainer->stopped;) {
        TRY(batch_run(trainer, *batches));
        *batches += 1;
        trainer->stopped = progress_stops(trainer, epoch, *batches);
    }
    TRY(trainer->backend->metrics_download(trainer->workspace, *batches, trainer->metrics));
    return trainer->backend->parameters_download(trainer->workspace, trainer->parameters);
}

/* ---- what an epoch gave ---- */

/* "largest weight 1.2e+30" of those that are numbers, over weights and biases. */
static void describe_largest(const struct trainer *trainer, char *text, size_t size)
{
    double largest = -1.0;
    for (size_t i = 0; i < trainer->model->network.parameter_count; i++)
        if (isfinite(trainer->parameters[i]))
            largest = fmax(largest, fabs((double)trainer->parameters[i]));
    if (largest < 0.0)
        snprintf(text, size, "no weight is finite");
    else
        snprintf(text, size, "largest weight %.3g", largest);
}

static bool parameters_finite(const struct trainer *trainer)
{
    for (size_t i = 0; i < trainer->model->network.parameter_count; i++)
        if (!isfinite(trainer->parameters[i]))
            return false;
    return true;
}

static enum weft_status fail_diverged(const struct trainer *trainer, size_t epoch, size_t batch,
                                      const char *what)
{
    char largest[64];
    describe_largest(trainer, largest, sizeof largest);
    return fail(WEFT_ERROR_DIVERGED,
                "training: epoch %zu, batch %zu of %zu: %s not finite any more, %s: try a smaller "
                "learning rate (now %g)%s",
                epoch, batch, trainer->plan.count, what, largest, trainer->options->learning_rate,
                trainer->options->scale == WEFT_SCALE_NONE ? " or scale standard" : "");
}

/* WEFT_ERROR_DIVERGED with the first batch whose loss is not finite, or the last one where only the
 * weights are not. */
static enum weft_status finite_check(const struct trainer *trainer, size_t epoch, size_t batches)
{
    size_t bad = 0;
    while (bad < batches && isfinite(trainer->metrics[bad].loss) &&
           isfinite(trainer->metrics[bad].weight_squares))
        bad++;
    if (bad == batches && parameters_finite(trainer))
        return WEFT_OK;
    return fail_diverged(trainer, epoch, bad < batches ? bad + 1 : batches,
                         bad < batches ? "the loss is" : "the weights are");
}

/* Error (mean over batches) and running accuracy of the batches that ran. */
static void epoch_metrics(const struct trainer *trainer, size_t batches, struct weft_epoch *result)
{
    double error = 0.0;
    size_t correct = 0, samples = 0;
    for (size_t b = 0; b < batches; b++) {
        const struct batch_metrics *metrics = &trainer->metrics[b];
        size_t first = 0, count = 0;
        batch_plan_range(&trainer->plan, b, &first, &count);
        error += objective_error(&trainer->objective, (double)metrics->loss / (double)count,
                                 (double)count,
                                 (struct weight_sums){.abs = (double)metrics->weight_abs,
                                                      .squares = (double)metrics->weight_squares});
        correct += metrics->correct;
        samples += count;
    }
    result->error = error / (double)batches;
    result->train_accuracy = (double)correct / (double)samples;
}

/* Accuracy and error of a part under the model's parameters, which the pass has. */
static enum weft_status part_score(struct trainer *trainer, const struct part *part,
                                   struct weft_score *score)
{
    *score = (struct weft_score){
        .samples = part->samples, .accuracy = (double)NAN, .error = (double)NAN};
    if (part->samples == 0)
        return WEFT_OK;
    const struct network *network = &trainer->model->network;
    struct pass_result result;
    TRY(pass_score(&trainer->pass, part->data, part->samples, trainer->objective.article, &result));
    score->accuracy = (double)result.correct / (double)part->samples;
    score->error =
        objective_error(&trainer->objective, result.mean_loss,
                        (double)trainer->plan.samples / (double)trainer->plan.count,
                        weight_sums_of(trainer->model->parameters, network->weight_count));
    return WEFT_OK;
}

/* Keeps the time of a whole epoch; the array doubles, because few trainings use all their epochs.
 */
static enum weft_status epoch_time_keep(struct trainer *trainer, double seconds)
{
    if (trainer->epochs_done == trainer->seconds_room) {
        const size_t room = size_max(2 * trainer->seconds_room, 64);
        double *grown = NULL;
        TRY(NEW_ARRAY(grown, room));
        if (trainer->epochs_done > 0)
            memcpy(grown, trainer->seconds, trainer->epochs_done * sizeof *grown);
        memory_free(trainer->seconds);
        trainer->seconds = grown;
        trainer->seconds_room = room;
    }
    trainer->seconds[trainer->epochs_done++] = seconds;
    return WEFT_OK;
}

/* One epoch. The model gets its weights only when they and the loss are finite. */
static enum weft_status epoch_run(struct trainer *trainer, size_t epoch, struct weft_epoch *result)
{
    struct weft_model *model = trainer->model;
    const double start = clock_seconds();
    size_t batches = 0;
    TRY(batches_run(trainer, epoch, &batches));
    *result = (struct weft_epoch){.epoch = epoch,
                                  .learning_rate = trainer->options->learning_rate,
                                  .seconds = clock_seconds() - start};
    TRY(finite_check(trainer, epoch, batches));
    epoch_metrics(trainer, batches, result);
    const size_t bytes = model->network.parameter_count * sizeof *model->parameters;
    memcpy(trainer->previous, model->parameters, bytes);
    memcpy(model->parameters, trainer->parameters, bytes);
    trainer->last_whole = batches == trainer->plan.count;
    if (trainer->last_whole) {
        TRY(epoch_time_keep(trainer, result->seconds));
        model->record.epochs += 1;
    }
    result->validation_accuracy = (double)NAN;
    if (trainer->validation.samples > 0 && trainer->last_whole) {
        struct weft_score score;
        TRY(pass_parameters(&trainer->pass, model->parameters));
        TRY(part_score(trainer, &trainer->validation, &score));
        result->validation_accuracy = score.accuracy;
    }
    return WEFT_OK;
}

static enum weft_status epochs_run(struct trainer *trainer)
{
    const struct weft_callbacks *callbacks = trainer->callbacks;
    TRY(trainer->backend->parameters_upload(trainer->workspace, trainer->model->parameters));
    for (size_t epoch = 1; epoch <= trainer->options->epochs && !trainer->stopped; epoch++) {
        struct weft_epoch result;
        TRY(epoch_run(trainer, epoch, &result));
        if (trainer->last_whole && callbacks != NULL && callbacks->epoch != NULL &&
            callbacks->epoch(callbacks->user, &result) != 0)
            trainer->stopped = true;
    }
    return WEFT_OK;
}

/* ---- what the training gave ---- */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void epoch_times(struct trainer *trainer, struct weft_training *training)
{
    const size_t n = trainer->epochs_done;
    double *seconds = trainer->seconds;
    training->median_epoch_seconds = (double)NAN;
    training->min_epoch_seconds = (double)NAN;
    training->max_epoch_seconds = (double)NAN;
    if (n == 0)
        return;
    qsort(seconds, n, sizeof *seconds, compare_doubles);
    training->min_epoch_seconds = seconds[0];
    training->max_epoch_seconds = seconds[n - 1];
    training->median_epoch_seconds = (seconds[(n - 1) / 2] + seconds[n / 2]) / 2.0;
}

/* The losses of batches are from before their updates: what the last one did shows in the final
 * score. WEFT_ERROR_DIVERGED if that is not finite; the model goes back by an epoch. */
static enum weft_status last_update_check(struct trainer *trainer, double error)
{
    struct weft_model *model = trainer->model;
    if (isfinite(error))
        return WEFT_OK;
    memcpy(model->parameters, trainer->previous,
           model->network.parameter_count * sizeof *model->parameters);
    model->record.epochs -= trainer->last_whole;
    return fail_diverged(trainer, trainer->epochs_done, trainer->plan.count, "the final error is");
}

static enum weft_status results_fill(struct trainer *trainer, struct weft_training *training)
{
    struct training_record *record = &trainer->model->record;
    training->stopped = trainer->stopped;
    training->epochs = trainer->epochs_done;
    epoch_times(trainer, training);
    TRY(trainer->backend->order_upload(trainer->train.data, NULL));
    TRY(pass_parameters(&trainer->pass, trainer->model->parameters));
    TRY(part_score(trainer, &trainer->train, &training->train));
    TRY(last_update_check(trainer, training->train.error));
    TRY(part_score(trainer, &trainer->validation, &training->validation));
    TRY(part_score(trainer, &trainer->test, &training->test));
    record->l1 = trainer->options->l1;
    record->l2 = trainer->options->l2;
    record->learning_rate = trainer->options->learning_rate;
    record->train_accuracy = training->train.accuracy;
    record->validation_accuracy = training->validation.accuracy;
    record->test_accuracy = training->test.accuracy;
    return WEFT_OK;
}

/* ---- setting up and tearing down ---- */

static enum weft_status part_upload(struct trainer *trainer, const struct weft_dataset *dataset,
                                    struct part *part)
{
    if (dataset == NULL)
        return WEFT_OK;
    const struct data_source source = {.samples = dataset->samples,
                                       .features = dataset->features,
                                       .x = dataset->x,
                                       .labels = dataset->labels,
                                       .scale = &trainer->model->scale};
    TRY(trainer->backend->data_create(trainer->device, &source, &part->data));
    part->samples = dataset->samples;
    return WEFT_OK;
}

static enum weft_status trainer_prepare(struct trainer *trainer, const struct training_parts *parts)
{
    const struct network *network = &trainer->model->network;
    const struct workspace_plan plan = {.network = network,
                                        .batch = trainer->plan.largest,
                                        .slots = trainer->plan.count,
                                        .training = true,
                                        .products = trainer->options->products};
    TRY(NEW_ARRAY(trainer->metrics, trainer->plan.count));
    TRY(NEW_ARRAY(trainer->order, trainer->plan.samples));
    TRY(NEW_ARRAY(trainer->parameters, network->parameter_count));
    TRY(NEW_ARRAY(trainer->previous, network->parameter_count));
    TRY(trainer->backend->workspace_create(trainer->device, &plan, &trainer->workspace));
    TRY(part_upload(trainer, parts->train, &trainer->train));
    TRY(part_upload(trainer, parts->validation, &trainer->validation));
    TRY(part_upload(trainer, parts->test, &trainer->test));
    const size_t longest = size_max(trainer->train.samples,
                                    size_max(trainer->validation.samples, trainer->test.samples));
    return pass_init(&trainer->pass, trainer->device, network, longest, trainer->options->products);
}

static void part_release(struct trainer *trainer, struct part *part)
{
    if (part->data != NULL)
        trainer->backend->data_destroy(part->data);
    part->data = NULL;
}

static void trainer_release(struct trainer *trainer)
{
    pass_reset(&trainer->pass);
    part_release(trainer, &trainer->test);
    part_release(trainer, &trainer->validation);
    part_release(trainer, &trainer->train);
    if (trainer->workspace != NULL)
        trainer->backend->workspace_destroy(trainer->workspace);
    memory_free(trainer->previous);
    memory_free(trainer->seconds);
    memory_free(trainer->parameters);
    memory_free(trainer->order);
    memory_free(trainer->metrics);
}

static enum weft_status trainer_work(struct trainer *trainer, const struct training_parts *parts,
                                     struct weft_training *training)
{
    TRY(trainer_prepare(trainer, parts));
    TRY(epochs_run(trainer));
    return results_fill(trainer, training);
}

enum weft_status trainer_run(struct weft_device *device, struct weft_model *model,
                             const struct weft_options *options, const struct training_parts *parts,
                             const struct weft_callbacks *callbacks, struct weft_training *training)
{
    struct trainer trainer = {.device = device,
                              .backend = device->backend,
                              .model = model,
                              .options = options,
                              .callbacks = callbacks,
                              .objective = objective_make(options, &model->network),
                              .plan = trainer_batch_plan(options, parts->train)};
    const enum weft_status status = trainer_work(&trainer, parts, training);
    trainer_release(&trainer);
    return status;
}
