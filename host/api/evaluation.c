/* Makes a weft_evaluation. See evaluation.h. */
#include "api/evaluation.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/decision.h"
#include "metrics/score_table.h"

/* ---- the parts of an evaluation ---- */

static void fill_confusion(struct weft_evaluation *evaluation, const struct outcomes *outcomes)
{
    for (size_t i = 0; evaluation->confusion != NULL && i < outcomes->samples; i++)
        evaluation->confusion[(size_t)outcomes->labels[i] * outcomes->classes +
                              (size_t)outcomes->predicted[i]]++;
}

/* Fills the accuracy of the predictions that are answers. Samples of unknown classes count as
 * wrong answers, which is the worst case. */
static void fill_answers(struct weft_evaluation *evaluation, const struct outcomes *outcomes,
                         const struct decision *decision)
{
    size_t correct = 0;
    evaluation->answered = outcomes->unknown;
    for (size_t i = 0; i < outcomes->samples; i++) {
        if (decision->reject != 0.0 && !decision_answers(decision, outcome_confidence(outcomes, i)))
            continue;
        evaluation->answered++;
        correct += outcomes->task != WEFT_TASK_REGRESS && outcome_is_correct(outcomes, i);
    }
    const bool counts = evaluation->answered > 0 && outcomes->task != WEFT_TASK_REGRESS;
    evaluation->answer_accuracy = weft_fraction_interval(
        counts ? (double)correct / (double)evaluation->answered : (double)NAN,
        evaluation->answered);
}

/* Fills the metrics and their intervals. */
static enum weft_status fill_metrics(struct weft_evaluation *evaluation,
                                     const struct score_table *table,
                                     const struct weft_evaluate_options *options)
{
    const struct sample_counts once = {.unknown = (double)table->outcomes->unknown};
    struct scores scores = {.classes = evaluation->scores, .outputs = evaluation->outputs};
    struct class_counts counts;
    TRY(class_counts_init(&counts, evaluation->classes));
    scores_compute(table, once, &counts, &scores);
    class_counts_reset(&counts);
    if (evaluation->bins != NULL) {
        calibration_fill(table->outcomes, evaluation->bins);
        scores.metrics[WEFT_METRIC_CALIBRATION_ERROR] = calibration_error(evaluation->bins);
    }
    for (size_t m = 0; m < WEFT_METRICS; m++)
        evaluation->metrics[m] =
            weft_metric_describe(m)->fraction
                ? weft_fraction_interval(scores.metrics[m], evaluation->samples)
                : (struct weft_estimate){scores.metrics[m], (double)NAN, (double)NAN};
    evaluation->accuracy = scores.metrics[WEFT_METRIC_ACCURACY];
    evaluation->r2 = scores.metrics[WEFT_METRIC_R2];
    return options->bootstrap > 0
               ? bootstrap_intervals(table, options->bootstrap, options->seed, evaluation->metrics)
               : WEFT_OK;
}

/* Allocates the arrays that the task needs. */
static enum weft_status arrays_create(struct weft_evaluation *evaluation)
{
    const size_t classes = evaluation->classes;
    size_t cells = 0;
    TRY(NEW_ARRAY(evaluation->metrics, WEFT_METRICS));
    if (evaluation->task == WEFT_TASK_REGRESS)
        return NEW_ARRAY(evaluation->outputs, classes);
    TRY(NEW_ARRAY(evaluation->scores, classes));
    if (evaluation->task != WEFT_TASK_CLASSIFY)
        return WEFT_OK;
    if (!size_multiply(classes, classes, &cells))
        return memory_exhausted(classes, classes);
    TRY(NEW_ARRAY(evaluation->bins, WEFT_CALIBRATION_BINS));
    return NEW_ARRAY(evaluation->confusion, cells);
}

/* Creates an evaluation without groups. */
static enum weft_status evaluation_one(const struct outcomes *outcomes,
                                       const struct weft_evaluate_options *options,
                                       struct weft_evaluation **evaluation)
{
    const struct decision decision = {options->threshold, options->reject};
    struct score_table table;
    TRY(NEW_ARRAY(*evaluation, 1));
    struct weft_evaluation *created = *evaluation;
    created->samples = outcomes->samples + outcomes->unknown;
    created->unknown = outcomes->unknown;
    created->classes = outcomes->classes;
    created->task = outcomes->task;
    created->loss = (double)NAN;
    TRY(arrays_create(created));
    fill_confusion(created, outcomes);
    fill_answers(created, outcomes, &decision);
    enum weft_status status = score_table_init(&table, outcomes, options->bootstrap > 0);
    if (status == WEFT_OK)
        status = fill_metrics(created, &table, options);
    score_table_reset(&table);
    return status;
}

/* ---- groups ---- */

/* The samples of all groups, one group after the other. The arrays are owned. */
struct grouped {
    size_t *first;       /* [groups + 1] the first sample of each group */
    float *values;       /* [N][C] */
    float *targets;      /* [N][C], or NULL */
    int32_t *labels;     /* [N], or NULL */
    int32_t *predicted;  /* [N][answers], or NULL */
    size_t answers;      /* 1, or C for task multilabel */
    size_t *free_places; /* [groups] where the next sample of each group goes */
};

