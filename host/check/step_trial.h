/* One training step on trial: its inputs. step_capture.h takes everything that a device made of
 * them, step_judge.h compares it with the reference, and step_trial_run.h does all of it. */
#ifndef WEFT_CHECK_STEP_TRIAL_H
#define WEFT_CHECK_STEP_TRIAL_H

#include "backend/backend.h"

/* Number of elements above which waking the threads for a pass pays. */
enum { THREADS_PAY = 1 << 20 };

/* Number of samples that a thread then takes at a time. */
enum { SHARE_SAMPLES = 64 };

/* Where a device stores the samples of a trial. */
enum trial_place {
    PLACE_ALONE,   /* they are the whole data set */
    PLACE_BEHIND,  /* they follow as many other samples */
    PLACE_SHUFFLED /* they follow as many in an uploaded order, and are stored first, in reverse */
};

/* The inputs of the step. Everything is borrowed. */
struct step_trial {
    const struct network *network;
    size_t batch;                  /* B */
    size_t slices;                 /* S; 0 or 1: the batch runs whole */
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
    bool by_operation;                /* the device runs no other plan; used by step_trial_run */
    struct augmentation augmentation; /* used with a draw */
    const float *y;                   /* [B][C] targets of the data; NULL: the labels define them */
    const float *weights;             /* [B] sample weights; NULL: all 1 */
    enum trial_place place;           /* used by step_trial_run */
};

/* Returns the samples of the trial for data_create. They are the whole data set. */
static inline struct data_source step_trial_source(const struct step_trial *trial)
{
    return (struct data_source){.samples = trial->batch,
                                .features = network_features(trial->network),
                                .x = trial->x,
                                .labels = trial->labels,
                                .scale = trial->scale,
                                .targets = trial->y,
                                .target_count = network_outputs(trial->network),
                                .weights = trial->weights,
                                .images = augmentation_of_images(&trial->augmentation)};
}

#endif
