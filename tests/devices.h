/* Opens the two devices on which every device suite runs. They are the OpenCL device that `opencl`
 * means and the CPU backend. Without a GPU, PoCL is the OpenCL device; without any OpenCL, the
 * suite fails.
 *
 * Each device is a test case of its suite. It is opened inside every forked test, because a device
 * loses its threads in a fork. CK_RUN_CASE=cpu runs only one of them.
 */
#ifndef WEFT_TESTS_DEVICES_H
#define WEFT_TESTS_DEVICES_H

#include "backend/primitive.h"
#include "opencl/opencl_device.h"
#include "opencl/step_plan.h"
#include "suite.h"

static struct weft_device *device;
static const struct backend *backend;  /* backend of `device` */
static enum weft_gemm device_products; /* engine that the workspaces of this case request */

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

/* Runs every step by operation, with the products of the device. */
static inline void device_open_operations(void)
{
    device_open("opencl");
    opencl_from(device)->rules.step = STEP_BY_OPERATION;
}

/* Runs steps as GPUs do: the first layer's products in tiles, and everything between them in one
 * kernel. */
static inline void device_open_middle(void)
{
    device_open("opencl");
    struct product_rules *rules = &opencl_from(device)->rules;
    *rules = (struct product_rules){.count = 2,
                                    .rules = {{PRODUCT_FORWARD, 0, 0, 0, ENGINE_TILED},
                                              {PRODUCT_WEIGHT_GRADIENT, 0, 0, 0, ENGINE_TILED}},
                                    .step = STEP_MIDDLE};
}

/* Also builds every kernel as for a GPU, and runs it on the grid that it has there. */
static inline void device_open_gpu(void)
{
    device_open_middle();
    struct opencl_device *opencl = opencl_from(device);
    opencl->type = CL_DEVICE_TYPE_GPU;
    opencl->lanes = 1;
    opencl->loop = opencl->group;
    program_release(opencl);
    ck_ok(program_build(opencl));
}

/* From now on, steps run by operation, and all products in tiles. */
static inline void device_use_tiles(void)
{
    opencl_from(device)->rules =
        (struct product_rules){.count = 3,
                               .rules = {{PRODUCT_FORWARD, 0, 0, 0, ENGINE_TILED},
                                         {PRODUCT_WEIGHT_GRADIENT, 0, 0, 0, ENGINE_TILED},
                                         {PRODUCT_DELTA, 0, 0, 0, ENGINE_TILED}},
                               .step = STEP_BY_OPERATION};
}

/* A GPU, where tiles run what follows a product. */
static inline void device_open_tiles(void)
{
    device_open_gpu();
    device_use_tiles();
}

static inline void device_open_cpu(void)
{
    device_open("cpu");
}

/* How a training step of `network` on plain labels runs on the OpenCL device. */
static inline const struct step_plan *device_step_plan(enum weft_gemm wanted,
                                                       const struct network *network, size_t batch)
{
    const struct workspace_plan plan = {
        .network = network, .batch = batch, .training = true, .products = wanted};
    return step_plan_choose(opencl_from(device), &plan);
}

static inline void device_close(void)
{
    weft_device_destroy(device);
}

struct device_case {
    const char *name;
    void (*open)(void);
};

/* WEFT_TEST_DEVICE=cpu leaves out the test cases of other devices, and keeps those without a
 * device. */
static inline bool device_is_left_out(const char *name)
{
    const char *only = getenv("WEFT_TEST_DEVICE");
    return only != NULL && strcmp(only, name) != 0;
}

static inline void suite_add_cases(Suite *suite, void (*add)(TCase *tests),
                                   const struct device_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (device_is_left_out(cases[i].name))
            continue;
        TCase *tests = tcase_create(cases[i].name);
        tcase_add_checked_fixture(tests, cases[i].open, device_close);
        add(tests);
        suite_add_tcase(suite, tests);
    }
}

/* Adds a test case for each device, with the tests that `add` puts into it. */
static inline void suite_add_devices(Suite *suite, void (*add)(TCase *tests))
{
    static const struct device_case devices[] = {{"opencl", device_open_opencl},
                                                 {"cpu", device_open_cpu}};
    suite_add_cases(suite, add, devices, sizeof devices / sizeof *devices);
}

/* Adds a test case for each device and one for each engine of the OpenCL device. `auto` may be any
 * of these engines. */
static inline void suite_add_engines(Suite *suite, void (*add)(TCase *tests))
{
    static const struct device_case engines[] = {{"clblast", device_open_clblast},
                                                 {"operations", device_open_operations},
                                                 {"middle", device_open_gpu}};
    suite_add_devices(suite, add);
    suite_add_cases(suite, add, engines, sizeof engines / sizeof *engines);
}

#endif
