/* Measures who computes a network's products the fastest on a device: the room behind weft_tune.
 *
 * The process that tunes never touches OpenCL: whatever does runs in a child of its own, from a
 * clean start and with a time limit (trial.h), so that a driver that hangs or crashes costs one
 * candidate. The children's times come together in a list (candidates.h), from which the winners
 * follow (choice.h).
 */
#ifndef WEFT_TUNE_TUNE_H
#define WEFT_TUNE_TUNE_H

#include "backend/backend.h"
#include "record/record.h"
#include "weft_device.h"

/* What is tuned, and how devices are opened. All borrowed. */
struct tune_job {
    const struct weft_tune_plan *plan;
    const struct network *network;
    size_t batch; /* samples in a training batch */
    size_t block; /* ... in a block of a pass */
    bool dense;   /* the targets of training are dense: its steps run by operation */

    /* As weft_device_create and _destroy; what is known of products does not count. */
    enum weft_status (*device_create)(const char *spec, weft_log_function *log, void *user,
                                      struct weft_device **device);
    void (*device_destroy)(struct weft_device *device);
};

/* The body of weft_tune, into `tuning`, already zero; `best` has the winners, without a date.
 * WEFT_ERROR_NO_DEVICE: the device has one way of computing products, as the CPU backend. */
WEFT_MUST_CHECK enum weft_status tune_run(const struct tune_job *job, struct weft_tuning *tuning,
                                          struct record_tuning *best);

#endif
