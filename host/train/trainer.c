/* THE training loop, to be read from top to bottom. Each epoch is judged before the model gets its
 * weights. epoch_loop.c has the inside of an epoch. */
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "options/options.h"
#include "train/advice.h"
#include "train/checkpoint.h"
#include "train/epoch_times.h"
#include "train/finite.h"
#include "train/monitor.h"
#include "train/rank_check.h"
#include "train/score.h"
#include "train/slice_score.h"
#include "train/usefulness.h"

/* A set of samples on the device, and its size. */
struct scored_set {
    struct device_data *data;           /* owned; NULL: there is no such set */
    const struct weft_dataset *dataset; /* borrowed */
    size_t samples;
};

/* A training run and what it needs. Every pointer is owned unless its comment says otherwise. */
struct trainer {
    struct weft_device *device;             /* borrowed */
    const struct backend *backend;          /* static */
    struct weft_model *model;               /* borrowed */
    const struct weft_options *options;     /* borrowed */
    const struct weft_callbacks *callbacks; /* borrowed, may be NULL */
    struct training_run run;
    struct epoch_loop loop; /* holds the training set */
    struct scored_set validation, test;
    struct pass pass;                 /* for scores */
    struct epoch_times times;         /* of the epochs that were completed here */
    struct weft_moment moment;        /* for the batch callback */
    const struct weft_dataset *train; /* borrowed */
    struct training_state *state;     /* borrowed from the loop */

    bool stopped;    /* a callback asked to stop */
    bool last_whole; /* the last epoch ran to its end */
};

struct batch_plan trainer_batch_plan(const struct weft_options *options,
                                     const struct weft_dataset *train)
{
    return batch_plan_make(train->samples, options->batches, options->batch_size);
}

/* ---- results of an epoch ---- */

/* Checks the statistics, too. They overflow first when a network computes ever larger numbers. */
static bool parameters_finite(const struct trainer *trainer)
{
    for (size_t i = 0; i < trainer->model->network.value_count; i++)
        if (!isfinite(trainer->loop.parameters[i]))
            return false;
    return true;
}

/* Formats a text like "largest weight 1.2e+30" from the finite weights and biases. */
static void describe_largest(const struct trainer *trainer, char *text, size_t size)
{
    double largest = -1.0;
    for (size_t i = 0; i < trainer->model->network.parameter_count; i++)
        if (isfinite(trainer->loop.parameters[i]))
            largest = fmax(largest, fabs((double)trainer->loop.parameters[i]));
    if (largest < 0.0)
        snprintf(text, size, "no weight is finite");
    else
        snprintf(text, size, "largest weight %.3g", largest);
}

/* `batch` counts from 1. `updated` is true if the parameters have been updated before. */
static enum weft_status fail_diverged(const struct trainer *trainer, size_t batch, bool updated,
                                      const char *what)
{
    char largest[64], advice[ADVICE_SIZE];
    describe_largest(trainer, largest, sizeof largest);
    advice_after_divergence(trainer->options, updated, advice);
    return fail(WEFT_ERROR_DIVERGED,
                "training diverged in epoch %zu, batch %zu of %zu: %s no longer finite, %s; try %s",
                trainer->state->epoch, batch, trainer->loop.plan.count, what, largest, advice);
}

/* Restores the model from one epoch earlier. The damage of an update shows only in the next
 * loss. */
static void epoch_take_back(struct trainer *trainer)
{
    memcpy(trainer->model->parameters, trainer->state->previous,
           trainer->model->network.value_count * sizeof(float));
    trainer->model->record.epochs -= trainer->last_whole;
    curve_take_back(&trainer->model->curve, trainer->last_whole);
    trainer->state->epochs -= trainer->last_whole;
}

/* Returns WEFT_ERROR_DIVERGED for the first batch whose loss is not finite, or for the last batch
 * if only the weights are not. If the first batch of the epoch is bad, the epoch before it already
 * was. */
