/* Tests weft_train on both devices: what is reproducible, how it stops, what it reports and how it
 * fails. test_recipe.c tests what it computes. */
#define _XOPEN_SOURCE 700

#include "base/file.h"
#include "network/model.h"
#include "small_training.h"
#include "temporary.h"

/* All weights and biases are the same bits. */
static bool same_parameters(const struct weft_model *a, const struct weft_model *b)
{
    struct weft_model_info info;
    bool same = true;
    weft_model_get_info(a, &info);
    for (size_t l = 0; l < info.layers; l++) {
        const size_t outputs = info.widths[l + 1], weights = info.widths[l] * outputs;
        same = same && memcmp(weft_model_weights(a, l), weft_model_weights(b, l),
                              weights * sizeof(float)) == 0;
        if (info.bias)
            same = same && memcmp(weft_model_biases(a, l), weft_model_biases(b, l),
                                  outputs * sizeof(float)) == 0;
    }
    return same;
}

static void assert_finite(const struct weft_model *model)
{
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    for (size_t l = 0; l < info.layers; l++)
        for (size_t i = 0; i < info.widths[l] * info.widths[l + 1]; i++)
            ck_assert(isfinite(weft_model_weights(model, l)[i]));
}

/* With shuffling, both penalties and three epochs. */
START_TEST(learning_rate_0_changes_nothing)
{
    struct weft_options options = small("default");
    struct weft_training training;
    options.learning_rate = 0.0;
    options.l1 = 0.01;
    options.l2 = 0.5;
    struct weft_model *fresh = model_new(&options), *model = trained(&options, NULL, &training);
    ck_assert(same_parameters(fresh, model));
    weft_model_destroy(fresh);
    weft_model_destroy(model);
}
END_TEST

/* ---- what it repeats ---- */

/* Trains and writes a model; its bytes in `bytes`, their number returned. */
static size_t written(const struct weft_options *options, const char *name, char *bytes,
                      size_t capacity)
{
    struct weft_training training;
    struct weft_model *model = trained(options, NULL, &training);
    ck_ok(weft_model_write(model, temporary_path(name)));
    weft_model_destroy(model);
    FILE *file = fopen(temporary_path(name), "rb");
    ck_assert_ptr_nonnull(file);
    const size_t size = fread(bytes, 1, capacity, file);
    ck_assert_uint_lt(size, capacity);
    ck_assert_int_eq(fclose(file), 0);
    return size;
}

START_TEST(same_seed_same_bytes)
{
    static const char *const presets[] = {"default", "article"};
    static char first[1 << 16], second[1 << 16];
    struct weft_options options = small(presets[_i]);
    const size_t size = written(&options, "first", first, sizeof first);
    ck_assert_uint_eq(written(&options, "second", second, sizeof second), size);
    ck_assert_mem_eq(first, second, size);

    options.seed++;
    struct weft_training training;
    struct weft_model *other = trained(&options, NULL, &training);
    options.seed--;
    struct weft_model *again = trained(&options, NULL, &training);
    ck_assert(!same_parameters(other, again));
    weft_model_destroy(other);
    weft_model_destroy(again);
}
END_TEST

/* ---- how it stops ---- */

/* Stops in epoch `epoch` after batch `batch`, or at its end where that is 0. */
struct stop {
    size_t epoch, batch;
    size_t seen; /* batches told of */
};

static int stop_at_batch(void *user, const struct weft_progress *progress)
{
    struct stop *stop = user;
    const size_t batches = (SAMPLES + BATCH - 1) / BATCH;
    ck_assert_uint_eq(progress->epoch, stop->seen / batches + 1);
    ck_assert_uint_eq(progress->batch, stop->seen % batches + 1);
    ck_assert_uint_eq(progress->batches, batches);
    ck_assert_uint_eq(progress->epochs, 3);
    ck_assert_uint_eq(progress->samples, SAMPLES);
    stop->seen++;
    return progress->epoch == stop->epoch && progress->batch == stop->batch;
}

static int stop_at_epoch(void *user, const struct weft_epoch *epoch)
{
    const struct stop *stop = user;
    return epoch->epoch == stop->epoch && stop->batch == 0;
}

