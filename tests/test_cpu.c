/* What is the CPU backend's own: threads, its limits, its description. What both backends have to
 * do is in test_backends.c and test_batches.c. */
#include <omp.h>
#include <stdint.h>

#include "cpu/cpu.h"
#include "whole_step.h"

static const struct whole_case article = {"article", {784, 50, 10}, 2,   2400, WEFT_HEAD_SIGMOID,
                                          false,     0.0,           0.5, 1.0f, false};

/* Products may differ in the last bits, as the BLAS cuts its sums by threads; nothing else may. The
 * bits of all other primitives: test_cpu_primitives.c. */
START_TEST(threads_agree)
{
    struct whole whole;
    struct whole_result one, two, again;
    whole_create(&article, &whole);
    const size_t n = whole.network.parameter_count;
    const double tolerance = whole_tolerance(&whole);
    float *before = room(n, sizeof *before);
    double *first = room(n, sizeof *first);
    omp_set_num_threads(1);
    whole_device(&whole, before, &one);
    omp_set_num_threads(2);
    whole_device(&whole, before, &two);
    to_double(one.gradient, n, first);
    assert_close("threads", "gradient", 0, two.gradient, first, n, tolerance);
    ck_assert_double_eq_tol((double)one.metrics.loss, (double)two.metrics.loss,
                            tolerance * (double)one.metrics.loss);
    ck_assert(one.metrics.weight_abs == two.metrics.weight_abs);
    ck_assert(one.metrics.weight_squares == two.metrics.weight_squares);

    whole_device(&whole, before, &again); /* the same number of threads: the same bits */
    ck_assert_mem_eq(again.gradient, two.gradient, n * sizeof(float));
    ck_assert_mem_eq(again.parameters, two.parameters, n * sizeof(float));
    free(before);
    free(first);
    whole_result_free(&one);
    whole_result_free(&two);
    whole_result_free(&again);
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
    tcase_add_test(tests, threads_agree);
    tcase_add_test(tests, what_does_not_fit_is_refused);
    tcase_add_test(tests, the_cpu_describes_itself);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
