/* A device that computes wrong in a way that is asked for: to show that the checks can fail.
 *
 * The device under test gets another primitive_run, which lets the real one do the work and then
 * spoils what came out. There is no way back: the test that did it ends with its process.
 */
#ifndef WEFT_TESTS_FAULTY_DEVICE_H
#define WEFT_TESTS_FAULTY_DEVICE_H

#include "devices.h"

/* Runs a primitive of `device` with a fault. */
typedef enum weft_status faulty_run(struct weft_device *faulty, const struct primitive_call *call);

static struct backend faulty_backend;

/* `device` runs its primitives through `run` from now on. What `run` calls,
 * backend->primitive_run, stays the real one. */
static inline struct weft_device *device_spoil(faulty_run *run)
{
    faulty_backend = *backend;
    faulty_backend.primitive_run = run;
    device->backend = &faulty_backend;
    return device;
}

#endif
