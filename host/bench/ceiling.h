/* Measures the highest rate that a matrix product reaches on a device. Epochs are compared with
 * it. */
#ifndef WEFT_BENCH_CEILING_H
#define WEFT_BENCH_CEILING_H

#include "backend/backend.h"
#include "bench/bench_progress.h"
#include "weft_device.h"

/* Measures the rate of square matrix products in 10^9 operations per second. It is the best over
 * several runs and sizes, with all kernels built beforehand. It is 0 if the benchmark was stopped
 * before the first result, or if no size fits the device. */
WEFT_MUST_CHECK enum weft_status ceiling_measure(struct weft_device *device,
                                                 struct bench_progress *progress, double *gflops);

#endif