START_TEST(stops_when_asked)
{
    struct weft_options options = small("default");
    struct stop stop = {.epoch = 2};
    const struct weft_callbacks callbacks = {
        .user = &stop, .progress = stop_at_batch, .epoch = stop_at_epoch};
    struct weft_training training;
    struct weft_model_info info;
    struct weft_model *two = trained(&options, &callbacks, &training);
    weft_model_get_info(two, &info);
    ck_assert(training.stopped);
    ck_assert_uint_eq(training.epochs, 2);
    ck_assert_uint_eq(info.epochs, 2);

    options.epochs = 2; /* what was trained until then is kept */
    struct weft_model *whole = trained(&options, NULL, &training);
    ck_assert(!training.stopped && same_parameters(two, whole));

    options.epochs = 3;
    stop = (struct stop){.epoch = 2, .batch = 3};
    struct weft_model *between = trained(&options, &callbacks, &training);
    ck_assert(training.stopped && !same_parameters(two, between));
    ck_assert_uint_eq(training.epochs, 1);
    ck_assert_uint_eq(stop.seen, 7 + 3);
    weft_model_destroy(two);
    weft_model_destroy(whole);
    weft_model_destroy(between);
}
END_TEST

/* Where no epoch was whole there is no time of one. */
START_TEST(a_stop_in_the_first_epoch)
{
    struct weft_options options = small("default");
    struct stop stop = {.epoch = 1, .batch = 2};
    const struct weft_callbacks callbacks = {
        .user = &stop, .progress = stop_at_batch, .epoch = stop_at_epoch};
    struct weft_training training;
    weft_model_destroy(trained(&options, &callbacks, &training));
    ck_assert(training.stopped);
    ck_assert_uint_eq(training.epochs, 0);
    ck_assert_uint_eq(stop.seen, 2);
    ck_assert(isnan(training.min_epoch_seconds));
    ck_assert(isnan(training.median_epoch_seconds));
    ck_assert(isnan(training.max_epoch_seconds));
}
END_TEST

/* ---- what it reports ---- */

static double last_validation;

static int keep_validation(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    last_validation = epoch->validation_accuracy;
    return 0;
}

/* A score is what weft_evaluate finds, its error the mean loss where there is no penalty. */
static void assert_score(const struct weft_model *model, const struct weft_score *score,
                         const struct weft_dataset *part)
{
    struct weft_evaluation *evaluation;
    ck_ok(weft_evaluate(device, model, part, &evaluation));
    ck_assert_uint_eq(score->samples, evaluation->samples);
    ck_assert_double_eq(score->accuracy, evaluation->accuracy);
    ck_assert_double_eq_tol(score->error, evaluation->loss, 1e-12);
    weft_evaluation_destroy(evaluation);
}

START_TEST(parts_are_scored)
{
    struct weft_options options = small("default");
    struct weft_dataset *rest, *holdout;
    struct weft_training training;
    options.epochs = 20;
    ck_ok(weft_dataset_holdout(data, 0.25, options.seed, &rest, &holdout));
    struct weft_model *model = model_new(&options);
    const struct weft_callbacks callbacks = {.epoch = keep_validation};
    ck_ok(weft_train(device, model, &options, rest, holdout, data, &callbacks, &training));
    ck_assert_uint_eq(training.validation.samples, 51); /* round(203 / 4) */
    assert_score(model, &training.train, rest);
    assert_score(model, &training.validation, holdout);
    assert_score(model, &training.test, data);
    ck_assert_double_eq(last_validation, training.validation.accuracy);
    ck_assert_msg(training.validation.accuracy > 0.7, "%g", training.validation.accuracy);
    ck_assert(training.check_seconds > 0.0);
    ck_assert(training.min_epoch_seconds > 0.0);
    ck_assert(training.min_epoch_seconds <= training.median_epoch_seconds);
    ck_assert(training.median_epoch_seconds <= training.max_epoch_seconds);

    ck_ok(weft_train(device, model, &options, rest, NULL, NULL, &callbacks, &training));
    ck_assert(training.validation.samples == 0 && isnan(training.validation.accuracy));
    ck_assert(training.test.samples == 0 && isnan(training.test.error));
    ck_assert(isnan(last_validation));
    weft_model_destroy(model);
    weft_dataset_destroy(rest);
    weft_dataset_destroy(holdout);
}
END_TEST

