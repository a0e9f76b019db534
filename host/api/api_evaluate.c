/* Implements weft_evaluate and weft_score, which measure how good the predictions of a model
 * are. */
#include <math.h>
#include <string.h>

#include "api/predictor.h"
#include "base/memory.h"
#include "train/score.h"
#include "train/usefulness.h"

/* a / b, NaN for b = 0 */
static double ratio(double a, double b)
{
    return b > 0.0 ? a / b : (double)NAN;
}

/* precision = hits / found, recall = hits / there, f1 = their harmonic mean */
static struct weft_class_score class_score(size_t hits, size_t found, size_t there)
{
    const double right = (double)hits;
    return (struct weft_class_score){.precision = ratio(right, (double)found),
                                     .recall = ratio(right, (double)there),
                                     .f1 = ratio(2.0 * right, (double)found + (double)there),
                                     .support = there};
}

/* ---- task classify ---- */

static void class_scores(struct weft_evaluation *evaluation)
{
    const size_t classes = evaluation->classes;
    for (size_t c = 0; c < classes; c++) {
        size_t found = 0, there = 0;
        for (size_t i = 0; i < classes; i++) {
            found += evaluation->confusion[i * classes + c];
            there += evaluation->confusion[c * classes + i];
        }
        evaluation->scores[c] = class_score(evaluation->confusion[c * classes + c], found, there);
    }
}

/* Judges the predicted classes [N]. */
static void classes_judge(struct weft_evaluation *evaluation, const struct weft_dataset *dataset,
                          const int32_t *classes)
{
    size_t right = 0;
    for (size_t i = 0; i < dataset->samples; i++) {
        const size_t label = (size_t)dataset->labels[i];
        evaluation->confusion[label * evaluation->classes + (size_t)classes[i]]++;
        right += classes[i] == dataset->labels[i];
    }
    evaluation->accuracy = (double)right / (double)dataset->samples;
    class_scores(evaluation);
}

/* ---- task multilabel ---- */

/* Scores one label over all samples. Its values are `labels` apart. */
static struct weft_class_score label_score(const int32_t *found, const float *there, size_t samples,
                                           size_t labels)
{
    size_t hits = 0, found_count = 0, there_count = 0;
    for (size_t i = 0; i < samples; i++) {
        const bool is_found = found[i * labels] != 0, is_there = there[i * labels] > 0.5f;
        hits += is_found && is_there;
        found_count += is_found;
        there_count += is_there;
    }
    return class_score(hits, found_count, there_count);
}

/* Judges the predicted labels: found [N][C]. A sample is correct if all its labels are. */
static void labels_judge(struct weft_evaluation *evaluation, const struct weft_dataset *dataset,
                         const int32_t *found)
{
    const size_t samples = dataset->samples, labels = evaluation->classes;
    size_t right = 0;
    for (size_t i = 0; i < samples; i++) {
        bool all = true;
        for (size_t c = 0; c < labels; c++)
            all = all && (found[i * labels + c] != 0) == (dataset->targets[i * labels + c] > 0.5f);
        right += all;
    }
    evaluation->accuracy = (double)right / (double)samples;
    for (size_t c = 0; c < labels; c++)
        evaluation->scores[c] = label_score(found + c, dataset->targets + c, samples, labels);
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
                            const struct weft_dataset *dataset, const int32_t *answers)
{
    const struct one_answer answer = one_answer_of(model, dataset->samples, answers);
    const char *cause = model->scale.features == 0
                            ? "the model was trained on features that were not standardized"
                            : "the data may be unlike the training data, or the learning rate was "
                              "too large";
    usefulness_note(dataset, model, answer, evaluation->r2, cause, evaluation->note);
}

/* ---- public functions ---- */

