/* Tests that a run launches no kernel that its known-answer test has not launched before. The test
 * is narrowed to what the run needs, and everything else stays uncompiled.
 *
 * A device counts as tested while device->known_answers is not 0. */
#define _GNU_SOURCE
#include "launches.h"
#include "mistaken_kernel.h"
#include "opencl/kernel_call.h"
#include "random_training.h"

enum { TRAININGS = 20 };

static bool tested[KERNEL_COUNT];             /* launched by a known-answer test */
static bool ran[KERNEL_COUNT];                /* launched by a run */
static const char *untested;                  /* a kernel that a run launched first */
static bool tested_in_training[KERNEL_COUNT]; /* the value of `tested` after the training */
static size_t tested_for_training;            /* number of kernels */

static void launched(cl_kernel kernel)
{
    char name[64];
    ck_assert_int_eq(clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL),
                     CL_SUCCESS);
    for (enum kernel k = 0; k < KERNEL_COUNT; k++) {
        if (strcmp(name, kernel_name(k)) != 0) /* CLBlast's have other names */
            continue;
        (device->known_answers == 0 ? tested : ran)[k] = true;
        if (!tested[k])
            untested = kernel_name(k);
    }
}

static void forget(void)
{
    device->known_answers = 0;
    memset(tested, 0, sizeof tested);
    memset(ran, 0, sizeof ran);
    untested = NULL;
}

/* Trains, and then evaluates, each after its own known-answer test. */
static void recipe_run(const struct training_recipe *recipe)
{
    struct weft_options options;
    struct weft_training training;
    struct weft_evaluation *evaluation = NULL;
    struct weft_model *model = NULL;
    ck_ok(training_options(recipe, &options));
    options.gemm = device_products;
    struct weft_dataset *data = training_samples(recipe, options.task, recipe->samples, 0);
    struct weft_dataset *held = training_samples(recipe, options.task, recipe->samples, 1);
    ck_ok(weft_model_create(&options, data, &model));
    forget();
    const enum weft_status status =
        weft_train(device, model, &options, data, held, NULL, NULL, &training);
    ck_assert_msg(status == WEFT_OK || status == WEFT_ERROR_DIVERGED, "%s", weft_error());
    ck_assert_msg(untested == NULL, "seed %" PRIu64 ": the training ran %s first", recipe->seed,
                  untested);
    ck_assert_msg(ran[KERNEL_METRICS_SUM], "nothing ran");
    memcpy(tested_in_training, tested, sizeof tested);
    tested_for_training = 0;
    for (enum kernel k = 0; k < KERNEL_COUNT; k++)
        tested_for_training += tested[k];
    forget();
    if (status == WEFT_OK && weft_evaluate(device, model, data, &evaluation) == WEFT_OK)
        weft_evaluation_destroy(evaluation); /* outputs may overflow */
    ck_assert_msg(untested == NULL, "seed %" PRIu64 ": the evaluation ran %s first", recipe->seed,
                  untested);
    weft_model_destroy(model);
    weft_dataset_destroy(held);
    weft_dataset_destroy(data);
}

START_TEST(what_runs_is_tested)
{
    for (uint64_t seed = 1; seed <= TRAININGS; seed++) {
        const struct training_recipe recipe = training_draw(seed);
        recipe_run(&recipe);
    }
}
END_TEST

/* The number of kernels that a training of the preset xor tests. A kernel costs a driver up
 * to a tenth of a second. */
START_TEST(little_is_tested)
{
    const struct training_recipe recipe =
        training_read("seed=1 samples=40 image=2x1x1 outputs=2 validation=0 bytes=0 preset=xor "
                      "epochs=1 task=classify");
    recipe_run(&recipe);
    ck_assert_uint_gt(tested_for_training, 0);
    ck_assert_uint_le(tested_for_training, 12);
}
END_TEST

/* On a CPU, matrix products with at least 16 features add the bias, activate and drop by
 * themselves, and so do their gradients. */
START_TEST(what_products_do_is_not_tested)
{
    static const enum kernel done[] = {KERNEL_BIAS_ADD, KERNEL_LAYER_FORWARD, KERNEL_LAYER_BACKWARD,
                                       KERNEL_DROPOUT, KERNEL_BIAS_GRADIENT};
    const bool wide = _i == 1;
    const struct training_recipe recipe =
        wide ? training_read("seed=1 samples=40 image=16x1x1 outputs=2 validation=0 bytes=0 "
                             "preset=default epochs=1 dropout=0.3")
             : training_read("seed=1 samples=40 image=15x1x1 outputs=2 validation=0 bytes=0 "
                             "preset=default epochs=1 dropout=0.3");
    recipe_run(&recipe);
    ck_assert(ran[KERNEL_PRODUCT_BLOCKED]);
    for (size_t i = 0; i < sizeof done / sizeof *done; i++) {
        const bool of_first = done[i] != KERNEL_LAYER_BACKWARD; /* which has no delta below */
        ck_assert_msg(tested_in_training[done[i]] == (!wide && of_first), "%s",
                      kernel_name(done[i]));
    }
}
END_TEST

