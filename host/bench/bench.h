/* Times a training run on several devices. This module implements weft_bench.
 *
 * A benchmark has five stages, in this order:
 *
 *  1. the start-up of each side, in child processes of its own (startup.h)
 *  2. the epochs of all sides in turn, in this process (side.h)
 *  3. the time of each operation (profile.h)
 *  4. the ceilings of the devices (ceiling.h)
 *  5. the figures that follow from these times (figures.h)
 *
 * The epochs run through train/epoch_loop.h, exactly as in training.
 */
#ifndef WEFT_BENCH_BENCH_H
#define WEFT_BENCH_BENCH_H

#include "backend/backend.h"
#include "data/dataset.h"
#include "weft_device.h"

/* What is timed, and how devices are opened. All pointers are borrowed. */
struct bench_job {
    const struct weft_bench_plan *plan;
    const struct network *network;
    const float *parameters;   /* [value_count] initial parameters of all sides */
    const struct scale *scale; /* a scale of 0 features: none */
    const struct weft_options *options;
    const struct weft_dataset *train;

    /* Call weft_device_count, weft_device_create and weft_device_destroy, which are defined in the
     * layer above this one. */
    enum weft_status (*device_count)(size_t *count);
    enum weft_status (*device_create)(const char *spec, weft_log_function *log, void *user,
                                      struct weft_device **device);
    void (*device_destroy)(struct weft_device *device);
};

/* The largest relative difference allowed between two sides' losses of the same batch. See
 * bench.c. */
extern const double bench_disagreement_limit;

/* Runs a benchmark into `bench`; this is the body of weft_bench. On entry, `bench` is zero.
 * Network, data and options must fit together. */
WEFT_MUST_CHECK enum weft_status bench_run(const struct bench_job *job, struct weft_bench *bench);

/* Computes speed-ups and break-evens of all sides against the last one from their times. */
void bench_conclude(struct weft_bench *bench);

#endif
