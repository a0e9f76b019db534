/* Reports the progress of a benchmark. See bench_progress.h. */
#include "bench/bench_progress.h"
#include "weft_device.h"

void bench_progress_begin(struct bench_progress *progress, const char *what, size_t steps)
{
    progress->now = (struct weft_bench_progress){.what = what, .device = "", .steps = steps};
}

bool bench_progress_ask(void *user)
{
    struct bench_progress *progress = user;
    const struct weft_bench_plan *plan = progress->plan;
    if (!progress->stopped && plan->progress != NULL)
        progress->stopped = plan->progress(plan->user, &progress->now) != 0;
    return progress->stopped;
}

bool bench_progress_step(struct bench_progress *progress, const char *device)
{
    progress->now.device = device;
    if (progress->now.step < progress->now.steps)
        progress->now.step++;
    return bench_progress_ask(progress);
}

int bench_progress_batch(void *progress, const struct weft_progress *now)
{
    (void)now;
    return bench_progress_ask(progress);
}
