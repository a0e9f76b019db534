/* Implements class_counts.h. */
#include "metrics/class_counts.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static enum weft_status arrays_create(struct class_counts *counts, size_t classes)
{
    TRY(NEW_ARRAY(counts->hits, classes));
    TRY(NEW_ARRAY(counts->found, classes));
    return NEW_ARRAY(counts->there, classes);
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
    memory_free(counts->hits);
    memory_free(counts->found);
    memory_free(counts->there);
    *counts = (struct class_counts){.classes = 0};
}

/* Counts the class of a sample, which counts `times`. */
static void count_class(struct class_counts *counts, int32_t label, int32_t predicted, double times)
{
    counts->found[predicted] += times;
    counts->there[label] += times;
    counts->hits[label] += label == predicted ? times : 0.0;
}

/* Counts the labels of a sample, which counts `times`. */
static void count_labels(struct class_counts *counts, const struct outcomes *outcomes,
                         size_t sample, double times)
{
    for (size_t c = 0; c < counts->classes; c++) {
        const bool found = outcomes->predicted[sample * counts->classes + c] != 0;
        const bool there = outcome_is(outcomes, sample, c);
        counts->found[c] += found ? times : 0.0;
        counts->there[c] += there ? times : 0.0;
        counts->hits[c] += found && there ? times : 0.0;
    }
}

void class_counts_fill(struct class_counts *counts, const struct outcomes *outcomes,
                       struct sample_counts times)
{
    const size_t bytes = counts->classes * sizeof *counts->hits;
    memset(counts->hits, 0, bytes);
    memset(counts->found, 0, bytes);
    memset(counts->there, 0, bytes);
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

/* F1 = 2 hits / (found + there) */
static double f1_of(const struct class_counts *counts, size_t c)
{
    return ratio(2.0 * counts->hits[c], counts->found[c] + counts->there[c]);
}

struct weft_class_score class_counts_score(const struct class_counts *counts, size_t c)
{
    return (struct weft_class_score){.precision = ratio(counts->hits[c], counts->found[c]),
                                     .recall = ratio(counts->hits[c], counts->there[c]),
                                     .f1 = f1_of(counts, c),
                                     .support = (size_t)counts->there[c],
                                     .roc_auc = (double)NAN,
                                     .average_precision = (double)NAN};
}

double class_counts_accuracy(const struct class_counts *counts)
{
    return ratio(counts->correct, counts->samples + counts->unknown);
}

double class_counts_balanced_accuracy(const struct class_counts *counts)
{
    double sum = 0.0, present = counts->unknown > 0.0;
    for (size_t c = 0; c < counts->classes; c++) {
        if (counts->there[c] == 0.0)
            continue;
        sum += counts->hits[c] / counts->there[c];
        present += 1.0;
    }
    return ratio(sum, present);
}

double class_counts_macro_f1(const struct class_counts *counts, bool all)
{
    double sum = 0.0, present = counts->unknown > 0.0;
    for (size_t c = 0; c < counts->classes; c++) {
        const double f1 = f1_of(counts, c);
        sum += isnan(f1) ? 0.0 : f1;
        present += (all && counts->samples > 0.0) || !isnan(f1);
    }
    return ratio(sum, present);
}

double class_counts_weighted_f1(const struct class_counts *counts)
{
    double sum = 0.0, there = counts->unknown;
    for (size_t c = 0; c < counts->classes; c++) {
        const double f1 = f1_of(counts, c);
        sum += isnan(f1) ? 0.0 : f1 * counts->there[c];
        there += counts->there[c];
    }
    return ratio(sum, there);
}

double class_counts_matthews(const struct class_counts *counts)
{
    const double s = counts->samples;
    double products = 0.0, found = 0.0, there = 0.0;
    for (size_t c = 0; c < counts->classes; c++) {
        products += counts->found[c] * counts->there[c];
        found += counts->found[c] * counts->found[c];
        there += counts->there[c] * counts->there[c];
    }
    return ratio(counts->correct * s - products, sqrt((s * s - found) * (s * s - there)));
}
