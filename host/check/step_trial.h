/* One training step put on trial: what went in, all that a device made of it, and the verdict.
 *
 * The step is judged stage by stage: each operation is held against the reference from the very
 * numbers that the device gave it. So no rounding counts twice, a fault is seen where it arises,
 * and the operation that has it is named.
 */
#ifndef WEFT_CHECK_STEP_TRIAL_H
#define WEFT_CHECK_STEP_TRIAL_H

#include "check/check.h"
#include "train/step.h"

/* Numbers above which it pays to wake threads for a pass over them. */
enum { THREADS_PAY = 1 << 20 };

/* What goes into the step; everything borrowed. */
struct step_trial {
    const struct network *network;
    size_t batch;                  /* B */
    const float *x;                /* [B][D] raw */
    const int32_t *labels;         /* [B] */
    const struct scale *scale;     /* NULL or 0 features: none */
    const float *parameters;       /* [value_count] before the step, statistics behind them */
    const float *state;            /* [update_states][value_count] likewise; NULL: all 0 */
    const struct batch_draw *draw; /* NULL: nothing is random */
    struct loss_rule loss;
    struct update_rule update;
    bool penalty; /* penalty_terms runs */
    struct target_rule targets;
    struct augmentation augmentation; /* with a draw */
    const float *y;                   /* [B][C] the data's own targets; NULL: the labels say them */
};

/* What the device gave, every float exactly; arrays owned. */
struct step_capture {
    size_t layer_count;
    float *x;              /* [B][D] standardized, as it came: most of the numbers by far */
    double **q;            /* [layer_count] of [B][O], of layers with batch norm, else NULL */
    double *statistics;    /* [statistic_count] of the batch, laid out as the running ones */
    double **z, **a, **dz; /* [layer_count] of [B][O]; z of layers that keep it, else NULL */
    double *gradient;      /* [parameter_count] with the penalty's */
    double *updated;       /* [value_count] */
    double *y, *weight;    /* [B][C], [B]: dense targets; NULL without */
    double *state[UPDATE_MOST_STATES]; /* [states] of [value_count], after the update */
    size_t states;
    double clip; /* what the update scaled the gradient by */
    struct batch_metrics metrics;
    float *room; /* [room_count] on the way from the device */
    size_t room_count;
};

/* Room for a step of up to `batch` samples, with `dense` targets, whose updates keep `states`
 * arrays.
 */
WEFT_MUST_CHECK enum weft_status step_capture_init(struct step_capture *capture,
                                                   const struct network *network, size_t batch,
                                                   bool dense, size_t states);
void step_capture_reset(struct step_capture *capture);

/* Downloads all that `step` left in its workspace, after its update. */
WEFT_MUST_CHECK enum weft_status step_capture_take(struct step_capture *capture,
                                                   const struct step *step);

/* Who is told of each result, in the order of the operations. */
struct check_sink {
    void *user;
    void (*result)(void *user, const struct check_result *result);
};

/* Judges every stage: gather, targets, dense_forward, norm_statistics, norm_running, norm_forward,
 * activation where z is kept, output_delta, loss, correct, weight_gradient, bias_gradient,
 * norm_gradient, delta, penalty_terms, clip_factor, update, average_update; those of layers once
 * for each, what is not in use not at all. WEFT_ERROR_MEMORY alone. */
WEFT_MUST_CHECK enum weft_status step_judge(const struct step_trial *trial,
                                            const struct step_capture *capture,
                                            const struct check_sink *sink);

/* What a step leaves for the next; either may be NULL, or the trial's own. */
struct step_outcome {
    float *parameters; /* [value_count] */
    float *state;      /* [update_states][value_count] */
};

/* Runs the trial on a device, as training does it, and judges it. */
WEFT_MUST_CHECK enum weft_status step_trial_run(struct weft_device *device,
                                                const struct step_trial *trial,
                                                enum weft_gemm products,
                                                const struct step_outcome *outcome,
                                                const struct check_sink *sink);

#endif
