/* The progress of a training on stderr: a bar that redraws itself on a terminal, elsewhere at most
 * one line a second. */
#ifndef WEFT_APP_PROGRESS_H
#define WEFT_APP_PROGRESS_H

#include <stdbool.h>

#include "weft.h"

struct progress {
    bool quiet, terminal, color;
    size_t member, members; /* the one of an ensemble that is trained, from 1; 1 of 1: none */
    bool bar_shown;         /* a bar stands on the last line of the terminal */
    double started;         /* when the first report came; negative before */
    double shown;           /* when something was printed last */
    double samples_before;  /* samples done at `started`: the first batch includes warming up */
    bool has_epoch;         /* `last` is filled */
    struct weft_epoch last;
};

void progress_init(struct progress *progress, bool quiet);

/* Member number `member` of `members` begins, from 1; its rate is measured anew. */
void progress_member(struct progress *progress, size_t member, size_t members);

void progress_batch(struct progress *progress, const struct weft_progress *now);
void progress_epoch(struct progress *progress, const struct weft_epoch *epoch);

/* Takes the bar away, so that a message can be printed. */
void progress_clear(struct progress *progress);

#endif
