/* Implements weft_evaluate, weft_evaluate_with and weft_score, which measure how good the
 * predictions of a model are. */
#include <string.h>

#include "api/evaluation.h"
#include "api/predictor.h"
#include "base/memory.h"
#include "metrics/decision.h"
#include "train/score.h"
#include "train/usefulness.h"

/* The predictions for a data set, with their loss. */
struct predicted {
    struct predictions to; /* owned arrays */
    double loss;           /* mean over the samples */
};

/* Allocates the predictions. */
static enum weft_status predictions_create(const struct weft_model *model, size_t samples,
                                           struct predictions *to)
{
    size_t values = 0, answers = 0;
    if (!size_multiply(samples, model->classes, &values) ||
        !size_multiply(samples, predictor_answers(model), &answers))
        return memory_exhausted(samples, model->classes);
    TRY(NEW_ARRAY(to->values, values));
    return model->network.task == WEFT_TASK_REGRESS ? WEFT_OK : NEW_ARRAY(to->classes, answers);
}

static enum weft_status predicted_fill(struct predicted *predicted, struct predictor *predictor,
                                       const struct weft_dataset *dataset)
{
    TRY(predictions_create(predictor->model, dataset->samples, &predicted->to));
    TRY(predictor_open(predictor, dataset->samples, dataset));
    TRY(predictor_run(predictor, &predicted->to));
    predicted->loss = predictor->loss / (double)dataset->samples;
    return WEFT_OK;
}

/* Predicts the data set. Call predicted_reset in either case. */
static enum weft_status predicted_make(struct weft_device *device, const struct weft_model *model,
                                       const struct weft_dataset *dataset,
                                       struct predicted *predicted)
{
    struct predictor predictor = {
        .device = device, .model = model, .samples = {dataset->name, dataset_rows(dataset), 0}};
    const struct dataset_needs needs = model_needs(model);
    *predicted = (struct predicted){.loss = 0.0};
    TRY(dataset_fits(dataset, &needs));
    const enum weft_status status = predicted_fill(predicted, &predictor, dataset);
    predictor_close(&predictor);
    return status;
}

static void predicted_reset(struct predicted *predicted)
{
    memory_free(predicted->to.values);
    memory_free(predicted->to.classes);
}

/* Returns the outcomes, which borrow the predictions and the data set. */
static struct outcomes outcomes_of(const struct weft_model *model,
                                   const struct weft_dataset *dataset,
                                   const struct predicted *predicted)
{
    return (struct outcomes){.task = model->network.task,
                             .samples = dataset->samples,
                             .classes = model->classes,
                             .values = predicted->to.values,
                             .predicted = predicted->to.classes,
                             .labels = dataset->labels,
                             .targets = dataset->targets,
                             .unknown = dataset->unseen};
}

/* ---- usefulness ---- */

/* Determines whether all samples have the same prediction. */
static struct one_answer one_answer_of(const struct weft_model *model, size_t samples,
                                       const int32_t *answers)
{
    const size_t each = predictor_answers(model);
    struct one_answer answer = {.is_one = answers != NULL};
    for (size_t i = 1; answer.is_one && i < samples; i++)
        answer.is_one = memcmp(answers + i * each, answers, each * sizeof *answers) == 0;
    if (answer.is_one && model->network.task == WEFT_TASK_CLASSIFY)
        answer.class = (size_t)answers[0];
    return answer;
}

static void evaluation_note(struct weft_evaluation *evaluation, const struct weft_model *model,
                            const struct weft_dataset *dataset, struct one_answer answer)
{
    const char *cause = model->scale.features == 0
                            ? "the model was trained on features that were not standardized"
                            : "the data may be unlike the training data, or the learning rate was "
                              "too large";
    usefulness_note(dataset, model, answer, evaluation->r2, cause, evaluation->note);
}

/* ---- options ---- */

void weft_evaluate_options_init_sized(struct weft_evaluate_options *options, size_t size)
{
    memset(options, 0, size);
    options->size = size;
}

enum { LEAST_RESAMPLES = 100, MOST_RESAMPLES = 1000000 };

static enum weft_status check_options(const struct weft_evaluate_options *options,
                                      const struct weft_model *model)
{
    const struct decision decision = {options->threshold, options->reject};
    if (options->bootstrap != 0 &&
        (options->bootstrap < LEAST_RESAMPLES || options->bootstrap > MOST_RESAMPLES))
        return fail(WEFT_ERROR_USAGE, "bootstrap: got %zu resamples, need %d to %d",
                    options->bootstrap, (int)LEAST_RESAMPLES, (int)MOST_RESAMPLES);
    return decision_check(&decision, model->network.task, model->classes);
}

/* ---- public functions ---- */

static enum weft_status evaluate(const struct weft_model *model, const struct weft_dataset *dataset,
                                 const struct weft_evaluate_options *options,
                                 const struct predicted *predicted,
                                 struct weft_evaluation **evaluation)
{
    const struct outcomes outcomes = outcomes_of(model, dataset, predicted);
    const struct decision decision = {options->threshold, options->reject};
    const struct one_answer answer =
        one_answer_of(model, dataset->samples, predicted->to.classes); /* the model's, undecided */
    decision_threshold(&decision, outcomes.task, outcomes.samples, outcomes.classes,
                       predicted->to.values, predicted->to.classes);
    TRY(evaluation_make(&outcomes, options, evaluation));
    (*evaluation)->loss = predicted->loss;
    evaluation_note(*evaluation, model, dataset, answer);
    return WEFT_OK;
}

enum weft_status weft_evaluate_with(struct weft_device *device, const struct weft_model *model,
                                    const struct weft_dataset *dataset,
                                    const struct weft_evaluate_options *options,
                                    struct weft_evaluation **evaluation)
{
    struct weft_evaluate_options known = {.size = sizeof known};
    struct predicted predicted;
    *evaluation = NULL;
    memcpy(&known, options, size_min(options->size, sizeof known));
    TRY(check_options(&known, model));
    enum weft_status status = predicted_make(device, model, dataset, &predicted);
    if (status == WEFT_OK)
        status = evaluate(model, dataset, &known, &predicted, evaluation);
    predicted_reset(&predicted);
    return status;
}

enum weft_status weft_evaluate(struct weft_device *device, const struct weft_model *model,
                               const struct weft_dataset *dataset,
                               struct weft_evaluation **evaluation)
{
    struct weft_evaluate_options options;
    weft_evaluate_options_init(&options);
    return weft_evaluate_with(device, model, dataset, &options, evaluation);
}

/* Returns the accuracy, or R^2 for regression. */
static double score_of(const struct outcomes *outcomes)
{
    size_t correct = 0;
    if (outcomes->task == WEFT_TASK_REGRESS)
        return score_r2(outcomes->targets, outcomes->values, outcomes->samples, outcomes->classes);
    for (size_t i = 0; i < outcomes->samples; i++)
        correct += outcome_is_correct(outcomes, i);
    return (double)correct / (double)(outcomes->samples + outcomes->unknown);
}

enum weft_status weft_score(struct weft_device *device, const struct weft_model *model,
                            const struct weft_dataset *dataset, double *score)
{
    struct predicted predicted;
    const enum weft_status status = predicted_make(device, model, dataset, &predicted);
    if (status == WEFT_OK) {
        const struct outcomes outcomes = outcomes_of(model, dataset, &predicted);
        *score = score_of(&outcomes);
    }
    predicted_reset(&predicted);
    return status;
}
