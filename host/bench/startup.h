/* Measures how long a device takes from a cold start to the end of its first epoch. */
#ifndef WEFT_BENCH_STARTUP_H
#define WEFT_BENCH_STARTUP_H

#include "bench/bench.h"
#include "bench/bench_progress.h"
#include "weft_device.h"

/* Fills startup, first_epoch_seconds and host_bytes of `side` for the device `spec`.
 *
 * Each figure is measured in a child process that does what a training run does and nothing else:
 * platforms, device and kernels, known-answer test, upload, one epoch. An OpenCL device gets two
 * children. The first has empty folders instead of all disk caches of the drivers and of Weft
 * (cold). The second uses what the first left there (warm).
 *
 * Kernels are compiled when the device opens and when a product first runs, in the known-answer
 * test. Some drivers also compile when a kernel first runs in a new size, in the first epoch. All
 * of this counts as build time.
 */
WEFT_MUST_CHECK enum weft_status startup_measure(const struct bench_job *job, const char *spec,
                                                 struct bench_progress *progress,
                                                 struct weft_bench_side *side);

#endif
