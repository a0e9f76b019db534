/* Implements weft_train: checks that everything fits, tests the device, then runs THE loop
 * (train/trainer.c). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/device_record.h"
#include "api/training_plan.h"
#include "base/file.h"
#include "base/memory.h"
#include "check/shadow.h"
#include "train/augment.h"
#include "train/finite.h"
#include "train/optimizer.h"
#include "train/scaling.h"
#include "train/training_options.h"

static enum weft_status sets_fit(const struct training_sets *sets, const struct weft_model *model)
{
    const struct weft_dataset *const all[] = {sets->train, sets->validation, sets->test};
    const struct dataset_needs needs = model_needs(model);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] != NULL)
            TRY(dataset_fits(all[i], &needs));
    return WEFT_OK;
}

/* A call of weft_train, weft_resume, weft_fit or weft_partial_fit. */
struct call {
    struct weft_device *device;
    struct weft_model *model;
    struct weft_options options; /* settled */
    struct training_sets sets;
    struct scaling scaling; /* owned; its sets are those to train with */
    bool goes_on;           /* weft_partial_fit: continue for one epoch */
    bool from_scratch;      /* weft_fit: forget what the model has learned, unless warm_start */
    bool restarts;          /* weft_fit: start from new weights */
    struct streamed_sets streamed;         /* the sets that do not fit into the device */
    const struct weft_checkpoint *resumed; /* weft_resume: continue from here; or NULL */
    const struct weft_callbacks *callbacks;
    struct weft_training *training;
};

/* ---- checks, while the model is still unchanged ---- */

static enum weft_status validation_is_there(const struct call *call)
{
    const struct weft_options *options = &call->options;
    const bool plateau = options->schedule == WEFT_SCHEDULE_PLATEAU;
    if (call->sets.validation != NULL || (options->patience == 0 && !plateau))
        return WEFT_OK;
    return plateau ? fail_option("schedule", NULL, "plateau needs a validation set (holdout)")
                   : fail_option("patience", NULL, "needs a validation set (holdout)");
}

static enum weft_status known_answers(const struct call *call)
{
    const double start = clock_seconds();
    struct check_plan plan = check_plan_make(&call->model->network, &call->options,
                                             (struct training_data){.train = call->sets.train});
    TRY(augmentation_make(&call->options, call->sets.train, &plan.augmentation));
    plan.scale = call->scaling.in_use;
    check_plan_narrow(call->device, &plan);
    TRY(device_known_answers(call->device, &plan));
    call->training->check_seconds = clock_seconds() - start;
    return WEFT_OK;
}

/* Refuses a training that needs more memory than there is, before anything is allocated. Sets that
 * do not fit are streamed. */
static enum weft_status memory_suffices(struct call *call)
{
    const struct plan_job job = {.device = call->device,
                                 .network = &call->model->network,
                                 .options = &call->options,
                                 .sets = call->sets,
                                 .members = 1};
    struct weft_training_plan plan;
    TRY(plan_make(&job, &plan));
    call->streamed = (struct streamed_sets){.train = plan.streams_train,
                                            .validation = plan.streams_validation,
                                            .test = plan.streams_test};
    return plan.fits == WEFT_OK ? WEFT_OK : fail(plan.fits, "%s", plan.refusal);
}

/* Settles the options, and rejects what cannot be trained and devices that compute wrong
 * results. */
static enum weft_status prepare(struct call *call, const struct weft_options *options)
{
    struct weft_model *model = call->model;
    memset(call->training, 0, sizeof *call->training);
    if (model->member_count > 0)
        return fail(WEFT_ERROR_USAGE, "model: is an ensemble of %zu: train its members one by one",
                    model->member_count + 1);
    TRY(training_options_settle(options, &model->network,
                                (struct training_data){.train = call->sets.train}, &call->options));
    TRY(validation_is_there(call));
    TRY(sets_fit(&call->sets, model));
    TRY(augmentation_fits(&call->options, call->sets.train));
    call->restarts = call->from_scratch && !call->options.warm_start;
    TRY(model_set_dropout(model, &call->options)); /* decides what a step stores */
    TRY(memory_suffices(call));
    TRY(scaling_settle(&call->scaling, model, &call->options, call->restarts, &call->sets));
    return known_answers(call);
}

