/* What a model predicted for N samples, and what is true. All metrics are computed from it.
 *
 * Samples of classes that the model does not know are not among the N, because no prediction could
 * be right. They count as wrong, and in scores over classes as one more class that is never found.
 * Scores of probabilities and of rankings leave them out.
 */
#ifndef WEFT_METRICS_OUTCOMES_H
#define WEFT_METRICS_OUTCOMES_H

#include "base/status.h"

/* The arrays are borrowed. Those that the task does not have are NULL. */
struct outcomes {
    enum weft_task task;
    size_t samples, classes;  /* N, C */
    const float *values;      /* [N][C] probabilities; outputs for task regress; finite */
    const int32_t *predicted; /* [N] classes; [N][C] labels 0 or 1 for task multilabel */
    const int32_t *labels;    /* [N] true classes; for task classify */
    const float *targets;     /* [N][C] for the other tasks */
    size_t unknown;           /* further samples, of classes that the model does not know */
};

/* How often samples count in a score. */
struct sample_counts {
    const uint32_t *each; /* [N] borrowed, or NULL if each of the N counts once */
    double unknown;       /* samples of unknown classes */
};

/* Returns how often a sample counts. */
static inline double count_of(struct sample_counts counts, size_t sample)
{
    return counts.each != NULL ? (double)counts.each[sample] : 1.0;
}

/* Tells whether the sample belongs to class or label `c`. */
static inline bool outcome_is(const struct outcomes *outcomes, size_t sample, size_t c)
{
    return outcomes->task == WEFT_TASK_CLASSIFY
               ? outcomes->labels[sample] == (int32_t)c
               : outcomes->targets[sample * outcomes->classes + c] > 0.5f;
}

/* Returns y - z of output `c`. For task regress. */
static inline double outcome_residual(const struct outcomes *outcomes, size_t sample, size_t c)
{
    const size_t at = sample * outcomes->classes + c;
    return (double)outcomes->targets[at] - (double)outcomes->values[at];
}

/* Tells whether the whole prediction for a sample is correct: its class, or all its labels. */
static inline bool outcome_is_correct(const struct outcomes *outcomes, size_t sample)
{
    const size_t classes = outcomes->classes;
    if (outcomes->task == WEFT_TASK_CLASSIFY)
        return outcomes->predicted[sample] == outcomes->labels[sample];
    for (size_t c = 0; c < classes; c++)
        if ((outcomes->predicted[sample * classes + c] != 0) != outcome_is(outcomes, sample, c))
            return false;
    return true;
}

/* Returns the probability that the model gave to its prediction. For task classify. */
static inline double outcome_confidence(const struct outcomes *outcomes, size_t sample)
{
    const size_t predicted = (size_t)outcomes->predicted[sample];
    return (double)outcomes->values[sample * outcomes->classes + predicted];
}

#endif
