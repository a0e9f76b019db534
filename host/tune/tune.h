/* Measures which engines compute the matrix products of a network fastest on a device. This module
 * implements weft_tune.
 *
 * The tuning process itself never touches OpenCL. All OpenCL work runs in child processes, each
 * with a clean start and a time limit (trial.h). A driver that hangs or crashes therefore costs one
 * candidate. The times from the children are collected in a list (candidates.h), and the winners
 * are chosen from it (choice.h).
 */
#ifndef WEFT_TUNE_TUNE_H
#define WEFT_TUNE_TUNE_H

#include "backend/backend.h"
#include "record/record.h"
#include "weft_device.h"

/* What is tuned, and how devices are opened. All pointers are borrowed. */
struct tune_job {
    const struct weft_tune_plan *plan;
    const struct network *network;
    size_t batch; /* samples in a training batch */
    size_t block; /* samples in a block of a forward pass */
    bool dense;   /* whether the training targets are dense */

    /* Work like weft_device_create and weft_device_destroy, but ignore recorded results for
     * products. */
    enum weft_status (*device_create)(const char *spec, weft_log_function *log, void *user,
                                      struct weft_device **device);
    void (*device_destroy)(struct weft_device *device);
};

/* Runs a tuning; this is the body of weft_tune. On entry, `tuning` is zero. `best` receives the
 * winners, without a date. Returns WEFT_ERROR_NO_DEVICE if the device has only one way to compute
 * products, like the CPU backend. */
WEFT_MUST_CHECK enum weft_status tune_run(const struct tune_job *job, struct weft_tuning *tuning,
                                          struct record_tuning *best);

#endif
