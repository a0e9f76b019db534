/* Computes all metrics at once. See score_table.h. */
#include "metrics/score_table.h"

#include <math.h>

#include "base/memory.h"
#include "metrics/regression_scores.h"

static void rank_class(const struct score_table *table, size_t c, struct ranked *order)
{
    if (table->outcomes->task == WEFT_TASK_REGRESS)
        ranking_by_error(table->outcomes, c, table->keys, order);
    else
        ranking_by_class(table->outcomes, c, table->keys, order);
}

/* Returns the order [N] of the samples by class or output `c`. */
static const struct ranked *ranking_of(const struct score_table *table, size_t c)
{
    if (table->keeps_rankings)
        return table->rankings + c * table->outcomes->samples;
    rank_class(table, c, table->rankings);
    return table->rankings;
}

enum weft_status score_table_init(struct score_table *table, const struct outcomes *outcomes,
                                  bool resampled)
{
    const size_t samples = outcomes->samples, classes = outcomes->classes;
    size_t places = samples;
    *table = (struct score_table){.outcomes = outcomes, .keeps_rankings = resampled};
    if (samples > UINT32_MAX || (resampled && !size_multiply(samples, classes, &places)))
        return memory_exhausted(samples, classes);
    TRY(NEW_ARRAY(table->keys, samples));
    TRY(NEW_ARRAY(table->rankings, places));
    for (size_t c = 0; resampled && c < classes; c++)
        rank_class(table, c, table->rankings + c * samples);
    if (outcomes->task == WEFT_TASK_REGRESS)
        return WEFT_OK;
    TRY(NEW_ARRAY(table->each, samples));
    for (size_t i = 0; i < samples; i++)
        table->each[i] = sample_score_of(outcomes, i);
    return WEFT_OK;
}

void score_table_reset(struct score_table *table)
{
    memory_free(table->each);
    memory_free(table->keys);
    memory_free(table->rankings);
    *table = (struct score_table){.outcomes = NULL};
}

/* ---- classes and labels ---- */

/* Computes the means over the samples. */
static void sample_means(const struct score_table *table, struct sample_counts times,
                         double *metrics)
{
    const struct outcomes *outcomes = table->outcomes;
    double samples = 0.0, top = 0.0, brier = 0.0, log_loss = 0.0;
    for (size_t i = 0; i < outcomes->samples; i++) {
        const struct sample_score *score = &table->each[i];
        const double count = count_of(times, i);
        samples += count;
        top += score->top ? count : 0.0;
        brier += count * score->brier;
        log_loss += count * score->log_loss;
    }
    metrics[WEFT_METRIC_BRIER] = brier / samples;
    metrics[WEFT_METRIC_LOG_LOSS] = log_loss / samples;
    if (outcomes->task == WEFT_TASK_CLASSIFY && outcomes->classes > TOP_CLASSES)
        metrics[WEFT_METRIC_TOP_5_ACCURACY] = top / (samples + times.unknown);
}

/* A mean over the classes for which a number is defined. */
struct class_mean {
    double sum, classes;
};

static void class_mean_add(struct class_mean *mean, double value)
{
    mean->sum += isnan(value) ? 0.0 : value;
    mean->classes += isnan(value) ? 0.0 : 1.0;
}

static double class_mean_of(const struct class_mean *mean)
{
    return mean->classes > 0.0 ? mean->sum / mean->classes : (double)NAN;
}

/* Computes the scores that depend on the order of the samples. Of two classes, class 1 is the
 * positive one. */
static void rank_scores(const struct score_table *table, struct sample_counts times,
                        struct scores *scores)
{
    const struct outcomes *outcomes = table->outcomes;
    const bool binary = outcomes->task == WEFT_TASK_CLASSIFY && outcomes->classes == 2;
    struct class_mean auc = {0.0, 0.0}, precision = {0.0, 0.0};
    for (size_t c = 0; c < outcomes->classes; c++) {
        if (binary && c == 0 && scores->classes == NULL)
            continue;
        const struct ranking_scores ranking =
            ranking_score(ranking_of(table, c), outcomes->samples, times);
        if (scores->classes != NULL) {
            scores->classes[c].roc_auc = ranking.roc_auc;
            scores->classes[c].average_precision = ranking.average_precision;
        }
        if (binary && c == 0)
            continue;
        class_mean_add(&auc, ranking.roc_auc);
        class_mean_add(&precision, ranking.average_precision);
    }
    scores->metrics[WEFT_METRIC_ROC_AUC] = class_mean_of(&auc);
    scores->metrics[WEFT_METRIC_AVERAGE_PRECISION] = class_mean_of(&precision);
}

static void classes_compute(const struct score_table *table, struct sample_counts times,
                            struct class_counts *counts, struct scores *scores)
{
    const struct outcomes *outcomes = table->outcomes;
    const bool labels = outcomes->task == WEFT_TASK_MULTILABEL;
    double *metrics = scores->metrics;
    class_counts_fill(counts, outcomes, times);
    for (size_t c = 0; scores->classes != NULL && c < outcomes->classes; c++)
        scores->classes[c] = class_counts_score(counts, c);
    metrics[WEFT_METRIC_ACCURACY] = class_counts_accuracy(counts);
    metrics[WEFT_METRIC_MACRO_F1] = class_counts_macro_f1(counts, labels);
    metrics[WEFT_METRIC_WEIGHTED_F1] = class_counts_weighted_f1(counts);
    if (!labels) {
        metrics[WEFT_METRIC_BALANCED_ACCURACY] = class_counts_balanced_accuracy(counts);
        metrics[WEFT_METRIC_MATTHEWS] = class_counts_matthews(counts);
    }
    sample_means(table, times, metrics);
    rank_scores(table, times, scores);
}

/* ---- outputs ---- */

static void outputs_compute(const struct score_table *table, struct sample_counts times,
                            struct scores *scores)
{
    const size_t outputs = table->outcomes->classes;
    struct weft_output_score sum = {.r2 = 0.0};
    for (size_t c = 0; c < outputs; c++) {
        const struct weft_output_score score =
            regression_score(table->outcomes, c, ranking_of(table, c), times);
        if (scores->outputs != NULL)
            scores->outputs[c] = score;
        sum.r2 += score.r2;
        sum.rmse += score.rmse;
        sum.mae += score.mae;
        sum.median_error += score.median_error;
    }
    scores->metrics[WEFT_METRIC_R2] = sum.r2 / (double)outputs;
    scores->metrics[WEFT_METRIC_RMSE] = sum.rmse / (double)outputs;
    scores->metrics[WEFT_METRIC_MAE] = sum.mae / (double)outputs;
    scores->metrics[WEFT_METRIC_MEDIAN_ERROR] = sum.median_error / (double)outputs;
}

void scores_compute(const struct score_table *table, struct sample_counts times,
                    struct class_counts *counts, struct scores *scores)
{
    for (size_t m = 0; m < WEFT_METRICS; m++)
        scores->metrics[m] = (double)NAN;
    if (table->outcomes->task == WEFT_TASK_REGRESS)
        outputs_compute(table, times, scores);
    else
        classes_compute(table, times, counts, scores);
}