/* A model, also one from a file, tells the options of its training: those that it used. */
START_TEST(the_options_of_a_training_come_back)
{
    static const char *const used[][2] = {
        {"optimizer", "nesterov"}, {"momentum", "0.75"}, {"schedule", "step"},
        {"rate-every", "2"},       {"batch-size", "7"},  {"class-weight", "1,2,0.5"},
        {"dropout", "0.25"},       {"ema", "0.5"},       {"learning-rate", "0.125"}};
    struct weft_options options = small("default"), back;
    struct weft_training training;
    char text[WEFT_OPTION_TEXT_SIZE];
    for (size_t i = 0; i < sizeof used / sizeof *used; i++)
        ck_ok(weft_options_set(&options, used[i][0], used[i][1]));
    options.beta1 = 0.5; /* of no use to nesterov */
    struct weft_model *model = trained(&options, NULL, &training), *read;
    const char *path = temporary_path("recorded");
    ck_ok(weft_model_write(model, path));
    ck_ok(weft_model_read(path, &read));
    const struct weft_model *const models[] = {model, read};
    for (size_t m = 0; m < 2; m++) {
        ck_ok(weft_options_init(&back, "xor"));
        ck_ok(weft_model_get_options(models[m], &back));
        ck_assert_str_eq(back.preset, "default");
        for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
            ck_ok(weft_options_get(&back, used[i][0], text, sizeof text));
            ck_assert_str_eq(text, used[i][1]);
            ck_assert(!weft_options_given(&back, used[i][0]));
        }
        ck_assert(back.beta1 == 0.9 && back.size == sizeof back);
        ck_ok(weft_options_check(&back));
    }
    memcpy(read->preset, "mine", sizeof "mine");
    ck_ok(weft_model_get_options(read, &back));
    ck_assert_str_eq(back.preset, "default");
    weft_model_destroy(read);
    weft_model_destroy(model);
}
END_TEST

/* What the model file says of its training. */
START_TEST(the_training_is_recorded)
{
    struct weft_options options = small("default");
    struct weft_training training;
    options.l1 = 0.0001;
    options.l2 = 0.03;
    options.learning_rate = 0.25;
    options.epochs = 4;
    struct weft_dataset *rest, *holdout;
    ck_ok(weft_dataset_holdout(data, 0.25, options.seed, &rest, &holdout));
    struct weft_model *model = model_new(&options);
    ck_ok(weft_train(device, model, &options, rest, holdout, data, NULL, &training));
    const struct training_record *record = &model->record;
    ck_assert_uint_eq(record->epochs, 4);
    ck_assert(record->options.l1 == 0.0001 && record->options.l2 == 0.03 &&
              record->options.learning_rate == 0.25);
    ck_assert_double_eq(record->train_accuracy, training.train.accuracy);
    ck_assert_double_eq(record->validation_accuracy, training.validation.accuracy);
    ck_assert_double_eq(record->test_accuracy, training.test.accuracy);
    ck_assert(record->train_accuracy > 0.0);
    weft_model_destroy(model);
    weft_dataset_destroy(rest);
    weft_dataset_destroy(holdout);
}
END_TEST

/* more than the trainer makes room for at once */
enum { MANY_EPOCHS = 66 };

static const size_t epoch_counts[] = {1, 2, 3, 4, 5, MANY_EPOCHS};
enum { EPOCH_COUNTS = sizeof epoch_counts / sizeof *epoch_counts };

static double epoch_seconds[MANY_EPOCHS];

