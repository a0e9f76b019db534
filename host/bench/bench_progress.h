/* Telling whoever waits how far a benchmark is, and hearing whether it is to stop. */
#ifndef WEFT_BENCH_BENCH_PROGRESS_H
#define WEFT_BENCH_BENCH_PROGRESS_H

#include "base/status.h"
#include "weft_device.h"

struct bench_progress {
    const struct weft_bench_plan *plan; /* borrowed */
    struct weft_bench_progress now;
    bool stopped; /* the callback asked for it; stays */
};

/* Begins a kind of work, of `steps` steps (0: not counted). */
void bench_progress_begin(struct bench_progress *progress, const char *what, size_t steps);

/* A step on `device` begins; true where the benchmark is to stop. */
bool bench_progress_step(struct bench_progress *progress, const char *device);

/* Asks again within a step. `progress` is a struct bench_progress: fits struct process_plan. */
bool bench_progress_ask(void *progress);

/* The same as the progress callback of training. */
int bench_progress_batch(void *progress, const struct weft_progress *now);

#endif
