/* Measures how fast a device trains, in a moment. See quick.h. */
#include "bench/quick.h"

#include <math.h>

#include "base/file.h"
#include "bench/figures.h"
#include "bench/side.h"

enum { MOST_PASSES = 5 };

/* Passes over the samples until the time is over. */
static enum weft_status passes_run(struct side *side, double seconds, double *fastest)
{
    double now = 0.0, error = 0.0;
    TRY(side_open(side));
    TRY(side_check(side));
    TRY(side_upload(side, side->device));
    TRY(side_epoch(side, &now, &error));
    const double end = clock_seconds() + seconds;
    *fastest = HUGE_VAL;
    for (size_t pass = 0; pass < MOST_PASSES && (pass == 0 || clock_seconds() < end); pass++) {
        TRY(side_epoch(side, &now, &error));
        *fastest = fmin(*fastest, now);
    }
    return WEFT_OK;
}

enum weft_status quick_measure(const struct bench_job *job, const char *spec, double seconds,
                               double *gflops)
{
    struct side side = {.job = job, .spec = spec};
    double fastest = 0.0;
    const enum weft_status status = passes_run(&side, seconds, &fastest);
    side_close(&side);
    *gflops = 1e-9 * epoch_operations(job->network, job->train->samples) / fastest;
    return status;
}
