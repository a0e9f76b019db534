/* Measures how fast a device trains, in a moment: a few batches of the training run. */
#ifndef WEFT_BENCH_QUICK_H
#define WEFT_BENCH_QUICK_H

#include "bench/bench.h"

/* Measures the rate of a training run in 10^9 operations per second, after its known-answer test.
 * job->train holds the few batches; job->plan may have no devices. The fastest of several passes
 * counts, which take `seconds` together, or one pass if that is longer. The first pass does not
 * count. Returns the errors of the device and of the training. */
WEFT_MUST_CHECK enum weft_status quick_measure(const struct bench_job *job, const char *spec,
                                               double seconds, double *gflops);

#endif