static enum weft_status evaluation_fill(struct weft_evaluation *evaluation,
                                        struct predictor *predictor,
                                        const struct weft_dataset *dataset,
                                        const struct predictions *to)
{
    TRY(predictor_open(predictor, dataset->samples, dataset));
    TRY(predictor_run(predictor, to));
    evaluation->samples = dataset->samples;
    evaluation->loss = predictor->loss / (double)dataset->samples;
    switch (evaluation->task) {
    case WEFT_TASK_CLASSIFY:
        classes_judge(evaluation, dataset, to->classes);
        break;
    case WEFT_TASK_MULTILABEL:
        labels_judge(evaluation, dataset, to->classes);
        break;
    case WEFT_TASK_REGRESS:
        evaluation->r2 =
            score_r2(dataset->targets, to->values, dataset->samples, evaluation->classes);
        break;
    }
    evaluation_note(evaluation, predictor->model, dataset, to->classes);
    return WEFT_OK;
}

/* Allocates the arrays that the task needs. */
static enum weft_status arrays_create(struct weft_evaluation *evaluation)
{
    const size_t classes = evaluation->classes;
    size_t cells = 0;
    if (evaluation->task == WEFT_TASK_REGRESS)
        return WEFT_OK;
    TRY(NEW_ARRAY(evaluation->scores, classes));
    if (evaluation->task != WEFT_TASK_CLASSIFY)
        return WEFT_OK;
    if (!size_multiply(classes, classes, &cells))
        return memory_exhausted(classes, classes);
    return NEW_ARRAY(evaluation->confusion, cells);
}

static enum weft_status evaluation_create(const struct weft_model *model,
                                          struct weft_evaluation **evaluation)
{
    struct weft_evaluation *created = NULL;
    TRY(NEW_ARRAY(created, 1));
    created->classes = model->classes;
    created->task = model->network.task;
    created->accuracy = created->r2 = (double)NAN;
    const enum weft_status status = arrays_create(created);
    if (status != WEFT_OK) {
        weft_evaluation_destroy(created);
        return status;
    }
    *evaluation = created;
    return WEFT_OK;
}

/* Allocates the predictions by which the task is judged. */
static enum weft_status predictions_create(const struct weft_model *model, size_t samples,
                                           struct predictions *to)
{
    const bool values = model->network.task == WEFT_TASK_REGRESS;
    const size_t each = values ? model->classes : predictor_answers(model);
    size_t count = 0;
    if (!size_multiply(samples, each, &count))
        return memory_exhausted(samples, each);
    return values ? NEW_ARRAY(to->values, count) : NEW_ARRAY(to->classes, count);
}

enum weft_status weft_evaluate(struct weft_device *device, const struct weft_model *model,
                               const struct weft_dataset *dataset,
                               struct weft_evaluation **evaluation)
{
    struct predictor predictor = {.device = device,
                                  .model = model,
                                  .samples = {dataset->name, dataset->x, dataset->features, 0}};
    const struct dataset_needs needs = model_needs(model);
    struct predictions to = {NULL, NULL};
    *evaluation = NULL;
    TRY(dataset_fits(dataset, &needs));
    TRY(evaluation_create(model, evaluation));
    enum weft_status status = predictions_create(model, dataset->samples, &to);
    if (status == WEFT_OK)
        status = evaluation_fill(*evaluation, &predictor, dataset, &to);
    predictor_close(&predictor);
    memory_free(to.values);
    memory_free(to.classes);
    if (status != WEFT_OK) {
        weft_evaluation_destroy(*evaluation);
        *evaluation = NULL;
    }
    return status;
}

void weft_evaluation_destroy(struct weft_evaluation *evaluation)
{
    if (evaluation == NULL)
        return;
    memory_free(evaluation->scores);
    memory_free(evaluation->confusion);
    memory_free(evaluation);
}

enum weft_status weft_score(struct weft_device *device, const struct weft_model *model,
                            const struct weft_dataset *dataset, double *score)
{
    struct weft_evaluation *evaluation = NULL;
    TRY(weft_evaluate(device, model, dataset, &evaluation));
    *score = evaluation->task == WEFT_TASK_REGRESS ? evaluation->r2 : evaluation->accuracy;
    weft_evaluation_destroy(evaluation);
    return WEFT_OK;
}
