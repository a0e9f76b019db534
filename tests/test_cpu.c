/* Tests what only the CPU backend has: threads, its limits, its description. test_backends.c and
 * test_batches.c test what both backends must do. */
#include <omp.h>
#include <stdint.h>

#include "cpu/cpu.h"
#include "whole_step.h"

static const struct whole_case article = {"article", {784, 50, 10}, 2,   2400, WEFT_HEAD_SIGMOID,
                                          false,     0.0,           0.5, 1.0f, false};

/* The bits of a step do not depend on the number of threads: with tiles of our own, and where the
 * BLAS has all products, because the batch has fewer rows than those want. The bits of single
 * primitives: test_cpu_primitives.c. */
static const struct whole_case few_rows = {
    "few rows", {784, 600, 10}, 2, 100, WEFT_HEAD_SOFTMAX, true, 0.0, 0.0, 1.0f, false};

START_TEST(threads_agree)
{
    struct whole whole;
    struct whole_result one, two;
    whole_create(_i == 0 ? &article : &few_rows, &whole);
    const size_t n = whole.network.parameter_count;
    float *before = memory_of(n, sizeof *before);
    omp_set_num_threads(1);
    whole_device(&whole, before, &one);
    omp_set_num_threads(2);
    whole_device(&whole, before, &two);
    ck_assert_mem_eq(one.gradient, two.gradient, n * sizeof(float));
    ck_assert_mem_eq(one.parameters, two.parameters, n * sizeof(float));
    ck_assert_mem_eq(&one.metrics, &two.metrics, sizeof one.metrics);
    free(before);
    whole_result_free(&one);
    whole_result_free(&two);
    whole_destroy(&whole);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    static const size_t widths[] = {13, 9, 4};
    static const float x[13];
    struct network network;
    struct workspace *workspace;
    struct device_data *data;
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    struct workspace_plan plan = {
        .network = &network, .batch = (size_t)1 << 31, .slots = 1, .training = true};
    ck_fails(backend->workspace_create(device, &plan, &workspace), WEFT_ERROR_USAGE,
             "samples in a batch: 2147483648");
    plan.batch = 8;
    plan.slots = SIZE_MAX / 8; /* the last of the arrays: all before it must be freed */
    ck_fails(backend->workspace_create(device, &plan, &workspace), WEFT_ERROR_MEMORY, "memory");
    ck_assert_ptr_null(workspace);
    const struct data_source source = {.samples = SIZE_MAX / 4, .features = 13, .x = x};
    ck_fails(backend->data_create(device, &source, &data), WEFT_ERROR_MEMORY, "memory");
    ck_assert_ptr_null(data);
    backend->workspace_destroy(NULL);
    backend->data_destroy(NULL);
    network_reset(&network);
}
END_TEST

START_TEST(the_cpu_describes_itself)
{
    ck_assert(!device->info.opencl);
    ck_assert_str_eq(device->info.type, "cpu");
    ck_assert_uint_ge(device->info.compute_units, 1);
    ck_assert_msg(strncmp(device->info.name, "CPU (", 5) == 0, "%s", device->info.name);
    ck_assert_uint_gt(strlen(cpu_blas_name()), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu");
    TCase *tests = tcase_create("cpu");
    tcase_add_checked_fixture(tests, device_open_cpu, device_close);
    tcase_add_loop_test(tests, threads_agree, 0, 2);
    tcase_add_test(tests, what_does_not_fit_is_refused);
    tcase_add_test(tests, the_cpu_describes_itself);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
