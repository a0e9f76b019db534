/* Whole steps of the CPU backend with any number of threads. What both backends have to do is in
 * test_backends.c. */
#include <omp.h>

#include "whole_step.h"

static const struct whole_case article = {"article", {784, 50, 10}, 2,   2400, WEFT_HEAD_SIGMOID,
                                          false,     0.0,           0.5, 1.0F, false};

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

int main(void)
{
    Suite *suite = suite_create("cpu");
    TCase *steps = tcase_create("steps");
    tcase_add_checked_fixture(steps, device_open_cpu, device_close);
    tcase_add_test(steps, threads_agree);
    suite_add_tcase(suite, steps);
    return suite_main(suite);
}
