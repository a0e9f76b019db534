/* Implements class_counts.h. */
#include "metrics/class_counts.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static enum weft_status arrays_create(struct class_counts *counts, size_t classes)
{
    TRY(NEW_ARRAY(counts->true_positives, classes));
    TRY(NEW_ARRAY(counts->predicted, classes));
    return NEW_ARRAY(counts->actual, classes);
}

enum weft_status class_counts_init(struct class_counts *counts, size_t classes)
{
    *counts = (struct class_counts){.classes = classes};
    const enum weft_status status = arrays_create(counts, classes);
    if (status != WEFT_OK)
        class_counts_reset(counts);
    return status;
}

void class_counts_reset(struct class_counts *counts)
{
    memory_free(counts->true_positives);
    memory_free(counts->predicted);
    memory_free(counts->actual);
    *counts = (struct class_counts){.classes = 0};
}

/* Counts the class of a sample, which counts `times`. */
static void count_class(struct class_counts *counts, int32_t label, int32_t predicted, double times)
{
    counts->predicted[predicted] += times;
    counts->actual[label] += times;
    counts->true_positives[label] += label == predicted ? times : 0.0;
}

/* Counts the labels of a sample, which counts `times`. */
static void count_labels(struct class_counts *counts, const struct outcomes *outcomes,
                         size_t sample, double times)
{
    for (size_t c = 0; c < counts->classes; c++) {
        const bool predicted = outcomes->predicted[sample * counts->classes + c] != 0;
        const bool actual = outcome_is(outcomes, sample, c);
        counts->predicted[c] += predicted ? times : 0.0;
        counts->actual[c] += actual ? times : 0.0;
        counts->true_positives[c] += predicted && actual ? times : 0.0;
    }
}

void class_counts_fill(struct class_counts *counts, const struct outcomes *outcomes,
                       struct sample_counts times)
{
    const size_t bytes = counts->classes * sizeof *counts->true_positives;
    memset(counts->true_positives, 0, bytes);
    memset(counts->predicted, 0, bytes);
    memset(counts->actual, 0, bytes);
    counts->correct = counts->samples = 0.0;
    counts->unknown = times.unknown;
    for (size_t i = 0; i < outcomes->samples; i++) {
        const double count = count_of(times, i);
        if (outcomes->task == WEFT_TASK_CLASSIFY)
            count_class(counts, outcomes->labels[i], outcomes->predicted[i], count);
        else
            count_labels(counts, outcomes, i, count);
        counts->correct += outcome_is_correct(outcomes, i) ? count : 0.0;
        counts->samples += count;
    }
}

/* a / b, NaN for b = 0 */
static double ratio(double a, double b)
{
    return b > 0.0 ? a / b : (double)NAN;
}

/* F1 = 2 true positives / (predicted + actual) */
static double f1_of(const struct class_counts *counts, size_t c)
{
    return ratio(2.0 * counts->true_positives[c], counts->predicted[c] + counts->actual[c]);
}

struct weft_class_score class_counts_score(const struct class_counts *counts, size_t c)
{
    return (struct weft_class_score){.precision =
                                         ratio(counts->true_positives[c], counts->predicted[c]),
                                     .recall = ratio(counts->true_positives[c], counts->actual[c]),
                                     .f1 = f1_of(counts, c),
                                     .support = (size_t)counts->actual[c],
                                     .roc_auc = (double)NAN,
                                     .average_precision = (double)NAN};
}

double class_counts_accuracy(const struct class_counts *counts)
{
    return ratio(counts->correct, counts->samples + counts->unknown);
}

double class_counts_balanced_accuracy(const struct class_counts *counts)
{
    double sum = 0.0, classes = counts->unknown > 0.0;
    for (size_t c = 0; c < counts->classes; c++) {
        if (counts->actual[c] == 0.0)
            continue;
        sum += counts->true_positives[c] / counts->actual[c];
        classes += 1.0;
    }
    return ratio(sum, classes);
}

double class_counts_macro_f1(const struct class_counts *counts, bool all)
{
    double sum = 0.0, classes = counts->unknown > 0.0;
    for (size_t c = 0; c < counts->classes; c++) {
        const double f1 = f1_of(counts, c);
        sum += isnan(f1) ? 0.0 : f1;
        classes += (all && counts->samples > 0.0) || !isnan(f1);
    }
    return ratio(sum, classes);
}

double class_counts_weighted_f1(const struct class_counts *counts)
{
    double sum = 0.0, support = counts->unknown;
    for (size_t c = 0; c < counts->classes; c++) {
        const double f1 = f1_of(counts, c);
        sum += isnan(f1) ? 0.0 : f1 * counts->actual[c];
        support += counts->actual[c];
    }
    return ratio(sum, support);
}

double class_counts_matthews(const struct class_counts *counts)
{
    const double s = counts->samples;
    double products = 0.0, predicted = 0.0, actual = 0.0;
    for (size_t c = 0; c < counts->classes; c++) {
        products += counts->predicted[c] * counts->actual[c];
        predicted += counts->predicted[c] * counts->predicted[c];
        actual += counts->actual[c] * counts->actual[c];
    }
    return ratio(counts->correct * s - products, sqrt((s * s - predicted) * (s * s - actual)));
}
