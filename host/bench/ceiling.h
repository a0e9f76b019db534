/* The largest rate that a product reaches on a device: what an epoch is to be held against. */
#ifndef WEFT_BENCH_CEILING_H
#define WEFT_BENCH_CEILING_H

#include "backend/backend.h"
#include "bench/bench_progress.h"
#include "weft_device.h"

/* 10^9 operations a second of square products, the best of several runs and sizes, the kernels
 * built before; 0 where it was stopped before the first, or none fits the device. */
WEFT_MUST_CHECK enum weft_status ceiling_measure(struct weft_device *device,
                                                 struct bench_progress *progress, double *gflops);

#endif
