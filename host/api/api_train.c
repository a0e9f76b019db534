/* weft_train: checks that everything fits, tests the device, then runs THE loop (train/trainer.c).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/device_record.h"
#include "base/file.h"
#include "base/memory.h"
#include "check/shadow.h"
#include "train/optimizer.h"
#include "train/trainer.h"
#include "train/training_options.h"

static enum weft_status parts_fit(const struct training_parts *parts,
                                  const struct weft_model *model)
{
    const struct weft_dataset *const all[] = {parts->train, parts->validation, parts->test};
    const struct dataset_needs needs = model_needs(model);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] != NULL)
            TRY(dataset_fits(all[i], &needs));
    return WEFT_OK;
}

/* A model gets the statistics of the data it is first trained on, and keeps them. */
static enum weft_status scale_settle(struct weft_model *model, const struct weft_options *options,
                                     const struct weft_dataset *train)
{
    if (model->scale.features > 0 || options->scale == WEFT_SCALE_NONE)
        return WEFT_OK;
    return scale_fit(train, options->scale, &model->scale);
}

/* THE loop, with a shadow beside it where one is asked for. */
static enum weft_status run(struct weft_device *device, struct weft_model *model,
                            const struct weft_options *options, const struct training_parts *parts,
                            struct training_run how, const struct weft_callbacks *callbacks,
                            struct weft_training *training)
{
    if (options->check_every == 0)
        return trainer_run(device, model, options, parts, how, callbacks, NULL, training);
    const struct optimizer optimizer = optimizer_make(options);
    struct shadow shadow = {.device = device,
                            .options = options,
                            .network = &model->network,
                            .scale = &model->scale,
                            .train = parts->train,
                            .states = optimizer_keeps(&optimizer)};
    const struct training_hooks hooks = shadow_hooks(&shadow);
    enum weft_status status =
        shadow_init(&shadow, trainer_batch_plan(options, parts->train).largest);
    if (status == WEFT_OK)
        status = trainer_run(device, model, options, parts, how, callbacks, &hooks, training);
    shadow_reset(&shadow);
    return status;
}

/* options: settled. */
static enum weft_status train(struct weft_device *device, struct weft_model *model,
                              const struct weft_options *options,
                              const struct training_parts *parts, struct training_run how,
                              const struct weft_callbacks *callbacks,
                              struct weft_training *training)
{
    if (options->patience > 0 && parts->validation == NULL)
        return fail(WEFT_ERROR_USAGE, "patience: early stopping needs a validation part (holdout)");
    if (options->schedule == WEFT_SCHEDULE_PLATEAU && parts->validation == NULL)
        return fail(WEFT_ERROR_USAGE, "schedule: plateau needs a validation part (holdout)");
    TRY(parts_fit(parts, model));

    const double start = clock_seconds();
    const struct known_answer_plan plan =
        known_answer_plan_make(&model->network, options, parts->train->samples);
    TRY(device_known_answers(device, &plan));
    training->check_seconds = clock_seconds() - start;

    TRY(scale_settle(model, options, parts->train));
    snprintf(model->preset, sizeof model->preset, "%s", options->preset);
    model->seed = options->seed;
    model->article_quirks = options->article_quirks;
    return run(device, model, options, parts, how, callbacks, training);
}

enum weft_status weft_train(struct weft_device *device, struct weft_model *model,
                            const struct weft_options *options,
                            const struct weft_dataset *train_part,
                            const struct weft_dataset *validation, const struct weft_dataset *test,
                            const struct weft_callbacks *callbacks, struct weft_training *training)
{
    const struct training_parts parts = {train_part, validation, test};
    struct weft_options settled;
    memset(training, 0, sizeof *training);
    TRY(training_options_settle(options, &model->network, train_part->samples, &settled));
    const struct training_run how = {.epochs = settled.epochs};
    return train(device, model, &settled, &parts, how, callbacks, training);
}

enum weft_status weft_fit(struct weft_device *device, struct weft_model *model,
                          const struct weft_options *options, const struct weft_dataset *train_part,
                          const struct weft_dataset *validation,
                          const struct weft_callbacks *callbacks, struct weft_training *training)
{
    memset(training, 0, sizeof *training);
    TRY(training_options_fit(options, &model->network)); /* before the weights are lost */
    if (!options->warm_start)
        model_restart(model, options);
    return weft_train(device, model, options, train_part, validation, NULL, callbacks, training);
}

enum weft_status weft_partial_fit(struct weft_device *device, struct weft_model *model,
                                  const struct weft_options *options,
                                  const struct weft_dataset *train_part,
                                  const struct weft_callbacks *callbacks,
                                  struct weft_training *training)
{
    const struct training_parts parts = {train_part, NULL, NULL};
    const struct training_run how = {.epochs = 1, .goes_on = true};
    struct weft_options settled;
    memset(training, 0, sizeof *training);
    TRY(training_options_settle(options, &model->network, train_part->samples, &settled));
    return train(device, model, &settled, &parts, how, callbacks, training);
}
