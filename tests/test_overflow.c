/* Tests finite samples whose numbers overflow float32 inside a model, on both devices. They are an
 * error that names the sample, and they never count as correct. */
#define _XOPEN_SOURCE 700

#include "devices.h"
#include "model_by_hand.h"
#include "network/model.h"
#include "plain_options.h"
#include "same_model.h"

enum { SAMPLES = 3 };

/* One layer, no scale. */
static struct weft_options linear(const char *task)
{
    struct weft_options options = plain_options();
    ck_ok(weft_options_set(&options, "task", task));
    ck_ok(weft_options_set(&options, "hidden", "none"));
    ck_ok(weft_options_set(&options, "scale", "none"));
    ck_ok(weft_options_set(&options, "bias", "no"));
    return options;
}

/* Samples of one feature; the labels are all 0: what is not a number would be class 0, too. */
static struct weft_dataset *samples_of(const float *x)
{
    static const int32_t labels[SAMPLES] = {0};
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_create(SAMPLES, 1, 2, x, labels, &dataset));
    return dataset;
}

/* Whatever is asked of the model, the answer is the same line. */
static void assert_refused(const struct weft_model *model, const struct weft_dataset *dataset,
                           const char *line)
{
    struct weft_dataset_info info;
    struct weft_evaluation *evaluation;
    float values[2 * SAMPLES];
    double score;
    weft_dataset_get_info(dataset, &info);
    ck_fails(weft_predict(device, model, info.x, info.samples, NULL, values), WEFT_ERROR_DATA,
             line);
    ck_fails(weft_predict_dataset(device, model, dataset, 0, info.samples, NULL, values),
             WEFT_ERROR_DATA, line);
    ck_fails(weft_evaluate(device, model, dataset, &evaluation), WEFT_ERROR_DATA, line);
    ck_assert_ptr_null(evaluation);
    ck_fails(weft_score(device, model, dataset, &score), WEFT_ERROR_DATA, line);
}