static enum weft_status finite_check(struct trainer *trainer, size_t epoch, size_t batches)
{
    size_t bad = 0;
    const struct batch_metrics *metrics = trainer->state->metrics;
    while (bad < batches && isfinite(metrics[bad].loss) && isfinite(metrics[bad].weight_squares))
        bad++;
    if (bad == batches && parameters_finite(trainer))
        return WEFT_OK;
    if (bad == 0 && trainer->state->epochs > 0)
        epoch_take_back(trainer);
    /* A loss precedes its update. */
    const bool updated = bad > 0 || trainer->state->steps > batches;
    TRY(epoch_loop_search(&trainer->loop, epoch, bad < batches ? bad : batches - 1, batches));
    return fail_diverged(trainer, bad < batches ? bad + 1 : batches, updated,
                         bad < batches ? "the loss is" : "the weights are");
}

static struct sliced_set sliced_set_of(const struct trainer *trainer, const struct scored_set *set)
{
    return (struct sliced_set){.data = set->data,
                               .dataset = set->dataset,
                               .samples = set->samples,
                               .training = set->data == trainer->loop.data};
}

/* Computes loss and correct predictions of a data set. */
static enum weft_status set_pass(struct trainer *trainer, const struct scored_set *set,
                                 struct pass_result *result)
{
    const struct sliced_set sliced = sliced_set_of(trainer, set);
    return slice_score(&trainer->loop.slices, &trainer->pass, &sliced,
                       trainer->loop.objective.article, result);
}

/* Computes accuracy and error of a data set. The pass must hold the parameters of the model. */
static enum weft_status set_score(struct trainer *trainer, const struct scored_set *set,
                                  struct weft_score *score)
{
    *score = (struct weft_score){
        .samples = set->samples, .accuracy = (double)NAN, .r2 = (double)NAN, .error = (double)NAN};
    if (set->samples == 0)
        return WEFT_OK;
    const struct network *network = &trainer->model->network;
    const struct sliced_set sliced = sliced_set_of(trainer, set);
    struct pass_result result;
    TRY(set_pass(trainer, set, &result));
    score->error = result.mean_loss;
    if (!isfinite(result.mean_loss)) /* outputs that are not finite have no scores */
        return WEFT_OK;
    if (network->task == WEFT_TASK_REGRESS)
        TRY(slice_r2(&trainer->loop.slices, &trainer->pass, &sliced, &score->r2));
    else { /* samples of classes that the model does not know count as wrong */
        score->samples += set->dataset->unseen;
        score->accuracy = (double)result.correct / (double)score->samples;
    }
    score->error =
        objective_error(&trainer->loop.objective, result.mean_loss,
                        (double)trainer->loop.plan.samples / (double)trainer->loop.plan.count,
                        weight_sums_of(trainer->model->parameters, network->weight_count));
    return WEFT_OK;
}

/* Computes the number that early stopping watches. The pass must hold the model's parameters. */
static enum weft_status monitored(struct trainer *trainer, const struct weft_score *score,
                                  double *value)
{
    const struct scored_set *set = &trainer->validation;
    const struct sliced_set sliced = sliced_set_of(trainer, set);
    struct pass_result result;
    *value = score->accuracy;
    if (!isfinite(score->error))
        return WEFT_OK; /* neither accuracy nor any other score exists */
    if (trainer->options->monitor == WEFT_MONITOR_MACRO_F1)
        return slice_macro_f1(&trainer->loop.slices, &trainer->pass, &sliced, value);
    if (trainer->options->monitor == WEFT_MONITOR_ACCURACY)
        return WEFT_OK;
    TRY(set_pass(trainer, set, &result));
    *value = result.mean_loss;
    return WEFT_OK;
}

/* Keeps the weights of the best epoch so far, and lowers the learning rate on a plateau. `*value`
 * receives the monitored value; without a monitor it stays unchanged. */
