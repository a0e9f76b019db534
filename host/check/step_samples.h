/* The samples of a judged step, copied from a data set or made up. */
#ifndef WEFT_CHECK_STEP_SAMPLES_H
#define WEFT_CHECK_STEP_SAMPLES_H

#include "check/step_trial.h"
#include "data/dataset.h"

/* Arrays for a batch, all owned. */
struct step_samples {
    float *x;        /* [B][D] raw */
    int32_t *labels; /* [B]; all 0 if the task has targets */
    float *y;        /* [B][C] for tasks with targets; otherwise NULL */
    float *weights;  /* [B], initially 1 */
};

/* Allocates the arrays of a batch. */
WEFT_MUST_CHECK enum weft_status step_samples_init(struct step_samples *samples,
                                                   const struct network *network, size_t batch);
void step_samples_reset(struct step_samples *samples);

/* Copies sample `sample` of `dataset` to row `row`. */
void step_samples_copy(struct step_samples *samples, size_t row, const struct weft_dataset *dataset,
                       size_t sample);

/* Lends the samples to the trial. */
void step_samples_lend(const struct step_samples *samples, struct step_trial *trial);

#endif
