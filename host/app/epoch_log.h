/* Writes the file of --log. It has one JSON object per epoch, flushed at once, so that other
 * programs can follow a training run. The log of an earlier run stays until the first epoch of this
 * run ends. A run that is rejected or ends before that leaves the file unchanged. */
#ifndef WEFT_APP_EPOCH_LOG_H
#define WEFT_APP_EPOCH_LOG_H

#include "platform.h"
#include "weft.h"

struct epoch_log {
    const char *path;              /* borrowed */
    struct platform_output output; /* its file is owned; NULL without a log or after a failure */
    bool begun;                    /* the file has a line from this run */
    long long bytes;               /* its length after the last line; 0 if that is not known */
    long long synced;              /* its length when it last was on the disk */
    bool watched;                  /* early stopping or a plateau schedule monitors a value */
};

/* Opens `path`, and creates the file if needed. If `path` is NULL, there is no log. */
WEFT_MUST_CHECK enum weft_status epoch_log_open(struct epoch_log *log, const char *path,
                                                const struct weft_options *options);

/* Cuts the log to its first `bytes` bytes and goes on there, as a checkpoint asks. If the file does
 * not have that many, or if they do not end with a line, it is not the log of this training: a note
 * says so, and the log begins anew. */
WEFT_MUST_CHECK enum weft_status epoch_log_cut(struct epoch_log *log, long long bytes);

/* Writes one line. The first line replaces the earlier contents of the file. `member` is the number
 * of the ensemble member, from 1, or 0 without an ensemble. A failure is reported once and closes
 * the log; later calls do nothing. */
WEFT_MUST_CHECK enum weft_status epoch_log_write(struct epoch_log *log,
                                                 const struct weft_epoch *epoch, size_t member);

/* Waits until the lines so far are on the disk. A failure is reported and closes the log. */
WEFT_MUST_CHECK enum weft_status epoch_log_sync(struct epoch_log *log);

/* Closes the log after a successful training. Returns WEFT_ERROR_IO, with a message, if lines may
 * be lost. */
WEFT_MUST_CHECK enum weft_status epoch_log_finish(struct epoch_log *log);

/* Closes the log. Removes the file if this run created it and wrote nothing to it. */
void epoch_log_close(struct epoch_log *log);

#endif
