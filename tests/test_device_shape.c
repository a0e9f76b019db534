/* The shape of kernels: which lanes a kind of device gets, and how WEFT_DEVICE_SHAPE replaces it.
 */
#define _XOPEN_SOURCE 700 /* setenv */
#include <stdlib.h>

#include "devices.h"
#include "opencl/device_shape.h"

static const struct row {
    const char *name;
    cl_device_type type, chosen;
    size_t lanes;
} rows[] = {{"", CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_CPU, 16},
            {"", CL_DEVICE_TYPE_GPU, CL_DEVICE_TYPE_GPU, 1},
            {"", CL_DEVICE_TYPE_ACCELERATOR, CL_DEVICE_TYPE_ACCELERATOR, 1},
            {"cpu", CL_DEVICE_TYPE_GPU, CL_DEVICE_TYPE_CPU, 16},
            {"cpu:1", CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_CPU, 1},
            {"cpu:4", CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_CPU, 4},
            {"gpu", CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_GPU, 1},
            {"gpu:4", CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_GPU, 4},
            {"gpu:16", CL_DEVICE_TYPE_GPU, CL_DEVICE_TYPE_GPU, 16}};

START_TEST(a_shape_has_its_lanes)
{
    const struct row *row = &rows[_i];
    struct opencl_device opencl = {.type = row->type};
    ck_assert_int_eq(setenv("WEFT_DEVICE_SHAPE", row->name, 1), 0);
    ck_ok(device_shape_choose(&opencl));
    ck_assert_uint_eq(opencl.type, row->chosen);
    ck_assert_uint_eq(opencl.lanes, row->lanes);
}
END_TEST

START_TEST(an_unknown_shape_is_refused)
{
    ck_assert_int_eq(setenv("WEFT_DEVICE_SHAPE", "gpu:2", 1), 0);
    ck_fails(weft_device_create("opencl", NULL, NULL, &device), WEFT_ERROR_USAGE, "gpu:2");
}
END_TEST

/* The options are those of the driver, so a program with other lanes is another program. */
START_TEST(lanes_are_a_build_option)
{
    ck_assert_str_eq(device_shape_build_options(16), "-cl-std=CL1.2");
    ck_assert_str_eq(device_shape_build_options(4), "-cl-std=CL1.2 -DLANES=4");
    ck_assert_str_eq(device_shape_build_options(1), "-cl-std=CL1.2 -DLANES=1");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("device_shape");
    TCase *tests = tcase_create("device_shape");
    tcase_add_loop_test(tests, a_shape_has_its_lanes, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, an_unknown_shape_is_refused);
    tcase_add_test(tests, lanes_are_a_build_option);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
