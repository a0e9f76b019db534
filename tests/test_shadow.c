/* Tests shadow training. If a device computes wrong from some batch on, training stops there and
 * the wrong step is written to a bundle. Numbers that are not finite are traced to their origin.
 *
 * The device under test is a real one whose table of operations has a fault. An operation is left
 * out, or gets another number than requested.
 */
#define _XOPEN_SOURCE 700

#include "diverging_training.h"
#include "small_training.h"
#include "weft_device.h"

/* ---- devices with a fault ---- */

static struct backend faulty;
static size_t gathered, from; /* batches since `gathered` was 0; the fault begins with `from` */

static bool wrong_now(void)
{
    return gathered > from;
}

static enum weft_status counted_gather(struct workspace *space, const struct device_data *samples,
                                       size_t first, size_t count, const struct batch_draw *draw)
{
    gathered++;
    return backend->batch_gather(space, samples, first, count, draw);
}

static enum weft_status gather_of_others(struct workspace *space, const struct device_data *samples,
                                         size_t first, size_t count, const struct batch_draw *draw)
{
    gathered++;
    return backend->batch_gather(space, samples, wrong_now() ? (first > 0 ? first - 1 : 1) : first,
                                 count, draw);
}

static enum weft_status forward_left_out(struct workspace *space, size_t layer)
{
    return wrong_now() && layer == 0 ? WEFT_OK : backend->dense_forward(space, layer);
}

static enum weft_status backward_left_out(struct workspace *space, size_t layer)
{
    return wrong_now() && layer == 1 ? WEFT_OK : backend->dense_backward(space, layer);
}

static enum weft_status delta_too_large(struct workspace *space, const struct loss_rule *rule,
                                        size_t slot)
{
    struct loss_rule other = *rule;
    other.delta_factor *= wrong_now() ? 1.001f : 1.0f;
    return backend->output_delta(space, &other, slot);
}

static enum weft_status penalty_left_out(struct workspace *space, size_t slot)
{
    return wrong_now() ? WEFT_OK : backend->penalty_terms(space, slot);
}

static enum weft_status penalty_too_large(struct workspace *space, const struct update_rule *rule)
{
    struct update_rule other = *rule;
    other.l2 *= wrong_now() ? 1.1f : 1.0f;
    return backend->update(space, &other);
}

static enum weft_status step_too_large(struct workspace *space, const struct update_rule *rule)
{
    struct update_rule other = *rule;
    other.learning_rate *= wrong_now() ? 1.001f : 1.0f;
    return backend->update(space, &other);
}

/* Every operation of a step, and the words that name its fault. */
enum { FAULTS = 7 };
static const char *const named[FAULTS] = {"gather 32x9: x",
                                          "dense_forward layer 0: 32x6: a",
                                          "output_delta layer 1: 32x3: dz",
                                          "weight_gradient layer 1: 3x6: dw",
                                          "penalty_terms 72 weights: sums",
                                          "weight_gradient layer 1: 3x6: dw",
                                          "update 81 parameters: parameters"};

static void device_get_fault(int fault)
{
    faulty = *backend;
    faulty.batch_gather = fault == 0 ? gather_of_others : counted_gather;
    if (fault == 1)
        faulty.dense_forward = forward_left_out;
    else if (fault == 2)
        faulty.output_delta = delta_too_large;
    else if (fault == 3)
        faulty.dense_backward = backward_left_out;
    else if (fault == 4)
        faulty.penalty_terms = penalty_left_out;
    else if (fault == 5)
        faulty.update = penalty_too_large;
    else if (fault == 6)
        faulty.update = step_too_large;
    device->backend = &faulty;
}

/* ---- trainings ---- */

enum { BATCHES = (SAMPLES + BATCH - 1) / BATCH, NEVER = 1000000 };

static struct weft_options watched(size_t every)
{
    struct weft_options options = small("default");
    options.l2 = 0.5;
    options.gemm = WEFT_GEMM_CLBLAST; /* each operation runs where it is called */
    options.check_every = every;
    options.check_bundle = temporary_path("bundle");
    return options;
}

