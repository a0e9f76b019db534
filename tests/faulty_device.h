/* A device that computes wrong in a way that is asked for: to show that the checks can fail.
 *
 * It is a real device with another primitive_run, which lets the real one do the work and then
 * spoils what came out.
 */
#ifndef WEFT_TESTS_FAULTY_DEVICE_H
#define WEFT_TESTS_FAULTY_DEVICE_H

#include "devices.h"

/* Runs a primitive of `device` with a fault. */
typedef enum weft_status faulty_run(struct weft_device *faulty, const struct primitive_call *call);

static struct backend faulty_backend;
static struct weft_device faulty_device; /* shows itself as `device` does */

/* The faulty device; `run` calls backend->primitive_run(device, call) of the real one. */
static inline struct weft_device *faulty_device_make(faulty_run *run)
{
    faulty_backend = *backend;
    faulty_backend.primitive_run = run;
    faulty_device = *device;
    faulty_device.backend = &faulty_backend;
    return &faulty_device;
}

#endif
