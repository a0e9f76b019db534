/* Represents one device in a benchmark: a training run on it that runs one epoch per call. */
#ifndef WEFT_BENCH_SIDE_H
#define WEFT_BENCH_SIDE_H

#include "bench/bench.h"
#include "train/epoch_loop.h"
#include "weft_device.h"

enum { SIDE_LOSSES = 8 };

struct side {
    const struct bench_job *job; /* borrowed */
    const char *spec;            /* borrowed */
    struct weft_device *device;  /* owned, like all members below */
    struct epoch_loop loop;
    struct weft_callbacks callbacks; /* for the loop */
    size_t epochs;                   /* number of epochs it has run */
    size_t loss_count;
    double losses[SIDE_LOSSES]; /* [loss_count] of its first batches, from any epoch */
    double *seconds;            /* [rounds] */
};

/* Opens the device. The known-answer test of the training run comes next. */
WEFT_MUST_CHECK enum weft_status side_open(struct side *side);
WEFT_MUST_CHECK enum weft_status side_check(struct side *side);

/* Uploads workspace, samples and initial weights to `device` and waits. `device` is the side's own,
 * or the profile of it. */
WEFT_MUST_CHECK enum weft_status side_upload(struct side *side, struct weft_device *device);

/* Runs the next epoch. `*error` receives the error as in struct weft_epoch, or NaN if the epoch was
 * stopped. Returns WEFT_ERROR_DIVERGED if the error is not finite. */
WEFT_MUST_CHECK enum weft_status side_epoch(struct side *side, double *seconds, double *error);

/* Frees everything on the device. The device stays open. */
void side_unload(struct side *side);
void side_close(struct side *side);

#endif