static enum weft_status epoch_watch(struct trainer *trainer, size_t epoch,
                                    const struct weft_score *score, double *value)
{
    const struct weft_model *model = trainer->model;
    struct training_state *state = trainer->state;
    const bool plateau = trainer->options->schedule == WEFT_SCHEDULE_PLATEAU;
    if (state->monitor.patience == 0 && !plateau)
        return WEFT_OK;
    TRY(monitored(trainer, score, value));
    if (plateau && !monitor_note(&state->plateau, epoch, *value) &&
        state->plateau.worse > trainer->options->rate_patience) {
        state->schedule.drops++;
        state->plateau.worse = 0;
    }
    if (state->monitor.patience > 0 && monitor_note(&state->monitor, epoch, *value))
        memcpy(state->best, model->parameters, state->values * sizeof *state->best);
    return WEFT_OK;
}

/* Runs one epoch. The model gets the new weights only if they and the loss are finite. */
static enum weft_status epoch_run(struct trainer *trainer, size_t epoch, struct weft_epoch *result)
{
    struct weft_model *model = trainer->model;
    const double start = clock_seconds();
    size_t batches = 0;
    TRY(epoch_loop_run(&trainer->loop, epoch, &batches));
    trainer->stopped = trainer->loop.stopped;
    const struct training_state *state = trainer->state;
    *result =
        (struct weft_epoch){.epoch = epoch,
                            .validation_accuracy = (double)NAN,
                            .learning_rate = schedule_rate(&state->schedule, state->steps - 1),
                            .seconds = clock_seconds() - start,
                            .validation_r2 = (double)NAN,
                            .monitored = (double)NAN};
    TRY(finite_check(trainer, epoch, batches));
    epoch_loop_metrics(&trainer->loop, batches, result);
    const size_t bytes = model->network.value_count * sizeof *model->parameters;
    memcpy(trainer->state->previous, model->parameters, bytes);
    memcpy(model->parameters, trainer->loop.parameters, bytes);
    trainer->last_whole = batches == trainer->loop.plan.count;
    if (trainer->last_whole) {
        TRY(epoch_times_add(&trainer->times, result->seconds));
        trainer->state->epochs++;
        model->record.epochs += 1;
    }
    if (trainer->validation.samples > 0 && trainer->last_whole) {
        struct weft_score score;
        TRY(pass_parameters(&trainer->pass, model->parameters));
        TRY(set_score(trainer, &trainer->validation, &score));
        result->validation_accuracy = score.accuracy;
        result->validation_r2 = score.r2;
        TRY(epoch_watch(trainer, epoch, &score, &result->monitored));
    }
    return trainer->last_whole ? curve_add(&model->curve, result) : WEFT_OK;
}

/* Puts the starting point on the device, and determines the first epoch and the one after the
 * last. */
static enum weft_status epochs_begin(struct trainer *trainer, size_t *first, size_t *end)
{
    struct weft_model *model = trainer->model;
    const struct training_run run = trainer->run;
    *first = run.goes_on ? model->record.epochs + 1 : 1;
    *end = *first + run.epochs;
    if (run.resumed == NULL)
        return epoch_loop_begin(&trainer->loop, model->parameters,
                                run.goes_on ? model->state : NULL);
    TRY(checkpoint_restore(run.resumed, &trainer->loop, model));
    *first = trainer->state->epoch;
    trainer->last_whole = true; /* the epoch before it, if there was one */
    return WEFT_OK;
}

