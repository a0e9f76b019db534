/* Tests timed runs with cold operands: before each of them, the caches of the device get other
 * contents. The suite puts its own functions before the driver's, and notes their order: F fills
 * memory, K runs a kernel. */
#define _GNU_SOURCE
#include "devices.h"
#include "launches.h"

static char order[64];
static size_t least; /* bytes of the smallest fill */

static void note(char what)
{
    const size_t length = strlen(order);
    if (length + 1 < sizeof order)
        order[length] = what;
}

static void launched(cl_kernel kernel)
{
    (void)kernel;
    note('K');
}

CL_API_ENTRY cl_int CL_API_CALL clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer,
                                                    const void *pattern, size_t pattern_size,
                                                    size_t offset, size_t size, cl_uint count,
                                                    const cl_event *events, cl_event *event)
{
    cl_int(CL_API_CALL * driver)(cl_command_queue, cl_mem, const void *, size_t, size_t, size_t,
                                 cl_uint, const cl_event *, cl_event *) = NULL;
    driver_function("clEnqueueFillBuffer", &driver);
    note('F');
    least = least == 0 || size < least ? size : least;
    return driver(queue, buffer, pattern, pattern_size, offset, size, count, events, event);
}

/* c [2][2] = a [2][3] b', with b [2][3] */
static double time_product(bool cold)
{
    float a[] = {1, 2, 3, 4, 5, 6}, b[] = {1, 0, 2, 0, 1, 0}, c[4] = {0};
    static const float want[] = {7, 2, 16, 5};
    struct primitive_timing timing = {.runs = 3, .cold = cold};
    const struct primitive_call call = {.primitive = PRIMITIVE_PRODUCT,
                                        .form = PRODUCT_FORWARD,
                                        .products = WEFT_GEMM_OWN,
                                        .rows = 2,
                                        .columns = 2,
                                        .inner = 3,
                                        .timing = &timing,
                                        .arrays = {{a, 6}, {b, 6}, {c, 4}}};
    memset(order, 0, sizeof order);
    least = 0;
    ck_ok(device->backend->primitive_run(device, &call));
    ck_assert_mem_eq(c, want, sizeof c);
    return timing.seconds;
}

START_TEST(caches_are_replaced_before_each_cold_run)
{
    cl_ulong cache = 0;
    ck_assert_int_eq(clGetDeviceInfo(opencl_from(device)->id, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE,
                                     sizeof cache, &cache, NULL),
                     CL_SUCCESS);
    ck_assert_double_gt(time_product(true), 0.0);
    ck_assert_str_eq(order, "KFKFKFK");
    ck_assert_uint_ge(least, size_min(2 * (size_t)cache, 1 << 27)); /* as many at most */
}
END_TEST

START_TEST(other_runs_follow_one_another)
{
    ck_assert_double_gt(time_product(false), 0.0);
    ck_assert_str_eq(order, "KKKK");
}
END_TEST

/* A device without the memory for it runs without. */
START_TEST(a_device_with_little_memory)
{
    device->largest_buffer = 1 << 20;
    ck_assert_double_gt(time_product(true), 0.0);
    ck_assert_str_eq(order, "KKKK");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cold_timing");
    TCase *tests = tcase_create("opencl");
    tcase_add_checked_fixture(tests, device_open_opencl, device_close);
    tcase_add_test(tests, caches_are_replaced_before_each_cold_run);
    tcase_add_test(tests, other_runs_follow_one_another);
    tcase_add_test(tests, a_device_with_little_memory);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
