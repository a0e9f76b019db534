/* Tests which device a word selects, on machines with any set of devices. It includes the source of
 * api_device.c, which sees the lists of this suite instead of the OpenCL devices. */
#define _XOPEN_SOURCE 700

#include "suite.h"

#define opencl_device_count    listed_count
#define opencl_device_describe listed_describe
#define opencl_device_create   listed_create
#define opencl_idle_platforms  listed_idle_platforms
#include "api/api_device.c"

static struct {
    const char *type; /* NULL: one that cannot be described */
    bool unified;
} listed[8];
static size_t listed_devices;

enum weft_status listed_count(size_t *count)
{
    *count = listed_devices;
    return WEFT_OK;
}

enum weft_status listed_describe(size_t index, struct weft_device_info *info)
{
    if (listed[index].type == NULL)
        return fail(WEFT_ERROR_DEVICE, "OpenCL device %zu: cannot be described", index);
    *info = (struct weft_device_info){
        .opencl = true, .index = index, .unified_memory = listed[index].unified};
    snprintf(info->type, sizeof info->type, "%s", listed[index].type);
    snprintf(info->name, sizeof info->name, "device %zu", index);
    return WEFT_OK;
}

static const char *listed_idle = ""; /* platforms without devices */

const char *listed_idle_platforms(void)
{
    return listed_idle;
}

/* Opens none, but tells which. */
enum weft_status listed_create(const struct opencl_plan *plan, struct weft_device **device)
{
    (void)device;
    return fail(WEFT_ERROR_DEVICE, "chosen: %zu", plan->index);
}

static void add(const char *type, bool unified)
{
    listed[listed_devices].type = type;
    listed[listed_devices++].unified = unified;
}

#define ck_chosen(spec, words)                                                                     \
    do {                                                                                           \
        struct weft_device *ck_device_;                                                            \
        ck_fails(weft_device_create(spec, NULL, NULL, &ck_device_), WEFT_ERROR_DEVICE, words);     \
    } while (0)

/* The CPU backend in the place of a device, which is said. */
static void assert_cpu_instead(const char *words)
{
    struct weft_device *device;
    struct weft_device_info info;
    ck_ok(weft_device_create("auto", NULL, NULL, &device));
    weft_device_get_info(device, &info);
    ck_assert(!info.opencl);
    ck_assert_str_eq(info.note, words);
    weft_device_destroy(device);
}

START_TEST(gpus_before_cpus_before_the_rest)
{
    struct weft_device *device;
    add("accelerator", false);
    ck_chosen("opencl", "chosen: 0");
    assert_cpu_instead("no OpenCL GPU or CPU that can be used: using the CPU backend");
    ck_fails(weft_device_create("gpu", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE,
             "--device gpu: no such device: there are 0 \"device 0\" (accelerator), and cpu");
    add("cpu", true);
    ck_chosen("auto", "chosen: 1");
    ck_chosen("opencl", "chosen: 1");
    ck_fails(weft_device_create("gpu", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE, "no such");
    add("gpu", true);
    ck_chosen("auto", "chosen: 2");
    add("gpu", false);
    ck_chosen("auto", "chosen: 3");
    ck_chosen(NULL, "chosen: 3");
    ck_chosen("opencl", "chosen: 3");
    ck_chosen("gpu", "chosen: 3");
    ck_chosen("0", "chosen: 0");
}
END_TEST

START_TEST(a_device_that_cannot_be_described)
{
    struct weft_device *device;
    add(NULL, false);
    assert_cpu_instead("no OpenCL GPU or CPU that can be used: using the CPU backend");
    ck_fails(weft_device_create("opencl", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE,
             "--device opencl: no such device");
    add("cpu", true);
    ck_chosen("auto", "chosen: 1");
}
END_TEST

START_TEST(no_device)
{
    assert_cpu_instead("no OpenCL device on this machine: using the CPU backend");
    ck_fails(weft_device_create("opencl", NULL, NULL, &(struct weft_device *){NULL}),
             WEFT_ERROR_NO_DEVICE, "pocl-opencl-icd for the CPU; --device cpu needs none");
}
END_TEST

/* What is installed is not to be installed again: it is named. */
START_TEST(a_platform_without_devices)
{
    struct weft_device *device;
    listed_idle = "; platform P has no device: set Q";
    assert_cpu_instead("no OpenCL device on this machine; platform P has no device: set Q: "
                       "using the CPU backend");
    ck_fails(weft_device_create("opencl", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE,
             "--device opencl: no OpenCL device on this machine; platform P has no device: set Q; "
             "--device cpu needs none");
    ck_assert_ptr_null(strstr(weft_error(), "install"));
    add("cpu", false);
    ck_fails(weft_device_create("gpu", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE,
             "and cpu; platform P has no device: set Q");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("device_choice");
    TCase *tests = tcase_create("words");
    tcase_add_test(tests, gpus_before_cpus_before_the_rest);
    tcase_add_test(tests, a_device_that_cannot_be_described);
    tcase_add_test(tests, no_device);
    tcase_add_test(tests, a_platform_without_devices);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
