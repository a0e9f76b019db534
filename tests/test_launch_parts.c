/* Tests that no launch on a GPU has more work than fits into a quarter of a second, and that
 * launches in parts compute the same bytes as whole ones. */
#include <math.h>

#include "network/model.h"
#include "opencl/launch_kernel.h"
#include "opencl/products_clblast.h"
#include "small_training.h"

/* ---- the rule ---- */

static size_t part_of(size_t columns, size_t rows, double work, double most)
{
    const struct grid grid = {
        .dimensions = 2, .global = {columns, rows}, .local = {8, 8}, .work = work};
    opencl_from(device)->most_work = most;
    return grid_part(opencl_from(device), &grid);
}

START_TEST(a_grid_is_cut_into_rows_of_groups)
{
    ck_assert_uint_eq(part_of(8, 800, 1e9, (double)INFINITY), 800); /* on a CPU */
    ck_assert_uint_eq(part_of(8, 800, 1e9, 1e9), 800);
    ck_assert_uint_eq(part_of(8, 800, 1e9, 0.5e9), 400);
    ck_assert_uint_eq(part_of(8, 800, 1e9, 0.49e9), 392); /* of 408 at most, whole groups */
    ck_assert_uint_eq(part_of(8, 800, 1e9, 1.0), 8);      /* no part is smaller */
    ck_assert_uint_eq(part_of(8, 80000, 0.0, 64.0 * 8 * 8 * 5), 40); /* 64 for each work-item */
    opencl_from(device)->most_groups = 2;
    ck_assert_uint_eq(part_of(8, 800, 1e9, 1e9), 16);
}
END_TEST

START_TEST(a_product_is_cut_into_nearly_equal_parts)
{
    struct product product = {.m = 100, .n = 10, .k = 5}; /* 10^4 operations */
    opencl_from(device)->most_work = (double)INFINITY;
    ck_assert_uint_eq(clblast_parts(opencl_from(device), &product), 1);
    opencl_from(device)->most_work = 1e4;
    ck_assert_uint_eq(clblast_parts(opencl_from(device), &product), 1);
    opencl_from(device)->most_work = 1e4 - 1.0;
    ck_assert_uint_eq(clblast_parts(opencl_from(device), &product), 2);
    opencl_from(device)->most_work = 1.0;
    ck_assert_uint_eq(clblast_parts(opencl_from(device), &product), 100);
}
END_TEST

/* A quarter of a second, at 4 operations for each cycle of each unit. */
START_TEST(a_gpu_has_a_limit_and_a_cpu_has_none)
{
    cl_uint megahertz = 0;
    struct opencl_device *opencl = opencl_from(device);
    ck_assert_int_eq(clGetDeviceInfo(opencl->id, CL_DEVICE_MAX_CLOCK_FREQUENCY, sizeof megahertz,
                                     &megahertz, NULL),
                     CL_SUCCESS);
    if (opencl_is_cpu(opencl))
        ck_assert(isinf(opencl->most_work));
    else
        ck_assert_double_eq(opencl->most_work, 1e6 * megahertz * opencl->base.info.compute_units);
}
END_TEST

/* ---- the same bytes ---- */

/* Trains with a limit of `most` operations per launch. */
static struct weft_model *trained_with(double most, bool dense)
{
    struct weft_options options = small("default");
    struct weft_training training;
    options.hidden_count = 2;
    options.hidden[0] = 70;
    options.hidden[1] = 40;
    options.gemm = device_products;
    options.optimizer = WEFT_OPTIMIZER_ADAMW;
    options.label_smoothing = dense ? 0.1 : 0.0; /* dense targets */
    opencl_from(device)->most_work = most;
    return trained(&options, NULL, &training);
}

START_TEST(parts_compute_the_bytes_of_the_whole)
{
    struct weft_model *whole = trained_with((double)INFINITY, _i == 1);
    struct weft_model *parts = trained_with(3000.0, _i == 1);
    ck_assert_mem_eq(whole->parameters, parts->parameters,
                     whole->network.value_count * sizeof(float));
    weft_model_destroy(whole);
    weft_model_destroy(parts);
}
END_TEST

static void open_plain(void)
{
    device_open_gpu();
    struct product_rules *rules = &opencl_from(device)->rules;
    *rules = (struct product_rules){.count = 3,
                                    .rules = {{PRODUCT_FORWARD, 0, 0, 0, ENGINE_PLAIN},
                                              {PRODUCT_WEIGHT_GRADIENT, 0, 0, 0, ENGINE_PLAIN},
                                              {PRODUCT_DELTA, 0, 0, 0, ENGINE_PLAIN}},
                                    .step = STEP_BY_OPERATION};
}

static void add_rule(TCase *tests)
{
    tcase_add_test(tests, a_grid_is_cut_into_rows_of_groups);
    tcase_add_test(tests, a_product_is_cut_into_nearly_equal_parts);
    tcase_add_test(tests, a_gpu_has_a_limit_and_a_cpu_has_none);
}

static void add_bytes(TCase *tests)
{
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, parts_compute_the_bytes_of_the_whole, 0, 2);
}

int main(void)
{
    static const struct device_case rule[] = {{"rule", device_open_opencl}};
    static const struct device_case engines[] = {
        {"clblast", device_open_clblast}, {"gpu", device_open_gpu}, {"plain", open_plain}};
    Suite *suite = suite_create("launch parts");
    suite_add_cases(suite, add_rule, rule, 1);
    suite_add_cases(suite, add_bytes, engines, sizeof engines / sizeof *engines);
    return suite_main(suite);
}
