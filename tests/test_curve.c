/* Tests the curves that models keep of their training: what they hold, how files thin them, and
 * damaged ones. */
#define _XOPEN_SOURCE 700

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "model_by_hand.h"
#include "network/model.h"
#include "network/safetensors.h"
#include "small_training.h"
#include "temporary.h"

/* What the epoch callback saw. */
static struct weft_epoch seen[64];
static size_t seen_count;

static int see(void *user, const struct weft_epoch *epoch)
{
    const size_t *last = user;
    seen[seen_count++] = *epoch;
    return last != NULL && epoch->epoch >= *last;
}

static const struct weft_callbacks seeing = {.epoch = see};

static struct weft_epoch epoch_at(const struct weft_model *model, size_t member, size_t index)
{
    struct weft_epoch epoch;
    ck_assert_msg(weft_model_get_epoch(model, member, index, &epoch), "no epoch %zu", index);
    return epoch;
}

static size_t epoch_count(const struct weft_model *model, size_t member)
{
    struct weft_epoch epoch;
    size_t count = 0;
    while (weft_model_get_epoch(model, member, count, &epoch))
        count++;
    return count;
}

/* Compares numbers that went through float; NaN is equal to NaN. */
static void assert_float(double got, double expected)
{
    if (isnan(expected))
        ck_assert(isnan(got));
    else
        ck_assert_double_eq(got, (double)(float)expected);
}

static void assert_epoch(const struct weft_epoch *got, const struct weft_epoch *expected)
{
    ck_assert_uint_eq(got->epoch, expected->epoch);
    assert_float(got->error, expected->error);
    assert_float(got->train_accuracy, expected->train_accuracy);
    assert_float(got->validation_accuracy, expected->validation_accuracy);
    assert_float(got->validation_r2, expected->validation_r2);
    assert_float(got->learning_rate, expected->learning_rate);
    ck_assert(isnan(got->seconds) && isnan(got->monitored));
}

/* Writes the model and reads it again. */
static struct weft_model *through_file(const struct weft_model *model, const char *name)
{
    struct weft_model *read;
    ck_ok(weft_model_write(model, temporary_path(name)));
    ck_ok(weft_model_read(temporary_path(name), &read));
    return read;
}

static size_t size_of(const char *path)
{
    struct stat about;
    ck_assert_int_eq(stat(path, &about), 0);
    return (size_t)about.st_size;
}

static void assert_same_files(const char *a, const char *b)
{
    static char one[1 << 21], two[1 << 21];
    FILE *first = fopen(a, "rb"), *second = fopen(b, "rb");
    const size_t size = fread(one, 1, sizeof one, first);
    ck_assert_uint_eq(size, fread(two, 1, sizeof two, second));
    ck_assert_mem_eq(one, two, size);
    fclose(first);
    fclose(second);
}

/* ---- trainings ---- */

START_TEST(a_training_leaves_its_epochs)
{
    struct weft_options options = small("default");
    struct weft_training training;
    struct weft_model *model = model_new(&options);
    ck_assert_uint_eq(epoch_count(model, 0), 0);
    ck_ok(weft_train(device, model, &options, data, data, NULL, &seeing, &training));
    struct weft_model *read = through_file(model, "trained");
    for (size_t i = 0; i < 3; i++) {
        const struct weft_epoch epoch = epoch_at(model, 0, i), same = epoch_at(read, 0, i);
        ck_assert(isfinite(epoch.validation_accuracy) && isfinite(epoch.train_accuracy));
        assert_epoch(&epoch, &seen[i]);
        assert_epoch(&same, &seen[i]);
    }
    ck_assert_uint_eq(epoch_count(model, 0), 3);
    ck_assert_uint_eq(epoch_count(read, 0), 3);
    ck_assert_uint_eq(epoch_count(read, 1), 0); /* no ensemble */
    weft_model_destroy(read);
    weft_model_destroy(model);
}
END_TEST

START_TEST(an_ensemble_keeps_a_curve_of_each_member)
{
    struct weft_options options = small("default");
    struct weft_training training;
    struct weft_model *model = trained(&options, &seeing, &training);
    options.seed++;
    ck_ok(weft_model_add_member(model, trained(&options, &seeing, &training)));
    struct weft_model *read = through_file(model, "members");
    for (size_t i = 0; i < 6; i++) {
        const struct weft_epoch epoch = epoch_at(read, i / 3, i % 3);
        assert_epoch(&epoch, &seen[i]);
    }
    ck_assert(seen[0].error != seen[3].error);
    ck_assert_uint_eq(epoch_count(read, 2), 0);
    weft_model_destroy(read);
    weft_model_destroy(model);
}
END_TEST

