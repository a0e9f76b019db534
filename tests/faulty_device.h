/* Makes a device compute wrong results on purpose, to show that the checks can fail.
 *
 * The device under test gets another primitive_run. It lets the real one do the work and then
 * changes the result. The change is permanent: the test that makes it ends with its process.
 */
#ifndef WEFT_TESTS_FAULTY_DEVICE_H
#define WEFT_TESTS_FAULTY_DEVICE_H

#include "devices.h"

/* Runs a primitive of `device` with a fault. */
typedef enum weft_status faulty_run(struct weft_device *faulty, const struct primitive_call *call);

static struct backend faulty_backend;

/* Makes `device` run its primitives through `run` from now on. backend->primitive_run, which `run`
 * calls, stays the real function. */
static inline struct weft_device *device_spoil(faulty_run *run)
{
    faulty_backend = *backend;
    faulty_backend.primitive_run = run;
    device->backend = &faulty_backend;
    return device;
}

#endif
