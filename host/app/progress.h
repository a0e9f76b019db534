/* Shows the progress of a training run on stderr: on a terminal, one line that redraws itself and
 * stays within its width; otherwise, at most one line per second. The line has the epoch, the
 * speed, the remaining time, the scores of the last epoch and the age of the last checkpoint. */
#ifndef WEFT_APP_PROGRESS_H
#define WEFT_APP_PROGRESS_H

#include <stdbool.h>

#include "weft.h"

struct progress {
    bool quiet, terminal, color;
    /* The ensemble member in training, from 1; 1 of 1 without an ensemble. */
    size_t member, members;
    bool bar_shown;        /* the bar is the last line of the terminal */
    double started;        /* time of the first report; negative before it */
    double shown;          /* time of the last output */
    double samples_before; /* samples done at `started`; excludes warm-up from the rate */
    bool has_epoch;        /* `last` is valid */
    struct weft_epoch last;
    double checkpoint; /* time of the last checkpoint; 0: there is none */
};

/* Starts a progress line; with `quiet`, nothing is printed. */
void progress_init(struct progress *progress, bool quiet);

/* Begins member `member` of `members`, counted from 1, and restarts the measurement of the rate. */
void progress_member(struct progress *progress, size_t member, size_t members);

/* Shows the progress after a batch. */
void progress_batch(struct progress *progress, const struct weft_progress *now);
/* Stores the results of an epoch, which the progress line shows. */
void progress_epoch(struct progress *progress, const struct weft_epoch *epoch);

/* Removes the bar, so that a message can be printed. */
void progress_clear(struct progress *progress);

#endif
