/* The state of weft train, and how it ends before its time: with an error, a signal or the time
 * limit. Complete results are saved in each case. */
#ifndef WEFT_APP_TRAIN_JOB_H
#define WEFT_APP_TRAIN_JOB_H

#include "checkpoints.h"
#include "device_option.h"
#include "epoch_log.h"
#include "progress.h"
#include "rank_job.h"
#include "report.h"

/* All state of one run of the command. */
struct train_job {
    size_t ensemble;                 /* number of members requested; 0 and 1: no ensemble */
    size_t members;                  /* members in the finished ensemble */
    size_t member;                   /* member in training, from 1; 0 without an ensemble */
    const struct command_line *line; /* borrowed */
    struct weft_options options;
    struct weft_data_sets sets;  /* owned */
    struct weft_model *model;    /* owned */
    struct device_in_use device; /* owned */
    struct weft_training_plan plan;
    struct weft_training training;
    struct progress progress;
    struct epoch_log log;        /* owned */
    enum weft_status log_status; /* result of writing the log; a failure does not stop training */
    struct checkpoints checkpoints;  /* owned */
    struct weft_checkpoint *resumed; /* owned; from --resume, until its member trains */
    struct resume_place resumed_at;  /* where that was */
    struct rank_job *ranks;          /* borrowed */
    struct device_share *shares;     /* owned; which devices compute which slices */
    size_t share_count;
    bool checkpoint_wanted; /* this rank asks the others for a checkpoint */
    bool checkpoint_agreed; /* all ranks know that one of them has asked */
    const char *saved;      /* borrowed; path of the saved model, or NULL */
};

/* Returns the seed of the training run that runs now, or ran last. */
uint64_t train_job_seed(const struct train_job *job);

/* Takes part in a checkpoint, as all ranks must. Returns true on the rank that writes it. */
bool train_job_take(struct train_job *job, struct weft_moment *moment);

/* Returns true if a signal or the time limit ends the training run. */
bool train_job_is_stopping(const struct train_job *job);

/* Handle a failure of the first training run or of a later member: report it, and save the model of
 * the last good epoch or the members that are complete. They return `status`. */
enum weft_status train_job_fail_first(const struct train_job *job, enum weft_status status);
enum weft_status train_job_fail_member(const struct train_job *job, enum weft_status status);

/* Saves the model. Without a complete epoch, it replaces nothing. */
WEFT_MUST_CHECK enum weft_status train_job_save(struct train_job *job);

/* Says how far a stopped training run got, and how to resume it. */
void train_job_say_stopped(const struct train_job *job);

#endif