/* Trains with the fault from batch `batch` (from 0, of all epochs) on; by then the device has
 * passed its known-answer test for this network. */
static enum weft_status train(const struct weft_options *options, size_t batch)
{
    struct weft_options first = *options;
    struct weft_training training;
    struct weft_model *model = model_new(&first);
    first.epochs = 1;
    first.check_every = 0;
    from = NEVER;
    ck_ok(weft_train(device, model, &first, data, NULL, NULL, NULL, &training));
    weft_model_destroy(model);
    gathered = 0;
    from = batch;
    model = model_new(options);
    const enum weft_status status =
        weft_train(device, model, options, data, NULL, NULL, NULL, &training);
    weft_model_destroy(model);
    return status;
}

static enum weft_status replay(struct weft_check *check)
{
    return weft_check_replay(device, temporary_path("bundle"), NULL, NULL, check);
}

static void assert_says(const char *words)
{
    ck_assert_msg(strstr(weft_error(), words) != NULL, "\"%s\" is not in \"%s\"", words,
                  weft_error());
}

/* Found in the batch where it begins, the fourth of the second epoch; the bundle repeats it, and an
 * honest device has nothing to do with it. */
START_TEST(a_fault_is_found_where_it_begins)
{
    const struct weft_options options = watched(1);
    struct weft_check check;
    device_get_fault(_i);
    ck_fails(train(&options, BATCHES + 3), WEFT_ERROR_WRONG_RESULT, "epoch 2, batch 4: ");
    assert_says(named[_i]);
    assert_says("element ");
    assert_says("weft check --replay");
    assert_says(options.check_bundle);
    assert_says(device->info.name);
    if (_i != 0) { /* which lies in what the device is asked for, not in the step */
        gathered = from = 0;
        ck_fails(replay(&check), WEFT_ERROR_WRONG_RESULT, named[_i]);
        ck_assert_uint_gt(check.failed, 0);
    }
    device->backend = backend;
    ck_ok(replay(&check));
    ck_assert_uint_eq(check.failed, 0);
    ck_assert_uint_eq(check.results, 6 + 4 * 2 - 1);
}
END_TEST

/* Of the 21 batches of all epochs the first is looked at, and every sixth from there; no other. */
START_TEST(every_so_many_batches_are_checked)
{
    const struct weft_options options = watched(6), rare = watched(1000);
    device_get_fault(6);
    ck_fails(train(&options, 1), WEFT_ERROR_WRONG_RESULT, "epoch 1, batch 7: update");
    ck_fails(train(&options, 6), WEFT_ERROR_WRONG_RESULT, "epoch 1, batch 7: update");
    ck_fails(train(&options, 7), WEFT_ERROR_WRONG_RESULT, "epoch 2, batch 6: update");
    ck_ok(train(&options, 19));
    ck_fails(train(&rare, 0), WEFT_ERROR_WRONG_RESULT, "epoch 1, batch 1: update");
    ck_ok(train(&rare, 1));
}
END_TEST

START_TEST(a_bundle_that_cannot_be_written_is_told)
{
    struct weft_options options = watched(1);
    options.check_bundle = temporary_path("no-such-folder/bundle");
    device_get_fault(6);
    ck_fails(train(&options, 0), WEFT_ERROR_WRONG_RESULT, "update 81 parameters");
    assert_says("no bundle: ");
    assert_says("no-such-folder");
    options.check_bundle = NULL;
    ck_fails(train(&options, 0), WEFT_ERROR_WRONG_RESULT, "update 81 parameters");
    ck_assert_ptr_null(strstr(weft_error(), "bundle"));
}
END_TEST

static const struct {
    const char *preset;
    enum weft_head head;
    bool shuffle, bias, hidden;
    size_t batch;
} honest[] = {{"default", WEFT_HEAD_SOFTMAX, true, true, true, 32},
              {"default", WEFT_HEAD_IDENTITY, false, true, true, 203},
              {"default", WEFT_HEAD_SIGMOID, true, false, true, 1},
              {"default", WEFT_HEAD_SOFTMAX, true, true, false, 64},
              {"article", WEFT_HEAD_SIGMOID, false, false, true, 50}};

