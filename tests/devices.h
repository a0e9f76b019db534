/* The two devices that every device suite runs on: the OpenCL device that `opencl` means (PoCL
 * where there is no GPU; no OpenCL at all is a failure) and the CPU backend.
 *
 * Each is a case of its suite, opened inside every forked test: a device that was open before the
 * fork has lost its threads. CK_RUN_CASE=cpu runs one of them.
 */
#ifndef WEFT_TESTS_DEVICES_H
#define WEFT_TESTS_DEVICES_H

#include "backend/primitive.h"
#include "suite.h"

static struct weft_device *device;
static const struct backend *backend; /* of `device` */

static inline void device_open(const char *spec)
{
    ck_ok(weft_device_create(spec, NULL, NULL, &device));
    backend = device->backend;
}

static inline void device_open_opencl(void)
{
    device_open("opencl");
}

static inline void device_open_cpu(void)
{
    device_open("cpu");
}

static inline void device_close(void)
{
    weft_device_destroy(device);
}

/* A case for each device, with the tests that `add` gives it. */
static inline void suite_add_devices(Suite *suite, void (*add)(TCase *tests))
{
    static const struct {
        const char *name;
        void (*open)(void);
    } devices[] = {{"opencl", device_open_opencl}, {"cpu", device_open_cpu}};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        TCase *tests = tcase_create(devices[i].name);
        tcase_add_checked_fixture(tests, devices[i].open, device_close);
        add(tests);
        suite_add_tcase(suite, tests);
    }
}

#endif
