/* How long a device takes from nothing to its first epoch. */
#ifndef WEFT_BENCH_STARTUP_H
#define WEFT_BENCH_STARTUP_H

#include "bench/bench.h"
#include "bench/bench_progress.h"
#include "weft_device.h"

/* Fills startup, first_epoch_seconds and host_bytes of `side` for the device `spec`.
 *
 * Each figure is measured in a child process that does what a training does and nothing else:
 * platforms, device and kernels, known-answer test, upload, one epoch. An OpenCL device gets two:
 * the first with empty folders in the place of every cache that drivers and Weft keep on disk
 * (cold), the second with what the first left there (warm). Kernels are compiled when the device is
 * opened, when a product first runs (in the known-answer test), and by some drivers when a kernel
 * first runs in a new size (in the first epoch); all that counts as building. */
WEFT_MUST_CHECK enum weft_status startup_measure(const struct bench_job *job, const char *spec,
                                                 struct bench_progress *progress,
                                                 struct weft_bench_side *side);

#endif