START_TEST(the_next_training_begins_a_new_curve)
{
    struct weft_options options = small("default");
    struct weft_training training;
    struct weft_model *model = trained(&options, NULL, &training);
    ck_ok(weft_partial_fit(device, model, &options, data, NULL, NULL, &training));
    ck_assert_uint_eq(epoch_count(model, 0), 4); /* it goes on */
    ck_assert_uint_eq(epoch_at(model, 0, 3).epoch, 4);
    options.epochs = 2;
    ck_ok(weft_train(device, model, &options, data, NULL, NULL, &seeing, &training));
    ck_assert_uint_eq(epoch_count(model, 0), 2);
    ck_assert_uint_eq(epoch_at(model, 0, 0).epoch, 1);
    weft_model_destroy(model);
}
END_TEST

/* A network of one weight that becomes -3000 times itself in every step: the sixth epoch is bad. */
START_TEST(a_bad_epoch_leaves_no_point)
{
    static const float one = 1.0f, zero = 0.0f;
    const struct hand_layer layer = {1, 1, &one, NULL};
    struct weft_options options = plain_options();
    struct weft_dataset *growing;
    struct weft_training training;
    ck_ok(weft_options_set(&options, "task", "regress"));
    options.hidden_count = 0;
    options.bias = false;
    options.scale = WEFT_SCALE_NONE;
    options.learning_rate = 3001.0;
    ck_ok(weft_dataset_create_targets(1, 1, 1, &one, &zero, &growing));
    struct weft_model *model = model_by_hand(&options, growing, &layer, 1);
    ck_fails(weft_train(device, model, &options, growing, growing, NULL, NULL, &training),
             WEFT_ERROR_DIVERGED, "epoch 7, batch 1 of 1: the loss is");
    ck_assert_uint_eq(training.epochs, 5);
    ck_assert_uint_eq(epoch_count(model, 0), 5);
    ck_assert_uint_eq(epoch_at(model, 0, 4).epoch, 5);
    weft_model_destroy(model);
    weft_dataset_destroy(growing);
}
END_TEST

START_TEST(the_epoch_that_was_stopped_leaves_none)
{
    struct weft_options options = small("default");
    struct weft_training training;
    size_t last = 2;
    const struct weft_callbacks stopping = {.user = &last, .epoch = see};
    struct weft_model *model = trained(&options, &stopping, &training);
    ck_assert(training.stopped);
    ck_assert_uint_eq(epoch_count(model, 0), 2);
    weft_model_destroy(model);
}
END_TEST

/* ---- long curves ---- */

/* Replaces the curve by one of `epochs` epochs, of which `best` has the highest score. */
static void make_curve(struct weft_model *model, size_t epochs, size_t best)
{
    curve_reset(&model->curve);
    for (size_t e = 1; e <= epochs; e++)
        ck_ok(curve_add(&model->curve,
                        &(struct weft_epoch){.epoch = e,
                                             .error = 1.0 / (double)e,
                                             .train_accuracy = 0.123456789,
                                             .validation_accuracy = e == best ? 0.9 : 0.3,
                                             .validation_r2 = (double)NAN,
                                             .learning_rate = 1.23456789e-7}));
}

static bool has_epoch(const struct weft_model *model, size_t member, size_t wanted)
{
    struct weft_epoch epoch;
    for (size_t i = 0; weft_model_get_epoch(model, member, i, &epoch); i++)
        if (epoch.epoch == wanted)
            return true;
    return false;
}

START_TEST(a_file_thins_a_long_curve)
{
    static const size_t lengths[] = {1, 2, 500, 501, 502, 999, 1001, 10000};
    struct weft_options options = small("default");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const size_t epochs = lengths[i], best = epochs / 3 + 1;
        struct weft_model *model = model_new(&options);
        make_curve(model, epochs, best);
        struct weft_model *read = through_file(model, "long");
        const size_t kept = epoch_count(read, 0);
        ck_assert_uint_le(kept, 502);
        ck_assert_uint_ge(kept, epochs < 250 ? epochs : 250);
        ck_assert(epochs > 500 || kept == epochs);
        ck_assert(has_epoch(read, 0, 1) && has_epoch(read, 0, best) && has_epoch(read, 0, epochs));
        ck_assert_uint_lt(size_of(temporary_path("long")), 40000);
        weft_model_destroy(through_file(read, "again"));
        assert_same_files(temporary_path("long"), temporary_path("again"));
        ck_assert_uint_eq(epoch_count(model, 0), epochs); /* the model keeps all */
        weft_model_destroy(read);
        weft_model_destroy(model);
    }
}
END_TEST

