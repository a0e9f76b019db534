/* Everything that a device made of a training step. */
#ifndef WEFT_CHECK_STEP_CAPTURE_H
#define WEFT_CHECK_STEP_CAPTURE_H

#include "train/step.h"

/* What the device gave, with every float exact. The arrays are owned. */
struct step_capture {
    size_t layer_count;
    /* [B][D] standardized, in float32, because x has most of the numbers by far */
    float *x;
    /* [layer_count] of [B][O], for layers with batch normalization, otherwise NULL */
    double **q;
    /* [statistic_count] of the batch, laid out like the running statistics */
    double *statistics;
    /* [layer_count] of [B][O]; z only for layers that keep it, otherwise NULL */
    double **z, **a, **dz;
    double *gradient;                  /* [parameter_count] including the penalty */
    double *updated;                   /* [value_count] */
    double *y, *weight;                /* [B][C], [B]: dense targets; NULL without */
    double *state[UPDATE_MOST_STATES]; /* [states] of [value_count], after the update */
    size_t states;
    double clip; /* factor by which the update scaled the gradient */
    struct batch_metrics metrics;
    float *buffer; /* [buffer_count] receives downloads */
    size_t buffer_count;
};

/* Allocates a capture for steps of up to `batch` samples, with or without `dense` targets, whose
 * updates have `states` state arrays. */
WEFT_MUST_CHECK enum weft_status step_capture_init(struct step_capture *capture,
                                                   const struct network *network, size_t batch,
                                                   bool dense, size_t states);
void step_capture_reset(struct step_capture *capture);

/* Downloads the batch that `step` has gathered: x, y and weight. A slice fills its own rows. */
WEFT_MUST_CHECK enum weft_status step_capture_take_batch(struct step_capture *capture,
                                                         const struct step *step);

/* Downloads all rows that `step` left in its workspace, before or after the update. A slice fills
 * its own rows, and adds its loss to those of the slices before it. */
WEFT_MUST_CHECK enum weft_status step_capture_take_rows(struct step_capture *capture,
                                                        const struct step *step);

/* Downloads the gradient of the whole batch and everything that the update of `step` changed. */
WEFT_MUST_CHECK enum weft_status step_capture_take_update(struct step_capture *capture,
                                                          const struct step *step);

/* Downloads everything that a `step` without slices left in its workspace, after its update. */
WEFT_MUST_CHECK enum weft_status step_capture_take(struct step_capture *capture,
                                                   const struct step *step);

#endif
