/* The samples of a judged step, copied out of a data set or made up. */
#ifndef WEFT_CHECK_STEP_SAMPLES_H
#define WEFT_CHECK_STEP_SAMPLES_H

#include "check/step_trial.h"
#include "data/dataset.h"

/* Room for a batch; all owned. */
struct step_samples {
    float *x;        /* [B][D] raw */
    int32_t *labels; /* [B]; all 0 where the task has targets */
    float *y;        /* [B][C] of tasks with targets; NULL without */
    float *weights;  /* [B], 1 at first */
};

WEFT_MUST_CHECK enum weft_status step_samples_init(struct step_samples *samples,
                                                   const struct network *network, size_t batch);
void step_samples_reset(struct step_samples *samples);

/* Row `row` becomes sample `sample` of `dataset`. */
void step_samples_copy(struct step_samples *samples, size_t row, const struct weft_dataset *dataset,
                       size_t sample);

/* The trial borrows them. */
void step_samples_lend(const struct step_samples *samples, struct step_trial *trial);

#endif
