/* The file of --log: one JSON object for each epoch, flushed as it is written, so that others can
 * follow a training. */
#ifndef WEFT_APP_EPOCH_LOG_H
#define WEFT_APP_EPOCH_LOG_H

#include <stdio.h>

#include "weft.h"

struct epoch_log {
    const char *path; /* borrowed */
    FILE *file;       /* owned; NULL without a log, or after it failed */
    bool watched;     /* early stopping or plateau looks at a number of each epoch */
};

/* Empties `path`, or makes it. NULL: no log. */
WEFT_MUST_CHECK enum weft_status epoch_log_open(struct epoch_log *log, const char *path,
                                                const struct weft_options *options);

/* Writes one line, of an ensemble with the number of its `member`, from 1; 0: there is none. A
 * failure is said once and closes the log; later calls do nothing. */
WEFT_MUST_CHECK enum weft_status epoch_log_write(struct epoch_log *log,
                                                 const struct weft_epoch *epoch, size_t member);

/* Closes the log of a training that went well; WEFT_ERROR_IO, said, where lines may be lost. */
WEFT_MUST_CHECK enum weft_status epoch_log_finish(struct epoch_log *log);
void epoch_log_close(struct epoch_log *log);

#endif