/* 3e38 times 4 is infinite; 3e38 times 0.5 is not. */
START_TEST(an_output_beyond_float32)
{
    static const float x[SAMPLES] = {0.5f, 1.0f, 4.0f}, weights[] = {-3e38f, 3e38f};
    static const char *const heads[] = {"sigmoid", "softmax", "identity"};
    struct weft_options options = linear("classify");
    struct weft_dataset *dataset = samples_of(x);
    ck_ok(weft_options_set(&options, "head", heads[_i]));
    const struct hand_layer layer = {1, 2, weights, NULL};
    struct weft_model *model = model_by_hand(&options, dataset, &layer, 1);
    assert_refused(model, dataset,
                   ": sample 2: output 0: got -inf, need a finite number: the network overflows "
                   "float32; the largest feature is number 0, 4");
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* 3e38 + 3e38 - 3e38 - 3e38: no number at all, whatever hidden units make of infinities. */
START_TEST(an_output_that_is_no_number)
{
    static const float x[SAMPLES] = {1.0f, 1.0f, 1e38f}, first[] = {10.0f, 10.0f};
    static const float second[] = {1.0f, -1.0f, 1.0f, -1.0f};
    struct weft_options options = linear("classify");
    struct weft_dataset *dataset = samples_of(x);
    ck_ok(weft_options_set(&options, "hidden", "2"));
    ck_ok(weft_options_set(&options, "activation", "relu"));
    const struct hand_layer layers[] = {{1, 2, first, NULL}, {2, 2, second, NULL}};
    struct weft_model *model = model_by_hand(&options, dataset, layers, 2);
    assert_refused(model, dataset, ": sample 2: output 0: got nan, need a finite number");
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* Errors count samples as their data set does. */
START_TEST(samples_keep_their_number)
{
    static const float x[SAMPLES] = {0.5f, 1.0f, 4.0f}, weights[] = {-3e38f, 3e38f};
    const struct weft_options options = linear("classify");
    struct weft_dataset *dataset = samples_of(x);
    float values[2 * SAMPLES];
    const struct hand_layer layer = {1, 2, weights, NULL};
    struct weft_model *model = model_by_hand(&options, dataset, &layer, 1);
    ck_ok(weft_predict_dataset(device, model, dataset, 0, 2, NULL, values));
    ck_fails(weft_predict_dataset(device, model, dataset, 1, 2, NULL, values), WEFT_ERROR_DATA,
             "data set: sample 2: output 0");
    ck_ok(weft_predict_dataset(device, model, dataset, SAMPLES, 0, NULL, values));
    ck_fails(weft_predict_dataset(device, model, dataset, 2, 2, NULL, values), WEFT_ERROR_USAGE,
             "data set: got first 2 and count 2, need at most 3 samples in all");
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* A marker for "missing" that training never saw. */
START_TEST(a_feature_that_overflows_once_standardized)
{
    static const float x[SAMPLES] = {0.0f, 0.5f, 1.0f}, marked[SAMPLES] = {0.0f, 3.4e38f, 1.0f};
    static const char line[] = "sample 1, feature 0: got 3.4e+38, which overflows float32 once";
    struct weft_options options = linear("classify");
    struct weft_dataset *dataset = samples_of(x), *other = samples_of(marked);
    struct weft_training training;
    struct weft_model *model, *same;
    options.scale = WEFT_SCALE_STANDARD;
    options.epochs = 1;
    ck_ok(weft_model_create(&options, dataset, &model));
    ck_ok(weft_model_create(&options, dataset, &same));
    ck_ok(weft_train(device, model, &options, dataset, NULL, NULL, NULL, &training));
    ck_ok(weft_train(device, same, &options, dataset, NULL, NULL, NULL, &training));
    assert_refused(model, other, line);
    ck_fails(weft_fit(device, model, &options, dataset, other, NULL, &training), WEFT_ERROR_DATA,
             "validation set of data set: sample 1, feature 0: got 3.4e+38");
    ck_fails(weft_train(device, model, &options, dataset, NULL, other, NULL, &training),
             WEFT_ERROR_DATA, "test set of data set: sample 1, feature 0: got 3.4e+38");
    assert_same(model, same);
    weft_model_destroy(same);
    weft_model_destroy(model);
    weft_dataset_destroy(other);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- means ---- */

static struct weft_model *times(const struct weft_dataset *dataset, const float *weight)
{
    const struct weft_options options = linear("regress");
    const struct hand_layer layer = {1, 1, weight, NULL};
    return model_by_hand(&options, dataset, &layer, 1);
}

/* 2e38 and 2e38 are numbers, their sum is none; or the first member is right and the second
 * overflows. */
static const struct {
    float x[SAMPLES], first, second;
    const char *line;
} overflowing_members[] = {
    {{1.0f, 1.0f, 2e19f}, 1e19f, 1e19f, ": sample 2: output 0: got inf, need a finite number"},
    {{1.0f, 1.0f, 20.0f}, 1.0f, -1e38f, ": sample 2: output 0: got -inf, need a finite number"},
};

START_TEST(members_that_overflow)
{
    static const float y[SAMPLES] = {1.0f, 2.0f, 20.0f};
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_create_targets(SAMPLES, 1, 1, overflowing_members[_i].x, y, &dataset));
    struct weft_model *model = times(dataset, &overflowing_members[_i].first);
    ck_ok(weft_model_add_member(model, times(dataset, &overflowing_members[_i].second)));
    assert_refused(model, dataset, overflowing_members[_i].line);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* The first pixel counts, which is dark in the image and not in its mirror image. */
START_TEST(a_mirror_image_that_overflows)
{
    static const float x[2 * SAMPLES] = {1.0f, 0.0f, 1.0f, 2.0f, 0.0f, 1e20f}, y[SAMPLES] = {0.0f};
    static const float weights[] = {1e19f, 0.0f};
    const struct weft_options options = linear("regress");
    const struct hand_layer layer = {2, 1, weights, NULL};
    struct weft_dataset *dataset;
    float values[SAMPLES];
    ck_ok(weft_dataset_create_targets(SAMPLES, 2, 1, x, y, &dataset));
    struct weft_model *model = model_by_hand(&options, dataset, &layer, 1);
    ck_ok(weft_predict_dataset(device, model, dataset, 0, SAMPLES, NULL, values));
    ck_ok(weft_model_predict_mirrored(model, 2, 1));
    assert_refused(model, dataset, ": sample 2: output 0: got inf, need a finite number");
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- losses ---- */

/* 1e25 is a number, half its square is none; without targets nobody asks for it. */
START_TEST(a_loss_beyond_float32)
{
    static const float x[SAMPLES] = {1.0f, -1e25f, 2.0f}, y[SAMPLES] = {0.0f}, one = 1.0f;
    struct weft_dataset *dataset;
    struct weft_evaluation *evaluation;
    float values[SAMPLES];
    ck_ok(weft_dataset_create_targets(SAMPLES, 1, 1, x, y, &dataset));
    struct weft_model *model = times(dataset, &one);
    ck_fails(weft_evaluate(device, model, dataset, &evaluation), WEFT_ERROR_DATA,
             "data set: the loss of samples 0 to 2 overflows float32: output 0 of sample 1 is "
             "-1e+25");
    ck_ok(weft_predict_dataset(device, model, dataset, 0, SAMPLES, NULL, values));
    ck_assert(values[1] == -1e25f);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- parts of a training ---- */

static size_t epochs_seen, epochs_without;

static int note_epoch(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    epochs_seen++;
    epochs_without += isnan(epoch->validation_accuracy) && !isfinite(epoch->monitored);
    return 0;
}

/* Both classes are predicted well, but for a sample of 3e38: the training runs as if it were not
 * there, says of each epoch that there is no accuracy, and ends with an error. */
static void assert_part_refused(const struct weft_options *options, bool is_test, const char *line)
{
    static const float x[] = {-1.0f, 1.0f, -2.0f, 2.0f}, other[SAMPLES] = {1.0f, -1.0f, 3e38f};
    static const int32_t labels[] = {0, 1, 0, 1};
    const struct weft_callbacks callbacks = {.epoch = note_epoch};
    struct weft_dataset *train, *part = samples_of(other);
    struct weft_training training;
    struct weft_model *model, *same;
    epochs_seen = epochs_without = 0;
    ck_ok(weft_dataset_create(4, 1, 2, x, labels, &train));
    ck_ok(weft_model_create(options, train, &model));
    ck_ok(weft_model_create(options, train, &same));
    ck_fails(weft_train(device, model, options, train, is_test ? train : part,
                        is_test ? part : NULL, &callbacks, &training),
             WEFT_ERROR_DATA, line);
    ck_assert_uint_eq(training.epochs, epochs_seen);
    ck_assert_uint_eq(training.best_epoch == 0, !is_test);
    ck_assert_uint_eq(epochs_without, is_test ? 0 : epochs_seen);
    struct weft_options plain = *options;
    plain.patience = 0;
    plain.epochs = is_test ? training.best_epoch : training.epochs;
    ck_ok(weft_train(device, same, &plain, train, NULL, NULL, NULL, &training));
    ck_assert_mem_eq(model->parameters, same->parameters,
                     model->network.value_count * sizeof *model->parameters);
    weft_model_destroy(same);
    weft_model_destroy(model);
    weft_dataset_destroy(part);
    weft_dataset_destroy(train);
}

START_TEST(a_part_that_overflows)
{
    static const enum weft_monitor monitors[] = {WEFT_MONITOR_LOSS, WEFT_MONITOR_ACCURACY,
                                                 WEFT_MONITOR_MACRO_F1};
    struct weft_options options = linear("classify");
    options.epochs = 8;
    options.learning_rate = 10.0;
    options.patience = 3;
    options.monitor = monitors[_i];
    options.head = WEFT_HEAD_SOFTMAX;
    assert_part_refused(&options, false, "validation set of data set: sample 2: output 0: got ");
    ck_assert_uint_eq(epochs_seen, 3);
    assert_part_refused(&options, true, "test set of data set: sample 2: output 0: got ");
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_loop_test(tests, an_output_beyond_float32, 0, 3);
    tcase_add_test(tests, an_output_that_is_no_number);
    tcase_add_test(tests, samples_keep_their_number);
    tcase_add_test(tests, a_feature_that_overflows_once_standardized);
    tcase_add_loop_test(tests, members_that_overflow, 0, 2);
    tcase_add_test(tests, a_mirror_image_that_overflows);
    tcase_add_test(tests, a_loss_beyond_float32);
    tcase_add_loop_test(tests, a_part_that_overflows, 0, 3);
}

int main(void)
{
    Suite *suite = suite_create("overflow");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
