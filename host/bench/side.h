/* One device's part in a benchmark: a training on it that runs an epoch when it is told to. */
#ifndef WEFT_BENCH_SIDE_H
#define WEFT_BENCH_SIDE_H

#include "bench/bench.h"
#include "train/epoch_loop.h"
#include "weft_device.h"

enum { SIDE_LOSSES = 8 };

struct side {
    const struct bench_job *job; /* borrowed */
    const char *spec;            /* borrowed */
    struct weft_device *device;  /* owned, as the rest */
    struct epoch_loop loop;
    struct weft_callbacks callbacks; /* of the loop */
    size_t epochs;                   /* how many it has run */
    size_t loss_count;
    double losses[SIDE_LOSSES]; /* [loss_count] of its first batches, in whichever epoch */
    double *seconds;            /* [rounds] */
};

/* Opens the device; the known-answer test of the training is next. */
WEFT_MUST_CHECK enum weft_status side_open(struct side *side);
WEFT_MUST_CHECK enum weft_status side_check(struct side *side);

/* Workspace, samples and initial weights onto `device` (the side's own, or one that profiles it),
 * and waits. */
WEFT_MUST_CHECK enum weft_status side_upload(struct side *side, struct weft_device *device);

/* Runs the next epoch, `*error` is that of struct weft_epoch, NaN where it was stopped.
 * WEFT_ERROR_DIVERGED: it is not finite. */
WEFT_MUST_CHECK enum weft_status side_epoch(struct side *side, double *seconds, double *error);

/* Off the device again; the device stays open. */
void side_unload(struct side *side);
void side_close(struct side *side);

#endif
