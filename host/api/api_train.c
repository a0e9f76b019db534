/* weft_train: checks that everything fits, tests the device, then runs THE loop (train/trainer.c).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "check/check.h"
#include "train/pass.h"
#include "train/trainer.h"
#include "train/training_options.h"

/* The options train the network that the model has; what they say of the network itself was used
 * when the model was made. */
static enum weft_status options_fit(const struct weft_options *options,
                                    const struct weft_model *model)
{
    TRY(training_options_check(options));
    if (options->article_quirks && model->network.head != WEFT_HEAD_SIGMOID)
        return fail(WEFT_ERROR_USAGE, "article_quirks: the model has head %s, need sigmoid",
                    head_name(model->network.head));
    return WEFT_OK;
}

static enum weft_status parts_fit(const struct training_parts *parts,
                                  const struct weft_model *model)
{
    const struct weft_dataset *const all[] = {parts->train, parts->validation, parts->test};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] != NULL)
            TRY(dataset_fits(all[i], network_features(&model->network), model->classes, true));
    return WEFT_OK;
}

/* A model gets the statistics of the data it is first trained on, and keeps them. */
static enum weft_status scale_settle(struct weft_model *model, const struct weft_options *options,
                                     const struct weft_dataset *train)
{
    if (model->scale.features > 0 || options->scale == WEFT_SCALE_NONE)
        return WEFT_OK;
    return scale_fit(train, &model->scale);
}

/* What the known-answer test is to cover: every product shape of this training. */
static struct known_answer_plan known_answers(const struct weft_model *model,
                                              const struct weft_options *options,
                                              const struct weft_dataset *train)
{
    const struct batch_plan plan = trainer_batch_plan(options, train);
    size_t first = 0, last_count = 0;
    batch_plan_range(&plan, plan.count - 1, &first, &last_count);
    return (struct known_answer_plan){
        .network = &model->network,
        .batches = {plan.largest, last_count != plan.largest ? last_count : 0},
        .block = PASS_BLOCK,
        .true_class_only = options->article_quirks,
        .products = options->products};
}

enum weft_status weft_train(struct weft_device *device, struct weft_model *model,
                            const struct weft_options *options, const struct weft_dataset *train,
                            const struct weft_dataset *validation, const struct weft_dataset *test,
                            const struct weft_callbacks *callbacks, struct weft_training *training)
{
    const struct training_parts parts = {train, validation, test};
    memset(training, 0, sizeof *training);
    TRY(options_fit(options, model));
    TRY(parts_fit(&parts, model));

    const double start = clock_seconds();
    const struct known_answer_plan plan = known_answers(model, options, train);
    TRY(known_answer_test(device, &plan));
    training->check_seconds = clock_seconds() - start;

    TRY(scale_settle(model, options, train));
    snprintf(model->preset, sizeof model->preset, "%s", options->preset);
    model->seed = options->seed;
    model->article_quirks = options->article_quirks;
    return trainer_run(device, model, options, &parts, callbacks, training);
}
