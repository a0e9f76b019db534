/* One training step on trial: its inputs, everything that a device made of it, and the verdict.
 *
 * The step is judged stage by stage. The reference computes each operation from the very numbers
 * that the device gave it. So no rounding counts twice, a fault shows where it arises, and the
 * result names the operation.
 */
#ifndef WEFT_CHECK_STEP_TRIAL_H
#define WEFT_CHECK_STEP_TRIAL_H

#include "check/check.h"
#include "train/step.h"

/* Number of elements above which waking the threads for a pass pays. */
enum { THREADS_PAY = 1 << 20 };

/* Number of samples that a thread then takes at a time. */
enum { SHARE_SAMPLES = 64 };

/* The inputs of the step. Everything is borrowed. */
struct step_trial {
    const struct network *network;
    size_t batch;                  /* B */
    const float *x;                /* [B][D] raw */
    const int32_t *labels;         /* [B] */
    const struct scale *scale;     /* NULL or 0 features: no scale */
    const float *parameters;       /* [value_count] before the step, with statistics */
    const float *state;            /* [update_states][value_count] before the step; NULL: all 0 */
    const struct batch_draw *draw; /* NULL: nothing is random */
    struct loss_rule loss;
    struct update_rule update;
    bool penalty; /* whether penalty_terms runs */
    struct target_rule targets;
    struct augmentation augmentation; /* used with a draw */
    const float *y;                   /* [B][C] targets of the data; NULL: the labels define them */
    const float *weights;             /* [B] sample weights; NULL: all 1 */
};

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
    float *room; /* [room_count] buffer for downloads */
    size_t room_count;
};

/* Allocates a capture for steps of up to `batch` samples, with or without `dense` targets, whose
 * updates have `states` state arrays. */
WEFT_MUST_CHECK enum weft_status step_capture_init(struct step_capture *capture,
                                                   const struct network *network, size_t batch,
                                                   bool dense, size_t states);
void step_capture_reset(struct step_capture *capture);

/* Downloads everything that `step` left in its workspace, after its update. */
WEFT_MUST_CHECK enum weft_status step_capture_take(struct step_capture *capture,
                                                   const struct step *step);

/* Receives each result, in the order of the operations. */
struct check_sink {
    void *user;
    void (*result)(void *user, const struct check_result *result);
};

/* Judges every stage: gather, targets, dense_forward, norm_statistics, norm_running, norm_forward,
 * activation where z is kept, output_delta, loss, correct, weight_gradient, bias_gradient,
 * norm_gradient, delta, penalty_terms, clip_factor, update, average_update. Stages of layers appear
 * once for each layer. Stages that are not in use do not appear. The only error is
 * WEFT_ERROR_MEMORY. */
WEFT_MUST_CHECK enum weft_status step_judge(const struct step_trial *trial,
                                            const struct step_capture *capture,
                                            const struct check_sink *sink);

/* What a step leaves for the next one. Either pointer may be NULL, or the trial's own. */
struct step_outcome {
    float *parameters; /* [value_count] */
    float *state;      /* [update_states][value_count] */
};

/* Runs the trial on a device, as training does, and judges it. */
WEFT_MUST_CHECK enum weft_status step_trial_run(struct weft_device *device,
                                                const struct step_trial *trial,
                                                enum weft_gemm products,
                                                const struct step_outcome *outcome,
                                                const struct check_sink *sink);

#endif