static enum weft_status epochs_run(struct trainer *trainer)
{
    const struct weft_callbacks *callbacks = trainer->callbacks;
    struct weft_model *model = trainer->model;
    size_t first = 0, end = 0;
    TRY(epochs_begin(trainer, &first, &end));
    memory_free(model->state);
    model->state = NULL; /* unless this training run ends well */
    for (size_t epoch = first;
         epoch < end && !trainer->stopped && !monitor_stops(&trainer->state->monitor); epoch++) {
        struct weft_epoch result;
        TRY(epoch_run(trainer, epoch, &result));
        if (trainer->last_whole && callbacks != NULL && callbacks->epoch != NULL &&
            callbacks->epoch(callbacks->user, &result) != 0 && slices_stop(&trainer->loop.slices))
            trainer->stopped = true;
    }
    return WEFT_OK;
}

/* Gives the model the weights of the best epoch, no matter how the training run ended. */
static void best_restore(struct trainer *trainer)
{
    const struct training_state *state = trainer->state;
    if (state->monitor.best_epoch > 0)
        memcpy(trainer->model->parameters, state->best, state->values * sizeof *state->best);
}

/* ---- results of the training run ---- */

/* Returns WEFT_ERROR_DIVERGED and takes the model back one epoch if the final error is not
 * finite. */
static enum weft_status last_update_check(struct trainer *trainer, double error)
{
    if (isfinite(error))
        return WEFT_OK;
    epoch_take_back(trainer);
    trainer->state->monitor.best_epoch = 0; /* the best epoch is unusable, too */
    return fail_diverged(trainer, trainer->loop.plan.count, true, "the final error is");
}

/* Records how the model was trained. The scores stay unknown until the training run ends. */
static void record_begin(struct trainer *trainer)
{
    struct training_record *record = &trainer->model->record;
    options_record(trainer->options, &record->options);
    record->train_accuracy = (double)NAN;
    record->validation_accuracy = (double)NAN;
    record->test_accuracy = (double)NAN;
}

/* Computes the final score of a data set. Outputs that are not finite are now an error. */
static enum weft_status final_score(struct trainer *trainer, const char *what,
                                    const struct scored_set *set, struct weft_score *score)
{
    char name[SET_NAME_SIZE];
    TRY(set_score(trainer, set, score));
    if (set->samples == 0 || isfinite(score->error))
        return WEFT_OK;
    set_name_make(what, set->dataset, name);
    const struct named_samples samples = {name, dataset_rows(set->dataset), 0};
    return finite_pass(&trainer->pass, set->data, &samples, set->samples);
}

static enum weft_status results_fill(struct trainer *trainer, struct weft_training *training)
{
    struct training_record *record = &trainer->model->record;
    training->stopped = trainer->stopped;
    training->stopped_early = monitor_stops(&trainer->state->monitor);
    epoch_times_fill(&trainer->times, training);
    const struct scored_set train = {trainer->loop.data, trainer->train,
                                     trainer->loop.plan.samples};
    TRY(trainer->backend->order_upload(train.data, NULL));
    TRY(pass_parameters(&trainer->pass, trainer->model->parameters));
    TRY(set_score(trainer, &train, &training->train));
    TRY(last_update_check(trainer, training->train.error));
    record->train_accuracy = training->train.accuracy;
    TRY(final_score(trainer, "validation", &trainer->validation, &training->validation));
    TRY(final_score(trainer, "test", &trainer->test, &training->test));
    record->validation_accuracy = training->validation.accuracy;
    record->test_accuracy = training->test.accuracy;
    if (trainer->stopped)
        return WEFT_OK;
    const struct sliced_set sliced = sliced_set_of(trainer, &train);
    struct one_answer answer;
    TRY(slice_one_answer(&trainer->loop.slices, &trainer->pass, &sliced, &answer));
    usefulness_note_training(trainer->train, trainer->model, trainer->options, answer, training);
    return WEFT_OK;
}

/* ---- setup and teardown ---- */

static enum weft_status set_upload(struct trainer *trainer, const struct weft_dataset *dataset,
                                   bool streamed, struct scored_set *set)
{
    if (dataset == NULL)
        return WEFT_OK;
    struct data_source source = pass_source(dataset, &trainer->model->scale);
    source.streamed = streamed;
    TRY(trainer->backend->data_create(trainer->device, &source, &set->data));
    set->dataset = dataset;
    set->samples = dataset->samples;
    return WEFT_OK;
}

