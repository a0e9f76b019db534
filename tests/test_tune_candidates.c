/* Tests which candidates a tuning has. No candidate may run the same kernels as another one, or
 * kernels that training would not run. Nothing is timed; test_tune.c tests the trials. */
#include "api/device_record.h"
#include "base/memory.h"
#include "opencl/opencl_device.h"
#include "suite.h"
#include "tune/trial.h"
#include "weft_device.h"

static struct network small;
static struct weft_tune_plan plan;
static struct tune_job job;

static void small_set_up(void)
{
    static const size_t widths[] = {20, 18, 3};
    ck_ok(network_init(&small, widths, 2, WEFT_HEAD_SOFTMAX, true));
    plan = (struct weft_tune_plan){.device = "opencl"};
    job = (struct tune_job){.plan = &plan,
                            .batch = 32,
                            .block = 1024,
                            .device_create = device_create_as_shipped,
                            .device_destroy = weft_device_destroy};
}

static void small_tear_down(void)
{
    network_reset(&small);
}

static enum weft_status open_as_gpu(const char *spec, weft_log_function *log, void *user,
                                    struct weft_device **opened)
{
    TRY(device_create_as_shipped(spec, log, user, opened));
    opencl_from(*opened)->type = CL_DEVICE_TYPE_GPU;
    return WEFT_OK;
}

/* Candidates of the step; `survey` is filled. */
static size_t step_candidates_of(const struct network *network, struct tune_survey *survey)
{
    const struct trial_watch watch = {.limit_seconds = 60.0};
    struct tune_candidate *candidates;
    enum process_end end;
    size_t count = 0, steps = 0;
    job.network = network;
    ck_ok(trial_survey(&job, &watch, survey, &end));
    ck_assert_int_eq(end, PROCESS_DONE);
    ck_ok(tune_candidates_create(&job, survey, &candidates, &count));
    for (size_t i = 0; i < count; i++)
        steps += candidates[i].product.m == 0;
    memory_free(candidates);
    return steps;
}

/* Two candidates of the step run different kernels: where one would run in the other's place, there
 * is nothing to compare. */
START_TEST(a_step_that_runs_one_way_only)
{
    static struct tune_survey survey;
    static const size_t few[] = {256, 512}, many[] = {256, 513}, widths[] = {20, 18, 3};
    static const enum weft_activation activations[] = {WEFT_ACTIVATION_RELU};
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = 2,
                                        .head = WEFT_HEAD_SOFTMAX,
                                        .activations = activations,
                                        .batch_norm = true};
    struct network limit, larger, norm;
    ck_ok(network_init(&limit, few, 1, WEFT_HEAD_SOFTMAX, false)); /* 2^17 weights */
    ck_ok(network_init(&larger, many, 1, WEFT_HEAD_SOFTMAX, false));
    ck_ok(network_init_shape(&norm, &shape));
    ck_assert_uint_eq(step_candidates_of(&small, &survey), 2);
    ck_assert_uint_eq(step_candidates_of(&limit, &survey), 2);
    ck_assert_uint_eq(step_candidates_of(&larger, &survey), 0);
    ck_assert_uint_eq(step_candidates_of(&norm, &survey), 0);
    job.dense = true;
    ck_assert_uint_eq(step_candidates_of(&small, &survey), 2);
    network_reset(&norm);
    network_reset(&limit);
    network_reset(&larger);
}
END_TEST

/* Where one kernel runs all layers above the first, their products in training are none: 7 - 3. The
 * targets may be dense. */
START_TEST(products_that_no_step_runs)
{
    static struct tune_survey survey;
    job.device_create = open_as_gpu;
    job.dense = _i == 1;
    ck_assert_uint_eq(step_candidates_of(&small, &survey), 0);
    ck_assert_uint_eq(survey.product_count, 4);
    for (size_t i = 0; i < survey.product_count; i++)
        ck_assert(survey.products[i].m == 1024 ||
                  survey.products[i].n * survey.products[i].k == 360 ||
                  survey.products[i].m * survey.products[i].n == 360);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tune_candidates");
    TCase *tests = tcase_create("candidates");
    tcase_add_checked_fixture(tests, small_set_up, small_tear_down);
    tcase_add_test(tests, a_step_that_runs_one_way_only);
    tcase_add_loop_test(tests, products_that_no_step_runs, 0, 2);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