static enum weft_status grouped_create(struct grouped *grouped, const struct outcomes *outcomes,
                                       size_t groups)
{
    const size_t samples = outcomes->samples, numbers = samples * outcomes->classes;
    grouped->answers = outcomes->task == WEFT_TASK_MULTILABEL ? outcomes->classes : 1;
    TRY(NEW_ARRAY(grouped->first, groups + 1));
    TRY(NEW_ARRAY(grouped->free_places, groups));
    TRY(NEW_ARRAY(grouped->values, numbers));
    if (outcomes->targets != NULL)
        TRY(NEW_ARRAY(grouped->targets, numbers));
    if (outcomes->labels != NULL)
        TRY(NEW_ARRAY(grouped->labels, samples));
    if (outcomes->predicted != NULL)
        TRY(NEW_ARRAY(grouped->predicted, samples * grouped->answers));
    return WEFT_OK;
}

static void grouped_reset(struct grouped *grouped)
{
    memory_free(grouped->first);
    memory_free(grouped->free_places);
    memory_free(grouped->values);
    memory_free(grouped->targets);
    memory_free(grouped->labels);
    memory_free(grouped->predicted);
}

/* Copies sample `from` to place `to`. */
static void copy_sample(struct grouped *grouped, const struct outcomes *outcomes, size_t from,
                        size_t to)
{
    const size_t classes = outcomes->classes, answers = grouped->answers;
    memcpy(grouped->values + to * classes, outcomes->values + from * classes,
           classes * sizeof *grouped->values);
    if (grouped->targets != NULL)
        memcpy(grouped->targets + to * classes, outcomes->targets + from * classes,
               classes * sizeof *grouped->targets);
    if (grouped->labels != NULL)
        grouped->labels[to] = outcomes->labels[from];
    if (grouped->predicted != NULL)
        memcpy(grouped->predicted + to * answers, outcomes->predicted + from * answers,
               answers * sizeof *grouped->predicted);
}

static void grouped_fill(struct grouped *grouped, const struct outcomes *outcomes,
                         const int32_t *groups, size_t group_count)
{
    for (size_t i = 0; i < outcomes->samples; i++)
        if (groups[i] >= 0)
            grouped->first[groups[i] + 1]++;
    for (size_t g = 0; g < group_count; g++) {
        grouped->first[g + 1] += grouped->first[g];
        grouped->free_places[g] = grouped->first[g];
    }
    for (size_t i = 0; i < outcomes->samples; i++)
        if (groups[i] >= 0)
            copy_sample(grouped, outcomes, i, grouped->free_places[groups[i]]++);
}

/* Returns the outcomes of a group. They borrow its arrays. */
static struct outcomes group_outcomes(const struct grouped *grouped,
                                      const struct outcomes *outcomes, size_t group)
{
    const size_t first = grouped->first[group], classes = outcomes->classes;
    struct outcomes part = *outcomes;
    part.unknown = 0;
    part.samples = grouped->first[group + 1] - first;
    part.values = grouped->values + first * classes;
    part.targets = grouped->targets != NULL ? grouped->targets + first * classes : NULL;
    part.labels = grouped->labels != NULL ? grouped->labels + first : NULL;
    part.predicted =
        grouped->predicted != NULL ? grouped->predicted + first * grouped->answers : NULL;
    return part;
}

static enum weft_status check_groups(const struct weft_evaluate_options *options, size_t samples)
{
    for (size_t i = 0; i < samples; i++)
        if (options->groups[i] >= 0 && (size_t)options->groups[i] >= options->group_count)
            return fail(WEFT_ERROR_USAGE, "groups: sample %zu: got %ld, need less than %zu", i,
                        (long)options->groups[i], options->group_count);
    return WEFT_OK;
}

/* Evaluates each group. `grouped` is zero on entry. */
static enum weft_status fill_groups(struct weft_evaluation *evaluation,
                                    const struct outcomes *outcomes,
                                    const struct weft_evaluate_options *options,
                                    struct grouped *grouped)
{
    TRY(check_groups(options, outcomes->samples));
    TRY(NEW_ARRAY(evaluation->groups, options->group_count));
    evaluation->group_count = options->group_count;
    TRY(grouped_create(grouped, outcomes, options->group_count));
    grouped_fill(grouped, outcomes, options->groups, options->group_count);
    for (size_t g = 0; g < options->group_count; g++) {
        const struct outcomes part = group_outcomes(grouped, outcomes, g);
        TRY(evaluation_one(&part, options, &evaluation->groups[g]));
    }
    return WEFT_OK;
}

/* ---- the whole ---- */

enum weft_status evaluation_make(const struct outcomes *outcomes,
                                 const struct weft_evaluate_options *options,
                                 struct weft_evaluation **evaluation)
{
    struct grouped grouped = {.first = NULL};
    *evaluation = NULL;
    enum weft_status status = evaluation_one(outcomes, options, evaluation);
    if (status == WEFT_OK && options->groups != NULL)
        status = fill_groups(*evaluation, outcomes, options, &grouped);
    grouped_reset(&grouped);
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
    for (size_t g = 0; g < evaluation->group_count; g++)
        weft_evaluation_destroy(evaluation->groups[g]);
    memory_free(evaluation->groups);
    memory_free(evaluation->bins);
    memory_free(evaluation->outputs);
    memory_free(evaluation->metrics);
    memory_free(evaluation->scores);
    memory_free(evaluation->confusion);
    memory_free(evaluation);
}
