/* Writes the checkpoints of weft train: regularly with --checkpoint, on SIGUSR1, and before the
 * command stops on a signal or at its time limit. Without --checkpoint, the last two kinds go to a
 * file beside the model. One run at a time has the file. */
#ifndef WEFT_APP_CHECKPOINTS_H
#define WEFT_APP_CHECKPOINTS_H

#include "resume.h"

struct checkpoints {
    const struct command_line *line; /* borrowed */
    char *path;                      /* owned; the file, or NULL if there is none */
    bool regular;         /* --checkpoint or --resume: written as --checkpoint-every says */
    double every_seconds; /* one of these three is not 0 */
    size_t every_epochs, every_batches;
    double deadline;                   /* platform_seconds() when to stop; 0: never */
    struct weft_checkpoint_lock *lock; /* owned */
    double written_at;                 /* platform_seconds() of the last attempt, or of the start */
    double saved_at;         /* platform_seconds() of the last checkpoint; 0: there is none */
    size_t epochs, batches;  /* since the last checkpoint */
    bool stopping;           /* a signal or the deadline ends the training run */
    bool in_time;            /* it was the deadline */
    bool stopped;            /* a batch ended the training, so there is something to resume */
    const char *last;        /* borrowed; the last whole checkpoint of this training, or NULL */
    size_t failures;         /* checkpoints that could not be written */
    bool failed;             /* the last one is among them */
    enum weft_status status; /* of the last one of them */
    char reason[512];        /* why it could not be written */
};

/* Reads the options, and locks the file, unless another rank writes it. Call checkpoints_reset in
 * either case. */
WEFT_MUST_CHECK enum weft_status checkpoints_init(struct checkpoints *checkpoints,
                                                  const struct command_line *line);
void checkpoints_reset(struct checkpoints *checkpoints);

/* Decides after a batch whether the training run stops. `now` is the progress of the training run.
 */
bool checkpoints_stop(struct checkpoints *checkpoints, const struct weft_progress *now);

/* Returns true if a checkpoint is due after this batch. Call it once for each, after
 * checkpoints_stop. */
bool checkpoints_due(struct checkpoints *checkpoints);

/* Returns true if one is due because of the number of epochs or batches, which all ranks know. */
bool checkpoints_counted(const struct checkpoints *checkpoints);

/* Writes a checkpoint, with what else the command needs when it resumes. A failure does not end the
 * training. Returns false for the first failure in a row; `reason` has its line. */
bool checkpoints_write(struct checkpoints *checkpoints, struct weft_moment *moment,
                       const struct resume_place *place, const struct weft_model *finished);

/* Notes that another rank writes the checkpoint that is due. */
void checkpoints_follow(struct checkpoints *checkpoints);

/* Writes the command that resumes the training, or "" if there is no checkpoint. */
enum { RESUME_COMMAND_SIZE = 1200 };
void checkpoints_command(const struct checkpoints *checkpoints, char text[RESUME_COMMAND_SIZE]);

/* Writes what an error message says of the checkpoint after the failure `status`. It begins with
 * "; ", or is "" if there is no checkpoint, or if resuming is no answer to this failure. */
void checkpoints_advice(const struct checkpoints *checkpoints, enum weft_status status,
                        char text[RESUME_COMMAND_SIZE]);

/* Reports checkpoints that the user asked for and that could not be written, once everything else
 * has ended well. */
WEFT_MUST_CHECK enum weft_status checkpoints_finish(const struct checkpoints *checkpoints);

#endif