/* ---- training ---- */

/* Runs THE loop, with shadow training beside it if the options ask for it. */
static enum weft_status run_loop(const struct call *call, struct training_run how)
{
    struct weft_model *model = call->model;
    const struct weft_options *options = &call->options;
    const struct training_sets *sets = &call->scaling.sets;
    if (options->check_every == 0)
        return trainer_run(call->device, model, options, sets, how, call->callbacks, NULL,
                           call->training);
    const struct optimizer optimizer = optimizer_make(options);
    struct shadow shadow = {.device = call->device,
                            .options = options,
                            .network = &model->network,
                            .scale = &model->scale,
                            .train = sets->train,
                            .states = optimizer_state_count(&optimizer)};
    const struct training_hooks hooks = shadow_hooks(&shadow);
    enum weft_status status =
        shadow_init(&shadow, trainer_batch_plan(options, sets->train).largest);
    if (status == WEFT_OK)
        status = trainer_run(call->device, model, options, sets, how, call->callbacks, &hooks,
                             call->training);
    shadow_reset(&shadow);
    return status;
}

static enum weft_status train(struct call *call)
{
    struct weft_model *model = call->model;
    const struct weft_options *options = &call->options;
    const struct training_run how = {.epochs = call->goes_on ? 1 : options->epochs,
                                     .goes_on = call->goes_on,
                                     .resumed = call->resumed,
                                     .streamed = call->streamed};
    if (call->restarts)
        model_restart(model, options);
    if (!call->goes_on)
        curve_reset(&model->curve);
    scaling_give(&call->scaling, model);
    snprintf(model->preset, sizeof model->preset, "%s", options->preset);
    model->seed = options->seed;
    model->article_quirks = options->article_quirks;
    return run_loop(call, how);
}

static enum weft_status call_run(struct call *call, const struct weft_options *options)
{
    enum weft_status status = prepare(call, options);
    if (status == WEFT_OK)
        status = train(call);
    scaling_reset(&call->scaling);
    return status;
}

/* ---- public functions ---- */

enum weft_status weft_train(struct weft_device *device, struct weft_model *model,
                            const struct weft_options *options,
                            const struct weft_dataset *train_set,
                            const struct weft_dataset *validation, const struct weft_dataset *test,
                            const struct weft_callbacks *callbacks, struct weft_training *training)
{
    struct call call = {.device = device,
                        .model = model,
                        .sets = {train_set, validation, test},
                        .callbacks = callbacks,
                        .training = training};
    return call_run(&call, options);
}

enum weft_status weft_resume(struct weft_device *device, struct weft_model *model,
                             const struct weft_options *options,
                             const struct weft_dataset *train_set,
                             const struct weft_dataset *validation, const struct weft_dataset *test,
                             const struct weft_callbacks *callbacks,
                             const struct weft_checkpoint *checkpoint,
                             struct weft_training *training)
{
    struct call call = {.device = device,
                        .model = model,
                        .sets = {train_set, validation, test},
                        .resumed = checkpoint,
                        .callbacks = callbacks,
                        .training = training};
    return call_run(&call, options);
}

enum weft_status weft_fit(struct weft_device *device, struct weft_model *model,
                          const struct weft_options *options, const struct weft_dataset *train_set,
                          const struct weft_dataset *validation,
                          const struct weft_callbacks *callbacks, struct weft_training *training)
{
    struct call call = {.device = device,
                        .model = model,
                        .sets = {train_set, validation, NULL},
                        .from_scratch = true,
                        .callbacks = callbacks,
                        .training = training};
    return call_run(&call, options);
}

enum weft_status weft_partial_fit(struct weft_device *device, struct weft_model *model,
                                  const struct weft_options *options,
                                  const struct weft_dataset *train_set,
                                  const struct weft_dataset *validation,
                                  const struct weft_callbacks *callbacks,
                                  struct weft_training *training)
{
    struct call call = {.device = device,
                        .model = model,
                        .sets = {train_set, validation, NULL},
                        .goes_on = true,
                        .callbacks = callbacks,
                        .training = training};
    return call_run(&call, options);
}