/* What each epoch reports; small() has so many. */
static struct weft_epoch reported[2][3];

static int report_keep(void *user, const struct weft_epoch *epoch)
{
    struct weft_epoch *of = user;
    of[epoch->epoch - 1] = *epoch;
    return 0;
}

/* An honest device trains to the same bits with a shadow as without, and reports the same. */
START_TEST(a_shadow_changes_nothing)
{
    struct weft_training training;
    struct weft_model *models[2];
    for (size_t every = 0; every <= 1; every++) {
        struct weft_options options = small(honest[_i].preset);
        options.head = honest[_i].head;
        options.shuffle = honest[_i].shuffle;
        options.bias = honest[_i].bias;
        options.hidden_count = honest[_i].hidden;
        options.batch_size = honest[_i].batch;
        options.check_every = every;
        const struct weft_callbacks callbacks = {.user = reported[every], .epoch = report_keep};
        models[every] = trained(&options, &callbacks, &training);
    }
    for (size_t epoch = 0; epoch < 3; epoch++) {
        ck_assert(reported[0][epoch].error == reported[1][epoch].error);
        ck_assert(reported[0][epoch].train_accuracy == reported[1][epoch].train_accuracy);
    }
    struct weft_model_info info;
    weft_model_get_info(models[0], &info);
    for (size_t l = 0; l < info.layers; l++)
        ck_assert_mem_eq(weft_model_weights(models[0], l), weft_model_weights(models[1], l),
                         info.widths[l] * info.widths[l + 1] * sizeof(float));
    weft_model_destroy(models[0]);
    weft_model_destroy(models[1]);
}
END_TEST

/* ---- what is not finite any more ---- */

/* However a training ends, an honest device is not accused. */
START_TEST(an_honest_device_may_diverge)
{
    static const double rates[] = {30.0, 1e4, 1e10, 1e19, 1e30, 3e38};
    size_t diverged = 0;
    for (int i = 0; i < 6 * 3; i++) {
        struct weft_options options = small("default");
        struct weft_training training;
        options.head = (enum weft_head)(i % 3);
        options.learning_rate = rates[i / 3];
        options.l2 = i % 2 == 0 ? 0.0 : 0.1;
        options.check_every = 1 + (size_t)i % 4;
        struct weft_model *model = model_new(&options);
        const enum weft_status status =
            weft_train(device, model, &options, data, NULL, NULL, NULL, &training);
        ck_assert_msg(status == WEFT_OK || status == WEFT_ERROR_DIVERGED, "status %d: %s",
                      (int)status, weft_error());
        diverged += status == WEFT_ERROR_DIVERGED;
        weft_model_destroy(model);
    }
    ck_assert_uint_gt(diverged, 6);
}
END_TEST

/* The shadow names the first number that is not finite. test_divergence.c works them out. */
START_TEST(the_first_number_that_is_not_finite)
{
    static const struct {
        float weights[2];
        double learning_rate;
        const char *what;
    } cases[] = {
        {{-2e18f, 1e18f}, 1e-20, "epoch 1, batch 3: output_delta loss"},
        {{1.0f, 0.0f}, 1e38, "epoch 1, batch 3: update layer 0: weights, element 0"},
        {{3e38f, 3e38f}, 1e-20, "epoch 1, batch 3: dense_forward layer 0: a, element 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_training_diverges(device, cases[i].weights, cases[i].learning_rate, WEFT_SCALE_NONE,
                                 1000, cases[i].what);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, a_fault_is_found_where_it_begins, 0, FAULTS);
    tcase_add_test(tests, every_so_many_batches_are_checked);
    tcase_add_test(tests, a_bundle_that_cannot_be_written_is_told);
    tcase_add_loop_test(tests, a_shadow_changes_nothing, 0, sizeof honest / sizeof *honest);
    tcase_add_test(tests, an_honest_device_may_diverge);
    tcase_add_test(tests, the_first_number_that_is_not_finite);
}

int main(void)
{
    Suite *suite = suite_create("shadow");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