static int keep_seconds(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    epoch_seconds[epoch->epoch - 1] = epoch->seconds;
    return 0;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Least, middle and most of the times that the epochs told, which together are no more than passed.
 */
START_TEST(times_are_those_of_the_epochs)
{
    struct weft_options options = small("default");
    struct weft_training training;
    double sum = 0.0;
    const size_t n = epoch_counts[_i];
    options.epochs = n;
    const struct weft_callbacks callbacks = {.epoch = keep_seconds};
    const double start = clock_seconds();
    struct weft_model *model = trained(&options, &callbacks, &training);
    const double passed = clock_seconds() - start;
    weft_model_destroy(model);
    qsort(epoch_seconds, n, sizeof *epoch_seconds, compare);
    for (size_t i = 0; i < n; i++)
        sum += epoch_seconds[i];
    ck_assert(epoch_seconds[0] > 0.0 && sum < passed);
    ck_assert_double_eq(training.min_epoch_seconds, epoch_seconds[0]);
    ck_assert_double_eq(training.max_epoch_seconds, epoch_seconds[n - 1]);
    ck_assert_double_eq(training.median_epoch_seconds,
                        n % 2 == 1 ? epoch_seconds[n / 2]
                                   : (epoch_seconds[n / 2 - 1] + epoch_seconds[n / 2]) / 2.0);
}
END_TEST

/* ---- how it fails ---- */

static size_t good_epochs;

static int count_epoch(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    good_epochs = epoch->epoch;
    return 0;
}

/* The weights grow by a factor in each step until they are infinite; the model keeps those of the
 * last epoch that was finite. */
START_TEST(divergence_keeps_the_last_good_epoch)
{
    struct weft_options options = small("default");
    struct weft_training training;
    char place[64];
    options.head = WEFT_HEAD_IDENTITY;
    options.scale = WEFT_SCALE_NONE;
    options.learning_rate = 4.0;
    options.epochs = 1000;
    const struct weft_callbacks callbacks = {.epoch = count_epoch};
    struct weft_model *model = model_new(&options);
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, &callbacks, &training),
             WEFT_ERROR_DIVERGED, "no longer finite");
    ck_assert_uint_ge(good_epochs, 1);
    snprintf(place, sizeof place, "epoch %zu, batch ", good_epochs + 1);
    ck_assert_msg(strstr(weft_error(), place) != NULL, "%s: no \"%s\"", weft_error(), place);
    ck_assert_ptr_nonnull(strstr(weft_error(), "scale standard"));
    assert_finite(model);

    options.epochs = good_epochs;
    struct weft_model *good = trained(&options, NULL, &training);
    ck_assert(same_parameters(model, good));
    weft_model_destroy(model);
    weft_model_destroy(good);
}
END_TEST

START_TEST(parts_that_do_not_fit_are_refused)
{
    static const float x[] = {1.0f, 2.0f, 3.0f, 4.0f};
    const struct weft_options options = small("default");
    struct weft_dataset *narrow, *unlabeled, *unknown;
    struct weft_training training;
    struct weft_model *model = model_new(&options), *fresh = model_new(&options);
    float wide[2 * FEATURES] = {0.0f};
    ck_ok(weft_dataset_create(2, 2, CLASSES, x, (int32_t[]){0, 1}, &narrow));
    ck_ok(weft_dataset_create(2, FEATURES, 0, wide, NULL, &unlabeled));
    ck_ok(weft_dataset_create(2, FEATURES, 5, wide, (int32_t[]){0, 4}, &unknown));
    ck_fails(weft_train(device, model, &options, narrow, NULL, NULL, NULL, &training),
             WEFT_ERROR_DATA, "got 2, the model needs 9");
    ck_fails(weft_train(device, model, &options, data, narrow, NULL, NULL, &training),
             WEFT_ERROR_DATA, "got 2, the model needs 9");
    ck_fails(weft_train(device, model, &options, data, NULL, unlabeled, NULL, &training),
             WEFT_ERROR_DATA, "labels");
    ck_fails(weft_train(device, model, &options, unknown, NULL, NULL, NULL, &training),
             WEFT_ERROR_DATA, "got 4, need 0 to 2");
    ck_assert(same_parameters(model, fresh));
    weft_model_destroy(model);
    weft_model_destroy(fresh);
    weft_dataset_destroy(narrow);
    weft_dataset_destroy(unlabeled);
    weft_dataset_destroy(unknown);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, learning_rate_0_changes_nothing);
    tcase_add_loop_test(tests, same_seed_same_bytes, 0, 2);
    tcase_add_test(tests, stops_when_asked);
    tcase_add_test(tests, a_stop_in_the_first_epoch);
    tcase_add_test(tests, parts_are_scored);
    tcase_add_test(tests, the_training_is_recorded);
    tcase_add_test(tests, the_options_of_a_training_come_back);
    tcase_add_loop_test(tests, times_are_those_of_the_epochs, 0, EPOCH_COUNTS);
    tcase_add_test(tests, divergence_keeps_the_last_good_epoch);
    tcase_add_test(tests, parts_that_do_not_fit_are_refused);
}

int main(void)
{
    Suite *suite = suite_create("training");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
