/* The two devices that every device suite runs on: the OpenCL device that `opencl` means (PoCL
 * where there is no GPU; no OpenCL at all is a failure) and the CPU backend.
 *
 * Each is a case of its suite, opened inside every forked test: a device that was open before the
 * fork has lost its threads. CK_RUN_CASE=cpu runs one of them.
 */
#ifndef WEFT_TESTS_DEVICES_H
#define WEFT_TESTS_DEVICES_H

#include "backend/primitive.h"
#include "opencl/opencl_device.h"
#include "suite.h"

static struct weft_device *device;
static const struct backend *backend;  /* of `device` */
static enum weft_gemm device_products; /* what workspaces of this case ask for */

static inline void device_open(const char *spec)
{
    ck_ok(weft_device_create(spec, NULL, NULL, &device));
    backend = device->backend;
}

static inline void device_open_opencl(void)
{
    device_open("opencl");
}

static inline void device_open_clblast(void)
{
    device_products = WEFT_GEMM_CLBLAST;
    device_open("opencl");
}

static inline void device_open_fused(void)
{
    device_products = WEFT_GEMM_OWN;
    device_open("opencl");
}

/* Steps as GPUs run them: the first layer's products in tiles, all between them in one kernel. */
static inline void device_open_middle(void)
{
    device_open("opencl");
    struct product_rules *rules = &opencl_from(device)->rules;
    *rules = (struct product_rules){.count = 2,
                                    .rules = {{PRODUCT_FORWARD, 0, 0, 0, ENGINE_TILED},
                                              {PRODUCT_WEIGHT_GRADIENT, 0, 0, 0, ENGINE_TILED}},
                                    .step = STEP_MIDDLE};
}

/* And every kernel on the grid that a GPU has for it. */
static inline void device_open_gpu(void)
{
    device_open_middle();
    opencl_from(device)->type = CL_DEVICE_TYPE_GPU;
}

static inline void device_open_cpu(void)
{
    device_open("cpu");
}

static inline void device_close(void)
{
    weft_device_destroy(device);
}

struct device_case {
    const char *name;
    void (*open)(void);
};

static inline void suite_add_cases(Suite *suite, void (*add)(TCase *tests),
                                   const struct device_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TCase *tests = tcase_create(cases[i].name);
        tcase_add_checked_fixture(tests, cases[i].open, device_close);
        add(tests);
        suite_add_tcase(suite, tests);
    }
}

/* A case for each device, with the tests that `add` gives it. */
static inline void suite_add_devices(Suite *suite, void (*add)(TCase *tests))
{
    static const struct device_case devices[] = {{"opencl", device_open_opencl},
                                                 {"cpu", device_open_cpu}};
    suite_add_cases(suite, add, devices, sizeof devices / sizeof *devices);
}

/* The same, and a case for each engine of the OpenCL device, whichever of them `auto` is. */
static inline void suite_add_engines(Suite *suite, void (*add)(TCase *tests))
{
    static const struct device_case engines[] = {{"clblast", device_open_clblast},
                                                 {"fused", device_open_fused},
                                                 {"middle", device_open_gpu}};
    suite_add_devices(suite, add);
    suite_add_cases(suite, add, engines, sizeof engines / sizeof *engines);
}

#endif
