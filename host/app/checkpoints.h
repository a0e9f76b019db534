/* Writes the checkpoints of weft train: regularly with --checkpoint, on SIGUSR1, and before the
 * command stops on a signal or at its time limit. Without --checkpoint, the last kind goes to a
 * file beside the model. */
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
    bool resumable;          /* the file holds the moment at which the training run stopped */
    enum weft_status status; /* of the last write that failed */
};

/* Reads the options, and locks the file. Call checkpoints_reset in either case. */
WEFT_MUST_CHECK enum weft_status checkpoints_init(struct checkpoints *checkpoints,
                                                  const struct command_line *line);
void checkpoints_reset(struct checkpoints *checkpoints);

/* Decides after a batch whether the training run stops. `now` is the progress of the training run.
 */
bool checkpoints_stop(struct checkpoints *checkpoints, const struct weft_progress *now);

/* Writes a checkpoint if it is time to. Call it after checkpoints_stop, with what else the command
 * needs when it resumes. A failure is reported, and the training run goes on. */
void checkpoints_batch(struct checkpoints *checkpoints, struct weft_moment *moment,
                       const struct resume_place *place, const struct weft_model *finished);

#endif