/* The same for tiles, which drop rows of whole quads. Everything else follows in any width. */
START_TEST(what_tiles_do_is_not_tested)
{
    static const enum kernel done[] = {KERNEL_BIAS_ADD, KERNEL_LAYER_FORWARD, KERNEL_LAYER_BACKWARD,
                                       KERNEL_BIAS_GRADIENT, KERNEL_BIAS_GRADIENT_SLICES};
    const bool whole = _i == 1;
    const struct training_recipe recipe =
        whole ? training_read("seed=1 samples=40 image=15x1x1 outputs=2 validation=0 bytes=0 "
                              "preset=default epochs=1 dropout=0.3 hidden=12")
              : training_read("seed=1 samples=40 image=15x1x1 outputs=2 validation=0 bytes=0 "
                              "preset=default epochs=1 dropout=0.3 hidden=14");
    recipe_run(&recipe);
    ck_assert(ran[KERNEL_PRODUCT_TILED]);
    for (size_t i = 0; i < sizeof done / sizeof *done; i++)
        ck_assert_msg(!tested_in_training[done[i]] || (!whole && done[i] == KERNEL_LAYER_BACKWARD),
                      "%s", kernel_name(done[i]));
    ck_assert(tested_in_training[KERNEL_DROPOUT] == !whole);
}
END_TEST

/* ---- kernels with a mistake ---- */

/* Trains on two samples with an update of the wrong sign. */
static enum weft_status train_with_wrong_update(enum weft_gemm products, bool *changed)
{
    const float x[] = {0.0f, 1.0f, 2.0f, 3.0f};
    const int32_t labels[] = {0, 1};
    struct weft_options options;
    struct weft_dataset *data;
    struct weft_model *model;
    struct weft_training training;
    float before[2 * 128];
    mistake_install(&(struct mistake){"update.cl", "w[i] -= learning_rate * (clip",
                                      "w[i] += learning_rate * (clip", ""});
    device_open_opencl();
    options = plain_options();
    options.gemm = products;
    ck_ok(weft_dataset_create(2, 2, 2, x, labels, &data));
    ck_ok(weft_model_create(&options, data, &model));
    memcpy(before, weft_model_weights(model, 0), sizeof before);
    const enum weft_status status =
        weft_train(device, model, &options, data, NULL, NULL, NULL, &training);
    *changed = memcmp(before, weft_model_weights(model, 0), sizeof before) != 0;
    weft_model_destroy(model);
    weft_dataset_destroy(data);
    device_close();
    return status;
}

START_TEST(a_wrong_device_trains_nothing)
{
    bool changed = true;
    ck_fails(train_with_wrong_update(WEFT_GEMM_CLBLAST, &changed), WEFT_ERROR_WRONG_RESULT,
             "parameters_update");
    ck_assert(!changed);
}
END_TEST

/* A fused step updates the parameters by itself. The kernel of the optimizer is never compiled. */
START_TEST(a_wrong_kernel_that_never_runs_is_not_tested)
{
    bool changed = false;
    ck_ok(train_with_wrong_update(WEFT_GEMM_OWN, &changed));
    ck_assert(changed);
}
END_TEST

static faulty_run *inner_run;
static size_t gradients; /* products for the gradients of weights */
static size_t norms;     /* operations that the network does not have */

static enum weft_status run_and_count(struct weft_device *counted,
                                      const struct primitive_call *call)
{
    gradients += call->primitive == PRIMITIVE_PRODUCT && call->form == PRODUCT_WEIGHT_GRADIENT;
    norms += call->primitive == PRIMITIVE_NORM_FORWARD;
    return inner_run(counted, call);
}

/* A fused step needs no products for gradients. The steps by operation that replace a wrong one do.
 * They need nothing that the network does not have. */
START_TEST(what_a_repair_brings_in_is_tested)
{
    static const struct mistake wrong_step = {
        "step_head.cl", "lanes_put(select((lanes)0.0f, lanes_at(c, y), present), c, y)", ";",
        "step"};
    static const size_t widths[] = {20, 10, 3};
    struct network network;
    mistaken_device_open(&wrong_step, device_open_fused);
    inner_run = device->backend->primitive_run;
    device_spoil(run_and_count);
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    struct check_plan plan = {
        .network = &network, .batches = {32, 5}, .block = 64, .products = WEFT_GEMM_OWN};
    check_plan_narrow(device, &plan);
    ck_assert_uint_eq(plan.product_layers, 0);
    ck_ok(known_answer_test(device, &plan, NULL));
    ck_assert_ptr_nonnull(strstr(device->info.note, "fused step computed wrong"));
    ck_assert_uint_gt(gradients, 0);
    ck_assert_uint_eq(norms, 0);
    mistaken_device_close();
    network_reset(&network);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_runs_is_tested);
}

int main(void)
{
    static const struct device_case engines[] = {{"opencl", device_open_opencl},
                                                 {"clblast", device_open_clblast},
                                                 {"operations", device_open_operations},
                                                 {"middle", device_open_gpu},
                                                 {"tiled", device_open_tiles}};
    Suite *suite = suite_create("narrow_plan");
    suite_add_cases(suite, add_tests, engines, sizeof engines / sizeof *engines);
    TCase *counts = tcase_create("counts");
    tcase_add_checked_fixture(counts, device_open_opencl, device_close);
    tcase_add_test(counts, little_is_tested);
    suite_add_tcase(suite, counts);
    TCase *operations = tcase_create("operations");
    tcase_add_checked_fixture(operations, device_open_operations, device_close);
    tcase_add_loop_test(operations, what_products_do_is_not_tested, 0, 2);
    suite_add_tcase(suite, operations);
    TCase *tiles = tcase_create("tiles");
    tcase_add_checked_fixture(tiles, device_open_tiles, device_close);
    tcase_add_loop_test(tiles, what_tiles_do_is_not_tested, 0, 2);
    suite_add_tcase(suite, tiles);
    TCase *broken = tcase_create("broken kernels");
    tcase_add_checked_fixture(broken, temporary_create, temporary_remove);
    tcase_add_test(broken, a_wrong_device_trains_nothing);
    tcase_add_test(broken, a_wrong_kernel_that_never_runs_is_not_tested);
    tcase_add_test(broken, what_a_repair_brings_in_is_tested);
    suite_add_tcase(suite, broken);
    return suite_main(suite);
}
