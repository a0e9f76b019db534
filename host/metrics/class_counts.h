/* Scores that follow from how often each class is true, predicted, and both. */
#ifndef WEFT_METRICS_CLASS_COUNTS_H
#define WEFT_METRICS_CLASS_COUNTS_H

#include "metrics/outcomes.h"

/* Counts of samples. For task multilabel, each label is counted separately. */
struct class_counts {
    double *true_positives, *predicted, *actual; /* [C] owned */
    double correct;                              /* samples whose whole prediction is correct */
    double samples;                              /* all samples, without those of unknown classes */
    double unknown;                              /* samples of unknown classes */
    size_t classes;
};

/* Allocates the counts, which start at 0. */
WEFT_MUST_CHECK enum weft_status class_counts_init(struct class_counts *counts, size_t classes);
void class_counts_reset(struct class_counts *counts);

/* Counts all samples again. */
void class_counts_fill(struct class_counts *counts, const struct outcomes *outcomes,
                       struct sample_counts times);

/* Returns precision = true positives / predicted, recall = true positives / actual, and F1, their
 * harmonic mean, of class `c`. Without samples they are NaN. */
struct weft_class_score class_counts_score(const struct class_counts *counts, size_t c);

/* Returns the fraction of samples, unknown classes included, whose whole prediction is correct. */
double class_counts_accuracy(const struct class_counts *counts);

/* Returns the mean recall over the classes that are true somewhere, as in scikit-learn's
 * balanced_accuracy_score. Unknown classes are one class with recall 0. */
double class_counts_balanced_accuracy(const struct class_counts *counts);

/* Returns the mean F1 over the classes that are true or predicted somewhere. Unknown classes are
 * one class with F1 = 0. With `all`, the mean is over all labels, and F1 = 0 / 0 counts as 0. Both
 * are scikit-learn's f1_score with average="macro". */
double class_counts_macro_f1(const struct class_counts *counts, bool all);

/* Returns the mean F1 weighted by the true samples of each class, as in scikit-learn's f1_score
 * with average="weighted". */
double class_counts_weighted_f1(const struct class_counts *counts);

/* Returns the correlation of classes and predictions (Gorodkin 2004; Matthews 1975 for two
 * classes):
 *     (c s - sum_k f_k t_k) / sqrt((s^2 - sum_k f_k^2) (s^2 - sum_k t_k^2))
 * with s samples, c of them correct, f_k predicted as class k, and t_k of class k. NaN if all
 * samples have one class, or one prediction. Samples of unknown classes are left out. */
double class_counts_matthews(const struct class_counts *counts);

#endif