/* Otherwise the mean of the members would be a mean of one where only this one has an epoch. */
START_TEST(members_keep_the_same_epochs)
{
    struct weft_options options = small("default");
    struct weft_model *model = model_new(&options);
    make_curve(model, 3000, 1234);
    for (size_t m = 1; m < 20; m++) {
        struct weft_model *member = model_new(&options);
        make_curve(member, m == 7 ? 1500 : 3000, 77 * m);
        ck_ok(weft_model_add_member(model, member));
    }
    struct weft_model *read = through_file(model, "twenty");
    ck_assert_uint_ge(epoch_count(read, 0), 40);
    ck_assert_uint_lt(epoch_count(read, 7), epoch_count(read, 0));
    for (size_t m = 1; m < 20; m++)
        for (size_t i = 0; i < epoch_count(read, m); i++)
            ck_assert_uint_eq(epoch_at(read, m, i).epoch, epoch_at(read, 0, i).epoch);
    ck_assert_uint_lt(size_of(temporary_path("twenty")), 200000);
    weft_model_destroy(through_file(read, "again"));
    assert_same_files(temporary_path("twenty"), temporary_path("again"));
    weft_model_destroy(read);
    weft_model_destroy(model);
}
END_TEST

/* The last epoch that an ensemble keeps is not its last one, and must lead to the same stride. */
START_TEST(a_thinned_ensemble_is_not_thinned_again)
{
    static const size_t lengths[] = {1001, 1002, 1003, 2004};
    struct weft_options options = small("default");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct weft_model *model = model_new(&options), *member = model_new(&options);
        make_curve(model, lengths[i], 5);
        make_curve(member, lengths[i], 6);
        ck_ok(weft_model_add_member(model, member));
        struct weft_model *read = through_file(model, "two");
        ck_assert_uint_gt(epoch_count(read, 1), 250);
        weft_model_destroy(through_file(read, "again"));
        assert_same_files(temporary_path("two"), temporary_path("again"));
        weft_model_destroy(read);
        weft_model_destroy(model);
    }
}
END_TEST

/* The names of classes may nearly fill a header. A model must not become impossible to save. */
START_TEST(names_come_before_curves)
{
    enum { NAME = 9820, NAMES = 100 };
    struct weft_options options = small("default");
    float x[NAMES] = {0};
    int32_t labels[NAMES];
    char *names[NAMES];
    struct weft_dataset *named;
    struct weft_model *model, *read;
    for (size_t c = 0; c < NAMES; c++) {
        labels[c] = (int32_t)c;
        x[c] = (float)c;
        names[c] = malloc(NAME + 1);
        memset(names[c], 'n', NAME);
        snprintf(names[c] + NAME - 4, 5, "%04zu", c);
    }
    ck_ok(weft_dataset_create(NAMES, 1, NAMES, x, labels, &named));
    ck_ok(weft_dataset_set_class_names(named, (const char *const *)names));
    ck_ok(weft_model_create(&options, named, &model));
    make_curve(model, 1000, 5);
    for (size_t m = 1; m < 5; m++) {
        struct weft_model *member;
        ck_ok(weft_model_create(&options, named, &member));
        make_curve(member, 1000, 5);
        ck_ok(weft_model_add_member(model, member));
    }
    read = through_file(model, "names");
    ck_assert_uint_gt(epoch_count(read, 4), 30);
    ck_assert_uint_lt(epoch_count(read, 4), 100);
    for (size_t c = 0; c < NAMES; c++)
        free(names[c]);
    weft_model_destroy(read);
    weft_model_destroy(model);
    weft_dataset_destroy(named);
}
END_TEST

/* ---- damaged files ---- */

