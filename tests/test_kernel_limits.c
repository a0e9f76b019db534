/* Tests work-group sizes on a device that can run some kernels only in small groups, because of
 * registers or private memory. The suite replaces the driver's answer. */
#include "opencl/products_own.h" /* first: its parameters are named `device` too */

#include "check/check.h"
#include "devices.h"

/* The kernel that has a limit, and its limit. */
static const char *limited;
static size_t limit;

/* In the place of the driver's: 4096 work-items for all other kernels. */
cl_int clGetKernelWorkGroupInfo(cl_kernel kernel, cl_device_id id, cl_kernel_work_group_info what,
                                size_t size, void *value, size_t *size_ret)
{
    char name[64];
    (void)id;
    (void)size_ret;
    ck_assert_int_eq(what, CL_KERNEL_WORK_GROUP_SIZE);
    ck_assert_uint_eq(size, sizeof limit);
    ck_assert_int_eq(clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL),
                     CL_SUCCESS);
    *(size_t *)value = strcmp(name, limited) == 0 ? limit : 4096;
    return CL_SUCCESS;
}

/* A kernel's limit is one for all that are launched in groups: of 64, and of up to 1024 where a
 * work-item has an element, on a CPU. Kernels in groups of one have no say. */
static const struct {
    const char *kernel;
    size_t limit, group, loop;
} rows[] = {{"", 0, 64, 1024},
            {"sigmoid_forward", 1024, 64, 1024},
            {"sigmoid_forward", 1023, 64, 512},
            {"sigmoid_forward", 100, 64, 64},
            {"middle_update", 33, 32, 32},
            {"product_tiled", 63, 32, 32},
            {"metrics_sum", 1, 1, 1},
            {"metrics_sum", 0, 1, 1},
            {"product_blocked", 1, 64, 1024},
            {"step_rows", 1, 64, 1024},
            {"step_gradient", 1, 64, 1024}};

START_TEST(groups_are_what_every_kernel_can_run)
{
    /* a line of elements, a plane of them, slices, and one group */
    static const enum primitive run[] = {PRIMITIVE_SIGMOID_FORWARD, PRIMITIVE_BIAS_ADD,
                                         PRIMITIVE_BIAS_GRADIENT, PRIMITIVE_METRICS_SUM};
    limited = rows[_i].kernel;
    limit = rows[_i].limit;
    device_open_opencl();
    const struct opencl_device *opencl = opencl_from(device);
    ck_assert_uint_eq(opencl->group, rows[_i].group);
    ck_assert_uint_eq(opencl->loop, opencl_is_cpu(opencl) ? rows[_i].loop : rows[_i].group);
    ck_assert(own_product_tileable(opencl) == (rows[_i].group == 64));
    for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
        struct check_result result;
        ck_ok(check_primitive(device, run[i], 67, 19, CHECK_ORDINARY, 0, 1, &result));
        ck_assert_msg(result.ok, "%s: %s, element %zu", result.name, result.array, result.index);
    }
    device_close();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernel_limits");
    TCase *tests = tcase_create("groups");
    tcase_add_loop_test(tests, groups_are_what_every_kernel_can_run, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
