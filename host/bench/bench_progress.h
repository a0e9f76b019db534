/* Reports to the caller how far a benchmark is, and asks whether to stop. */
#ifndef WEFT_BENCH_BENCH_PROGRESS_H
#define WEFT_BENCH_BENCH_PROGRESS_H

#include "base/status.h"
#include "weft_device.h"

struct bench_progress {
    const struct weft_bench_plan *plan; /* borrowed */
    struct weft_bench_progress now;
    bool stopped; /* the callback asked to stop; never cleared */
};

/* Begins a stage of `steps` steps. 0 means that steps are not counted. */
void bench_progress_begin(struct bench_progress *progress, const char *what, size_t steps);

/* Begins a step on `device`. Returns true if the benchmark must stop. */
bool bench_progress_step(struct bench_progress *progress, const char *device);

/* Asks again within a step. `progress` is a struct bench_progress, so that the function can be used
 * in struct process_plan. */
bool bench_progress_ask(void *progress);

/* Asks again within a training run; the function is the progress callback of the training run. */
int bench_progress_batch(void *progress, const struct weft_progress *now);

#endif