static enum weft_status trainer_prepare(struct trainer *trainer, const struct training_sets *sets)
{
    const struct network *network = &trainer->model->network;
    struct slice_group *group = slices_group_of(trainer->device);
    char *devices = trainer->model->record.devices;
    TRY(rank_check(group, &trainer->moment, trainer->run.resumed));
    TRY(rank_devices(group, trainer->options->slices, trainer->device->info.name, devices,
                     RECORD_DEVICES_SIZE));
    if (trainer->run.resumed != NULL)
        TRY(checkpoint_fits(trainer->run.resumed, &trainer->moment));
    TRY(epoch_loop_init(&trainer->loop, sets->train));
    trainer->state = trainer->loop.state;
    TRY(epoch_loop_upload(&trainer->loop, sets->train, &trainer->model->scale));
    TRY(set_upload(trainer, sets->validation, trainer->run.streamed.validation,
                   &trainer->validation));
    TRY(set_upload(trainer, sets->test, trainer->run.streamed.test, &trainer->test));
    const size_t longest = size_max(sets->train->samples,
                                    size_max(trainer->validation.samples, trainer->test.samples));
    return pass_init(&trainer->pass, trainer->device, network, longest, trainer->options->gemm);
}

static void set_release(struct trainer *trainer, struct scored_set *set)
{
    if (set->data != NULL)
        trainer->backend->data_destroy(set->data);
    set->data = NULL;
}

static void trainer_release(struct trainer *trainer)
{
    pass_reset(&trainer->pass);
    set_release(trainer, &trainer->test);
    set_release(trainer, &trainer->validation);
    epoch_loop_reset(&trainer->loop);
    epoch_times_reset(&trainer->times);
}

static enum weft_status trainer_work(struct trainer *trainer, const struct training_sets *sets,
                                     struct weft_training *training)
{
    TRY(trainer_prepare(trainer, sets));
    const enum weft_status status = epochs_run(trainer);
    best_restore(trainer);
    if (status == WEFT_OK || trainer->state->epochs > 0)
        record_begin(trainer);
    TRY(status);
    TRY(results_fill(trainer, training));
    /* After early stopping, the optimizer state belongs to other weights than the model's. Only a
     * training that is meant to go on needs it then. */
    if (trainer->state->monitor.best_epoch > 0 && !trainer->run.goes_on)
        return WEFT_OK;
    return epoch_loop_leave(&trainer->loop, &trainer->model->state);
}

enum weft_status trainer_run(struct weft_device *device, struct weft_model *model,
                             const struct weft_options *options, const struct training_sets *sets,
                             struct training_run run, const struct weft_callbacks *callbacks,
                             const struct training_hooks *hooks, struct weft_training *training)
{
    struct trainer trainer = {.device = device,
                              .backend = device->backend,
                              .model = model,
                              .options = options,
                              .callbacks = callbacks,
                              .run = run,
                              .train = sets->train,
                              .moment = {.loop = &trainer.loop, .model = model, .sets = sets},
                              .loop = {.device = device,
                                       .network = &model->network,
                                       .options = options,
                                       .callbacks = callbacks,
                                       .hooks = hooks,
                                       .streamed = run.streamed.train,
                                       .plan = trainer_batch_plan(options, sets->train)}};
    if (callbacks != NULL && callbacks->batch != NULL)
        trainer.loop.moment = &trainer.moment;
    const enum weft_status status = trainer_work(&trainer, sets, training);
    if (trainer.state != NULL) { /* the model may own it by now */
        training->epochs = trainer.state->epochs;
        training->best_epoch = trainer.state->monitor.best_epoch;
    }
    trainer_release(&trainer);
    return status;
}