/* Reads a model with the entry `key` set to `value`; NULL removes it. */
static enum weft_status read_damaged(const char *key, const char *value, struct weft_model **model)
{
    struct weft_options options = small("default");
    struct weft_model *whole = model_new(&options);
    struct safetensors file, copy = {0};
    make_curve(whole, 3, 2);
    ck_ok(weft_model_write(whole, temporary_path("whole")));
    weft_model_destroy(whole);
    ck_ok(safetensors_read(temporary_path("whole"), &file));
    for (size_t i = 0; i < file.tensor_count; i++)
        ck_ok(safetensors_add(&copy, file.tensors[i].name, file.tensors[i].values,
                              file.tensors[i].shape, file.tensors[i].dimensions));
    for (size_t i = 0; i < file.entry_count; i++)
        if (strcmp(file.entries[i].key, key) != 0)
            ck_ok(safetensors_add_entry(&copy, file.entries[i].key, file.entries[i].value));
    if (value != NULL)
        ck_ok(safetensors_add_entry(&copy, key, value));
    ck_ok(safetensors_write(temporary_path("damaged"), &copy));
    safetensors_reset(&copy);
    safetensors_reset(&file);
    return weft_model_read(temporary_path("damaged"), model);
}

START_TEST(damaged_lists_are_refused)
{
    static const char *const epochs[] = {"",
                                         "0,1,2",
                                         "1,1,2",
                                         "3,2,1",
                                         "1,2,x",
                                         "1,,3",
                                         "1 2",
                                         "1.5",
                                         "-1",
                                         "1,2,",
                                         ",1",
                                         "99999999999",
                                         "1,2,3000000000000000000000000000000000000"};
    static const char *const numbers[] = {"",        "1,2",      "1,2,3,4", "1,2,",
                                          "a,b,c",   "1,,3",     "1,2,--",  "1,2,1e999",
                                          "1,2,nan", "1,2,1e39", ",,,"};
    struct weft_model *model;
    for (size_t i = 0; i < sizeof epochs / sizeof *epochs; i++)
        ck_fails(read_damaged("curve_epoch", epochs[i], &model), WEFT_ERROR_MODEL, "curve_epoch: ");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_fails(read_damaged("curve_error", numbers[i], &model), WEFT_ERROR_MODEL,
                 "curve_error: ");
    ck_fails(read_damaged("curve_train_accuracy", "0,0.5,1.5", &model), WEFT_ERROR_MODEL,
             "curve_train_accuracy: got \"0,0.5,1.5\", need a number or - for each epoch");
    ck_fails(read_damaged("curve_learning_rate", "0,-1,0", &model), WEFT_ERROR_MODEL,
             "curve_learning_rate: ");
}
END_TEST

START_TEST(lists_may_be_missing)
{
    struct weft_model *model;
    ck_ok(read_damaged("curve_error", NULL, &model));
    ck_assert_uint_eq(epoch_count(model, 0), 3);
    ck_assert(isnan(epoch_at(model, 0, 1).error));
    ck_assert_double_eq_tol(epoch_at(model, 0, 1).validation_accuracy, 0.9, 1e-6);
    weft_model_destroy(model);
    ck_ok(read_damaged("curve_error", "0.5,-,1e-3", &model));
    ck_assert_double_eq(epoch_at(model, 0, 0).error, 0.5);
    ck_assert(isnan(epoch_at(model, 0, 1).error));
    ck_assert_double_eq_tol(epoch_at(model, 0, 2).error, 1e-3, 1e-9);
    weft_model_destroy(model);
    ck_ok(read_damaged("curve_epoch", NULL, &model)); /* as in the files of earlier versions */
    ck_assert_uint_eq(epoch_count(model, 0), 0);
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, a_training_leaves_its_epochs);
    tcase_add_test(tests, an_ensemble_keeps_a_curve_of_each_member);
    tcase_add_test(tests, the_next_training_begins_a_new_curve);
    tcase_add_test(tests, a_bad_epoch_leaves_no_point);
    tcase_add_test(tests, the_epoch_that_was_stopped_leaves_none);
}

static void add_file_tests(Suite *suite)
{
    TCase *tests = tcase_create("files");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, a_file_thins_a_long_curve);
    tcase_add_test(tests, members_keep_the_same_epochs);
    tcase_add_test(tests, a_thinned_ensemble_is_not_thinned_again);
    tcase_add_test(tests, names_come_before_curves);
    tcase_add_test(tests, damaged_lists_are_refused);
    tcase_add_test(tests, lists_may_be_missing);
    suite_add_tcase(suite, tests);
}

int main(void)
{
    Suite *suite = suite_create("curve");
    suite_add_devices(suite, add_tests);
    add_file_tests(suite);
    return suite_main(suite);
}
