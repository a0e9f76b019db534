/* The file of --log: one JSON object for each epoch, flushed as it is written, so that others can
 * follow a training. It keeps the log of an earlier run until the first epoch of this one is
 * done: a run that is refused, or ends before that, takes nothing away. */
#ifndef WEFT_APP_EPOCH_LOG_H
#define WEFT_APP_EPOCH_LOG_H

#include "platform.h"
#include "weft.h"

struct epoch_log {
    const char *path;              /* borrowed */
    struct platform_output output; /* its file is owned; NULL without a log, or after it failed */
    bool begun;                    /* it has a line of this run */
    bool watched;                  /* early stopping or plateau looks at a number of each epoch */
};

/* Opens `path`, or makes it. NULL: no log. */
WEFT_MUST_CHECK enum weft_status epoch_log_open(struct epoch_log *log, const char *path,
                                                const struct weft_options *options);

/* Writes one line, the first in the place of what the file held; of an ensemble with the number of
 * its `member`, from 1; 0: there is none. A failure is said once and closes the log; later calls do
 * nothing. */
WEFT_MUST_CHECK enum weft_status epoch_log_write(struct epoch_log *log,
                                                 const struct weft_epoch *epoch, size_t member);

/* Closes the log of a training that went well; WEFT_ERROR_IO, said, where lines may be lost. */
WEFT_MUST_CHECK enum weft_status epoch_log_finish(struct epoch_log *log);

/* Closes the log; a file that this run made and wrote nothing to is removed. */
void epoch_log_close(struct epoch_log *log);

#endif
