/* Tests data sets in memory: creating, checking, fitting to a model, splitting. */
#include <math.h>
#include <string.h>

#include "data/dataset.h"
#include "suite.h"

enum { N = 10, D = 2 };

/* Sample i: features i and -i, label i % 3. */
static struct weft_dataset *ten_samples(void)
{
    float x[N][D];
    int32_t labels[N];
    for (int i = 0; i < N; i++) {
        x[i][0] = (float)i;
        x[i][1] = (float)-i;
        labels[i] = i % 3;
    }
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_create(N, D, 0, &x[0][0], labels, &dataset));
    return dataset;
}

START_TEST(create_copies)
{
    float x[2][3] = {{1, 2, 3}, {4, 5, 6}};
    int32_t labels[2] = {0, 4};
    struct weft_dataset *dataset;
    struct weft_dataset_info info;
    ck_ok(weft_dataset_create(2, 3, 0, &x[0][0], labels, &dataset));
    x[1][2] = 0.0f;
    labels[1] = 0;
    weft_dataset_get_info(dataset, &info);
    ck_assert_uint_eq(info.samples, 2);
    ck_assert_uint_eq(info.features, 3);
    ck_assert_uint_eq(info.classes, 5);
    ck_assert(info.x[5] == 6.0f);
    ck_assert_int_eq(info.labels[1], 4);
    ck_assert_str_eq(info.class_names[0], "0");
    ck_assert_str_eq(info.class_names[4], "4");
    weft_dataset_destroy(dataset);
    weft_dataset_destroy(NULL);
}
END_TEST

START_TEST(create_with_more_classes_than_labels)
{
    static const float x[2] = {1, 2};
    static const int32_t labels[2] = {0, 0};
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_create(2, 1, 10, x, labels, &dataset));
    ck_assert_uint_eq(dataset->classes, 10);
    ck_assert_str_eq(dataset->class_names[9], "9");
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(create_without_labels)
{
    static const float x[2] = {1, 2};
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_create(1, 2, 10, x, NULL, &dataset));
    ck_assert_uint_eq(dataset->classes, 0);
    ck_assert_ptr_null(dataset->labels);
    ck_assert_ptr_null(dataset->class_names);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(create_refuses)
{
    float x[3] = {1, 2, 3};
    int32_t labels[3] = {0, 1, 2};
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_create(0, 3, 0, x, labels, &dataset), WEFT_ERROR_DATA,
             "samples: got 0, need 1 to 4294967295");
    ck_assert_ptr_null(dataset);
    ck_fails(weft_dataset_create(3, 0, 0, x, labels, &dataset), WEFT_ERROR_DATA,
             "features: got 0, need at least 1");
    ck_fails(weft_dataset_create(3, 1, 2, x, labels, &dataset), WEFT_ERROR_DATA,
             "sample 2: label: got 2, need 0 to 1");
    labels[1] = -1;
    ck_fails(weft_dataset_create(3, 1, 0, x, labels, &dataset), WEFT_ERROR_DATA,
             "sample 1: label: got -1, need 0 to ");
    labels[1] = 65536;
    ck_fails(weft_dataset_create(3, 1, 0, x, labels, &dataset), WEFT_ERROR_DATA,
             "sample 1: label: got 65536, need 0 to 65535");
    ck_fails(weft_dataset_create(3, 1, 65537, x, labels, &dataset), WEFT_ERROR_DATA,
             "classes: got 65537, need at most 65536");
    ck_assert_ptr_null(dataset);
}
END_TEST

START_TEST(features_must_be_finite)
{
    static const struct {
        float value;
        const char *text;
    } rows[] = {{NAN, "got nan"}, {INFINITY, "got inf"}, {-INFINITY, "got -inf"}};
    for (size_t row = 0; row < 3; row++) {
        float x[3][4] = {{0}};
        struct weft_dataset *dataset;
        x[1][2] = rows[row].value;
        ck_fails(weft_dataset_create(3, 4, 0, &x[0][0], NULL, &dataset), WEFT_ERROR_DATA,
                 rows[row].text);
        ck_assert_ptr_nonnull(strstr(weft_error(), "sample 1, feature 2: "));
        ck_assert_ptr_nonnull(strstr(weft_error(), "(1 such"));
        x[2][3] = NAN;
        ck_fails(weft_dataset_create(3, 4, 0, &x[0][0], NULL, &dataset), WEFT_ERROR_DATA,
                 "sample 1, feature 2: ");
        ck_assert_ptr_nonnull(strstr(weft_error(), "(2 such"));
    }
}
END_TEST

START_TEST(fits_a_model)
{
    struct weft_dataset *dataset = ten_samples(), *unlabeled;
    struct dataset_needs needs = {.features = D, .classes = 3, .task = WEFT_TASK_CLASSIFY};
    ck_ok(dataset_fits(dataset, &needs));
    needs.classes = 10;
    ck_ok(dataset_fits(dataset, &needs));
    needs.classes = 2;
    ck_fails(dataset_fits(dataset, &needs), WEFT_ERROR_DATA, "sample 2: label: got 2, need 0 to 1");
    needs.features = 784;
    ck_fails(dataset_fits(dataset, &needs), WEFT_ERROR_DATA,
             "features of a sample: got 2, the model needs 784");
    needs = (struct dataset_needs){.features = D, .classes = 3, .task = WEFT_TASK_REGRESS};
    ck_fails(dataset_fits(dataset, &needs), WEFT_ERROR_DATA,
             "targets: got one label each, task regress needs numbers");
    ck_ok(weft_dataset_create(N, D, 0, dataset->x, NULL, &unlabeled));
    needs.task = WEFT_TASK_CLASSIFY;
    ck_fails(dataset_fits(unlabeled, &needs), WEFT_ERROR_DATA, "labels: got none");
    weft_dataset_destroy(unlabeled);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- holdout ---- */

/* `part` holds the samples `expected` [count] of ten_samples, in this order. */
static void check_part(const struct weft_dataset *part, const int *expected, size_t count)
{
    ck_assert_uint_eq(part->samples, count);
    ck_assert_uint_eq(part->features, D);
    ck_assert_uint_eq(part->classes, 3);
    ck_assert_str_eq(part->class_names[2], "2");
    for (size_t i = 0; i < count; i++) {
        ck_assert(part->x[i * D] == (float)expected[i]);
        ck_assert(part->x[i * D + 1] == (float)-expected[i]);
        ck_assert_int_eq(part->labels[i], expected[i] % 3);
    }
}

/* Which samples go was computed by an independent Philox and shuffle in Python. */
START_TEST(holdout_is_seeded)
{
    struct weft_dataset *dataset = ten_samples(), *rest, *holdout;
    ck_ok(weft_dataset_holdout(dataset, 0.3, 42, &rest, &holdout));
    check_part(holdout, (const int[]){0, 7, 9}, 3);
    check_part(rest, (const int[]){1, 2, 3, 4, 5, 6, 8}, 7);
    ck_assert_str_eq(rest->name, dataset->name);
    weft_dataset_destroy(rest);
    weft_dataset_destroy(holdout);
    ck_ok(weft_dataset_holdout(dataset, 0.3, 7, &rest, &holdout));
    check_part(holdout, (const int[]){0, 2, 4}, 3);
    weft_dataset_destroy(dataset); /* parts are copies */
    check_part(rest, (const int[]){1, 3, 5, 6, 7, 8, 9}, 7);
    weft_dataset_destroy(rest);
    weft_dataset_destroy(holdout);
}
END_TEST

/* Targets stay with their samples. */
START_TEST(holdout_takes_targets)
{
    float x[10], y[20];
    struct weft_dataset *dataset, *rest, *holdout;
    for (int i = 0; i < 10; i++) {
        x[i] = (float)i;
        y[2 * i] = (float)(100 + i);
        y[2 * i + 1] = (float)(200 + i);
    }
    ck_ok(weft_dataset_create_targets(10, 1, 2, x, y, &dataset));
    ck_ok(weft_dataset_holdout(dataset, 0.3, 42, &rest, &holdout));
    weft_dataset_destroy(dataset);
    ck_assert_uint_eq(holdout->classes, 2);
    ck_assert_ptr_null(holdout->labels);
    for (size_t i = 0; i < 7; i++) {
        ck_assert(rest->targets[2 * i] == rest->x[i] + 100.0f);
        ck_assert(rest->targets[2 * i + 1] == rest->x[i] + 200.0f);
    }
    for (size_t i = 0; i < 3; i++)
        ck_assert(holdout->targets[2 * i + 1] == holdout->x[i] + 200.0f);
    weft_dataset_destroy(rest);
    weft_dataset_destroy(holdout);
}
END_TEST

START_TEST(targets_that_cannot_be)
{
    const float x[2] = {0.0f, 1.0f}, y[2] = {0.0f, NAN};
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_create_targets(2, 1, 1, x, y, &dataset), WEFT_ERROR_DATA,
             "sample 1, target 0: got nan, need a finite number (1 such target)");
    ck_assert_ptr_null(dataset);
    ck_fails(weft_dataset_create_targets(2, 1, 0, x, y, &dataset), WEFT_ERROR_DATA,
             "targets of a sample: got 0, need 1 to 65536");
    ck_fails(weft_dataset_synthetic_targets(2, 1, 1, WEFT_TASK_CLASSIFY, 1, &dataset),
             WEFT_ERROR_USAGE, "task 0 has no targets");
    ck_fails(weft_dataset_synthetic_targets(2, 1, 0, WEFT_TASK_REGRESS, 1, &dataset),
             WEFT_ERROR_USAGE, "targets: got 0, need 1 to");
}
END_TEST

/* Label c: feature c is above 0; target c: the product of features c and c + 1, round and round. */
START_TEST(synthetic_targets_follow_from_features)
{
    struct weft_dataset *labels, *numbers;
    ck_ok(weft_dataset_synthetic_targets(20, 3, 4, WEFT_TASK_MULTILABEL, 1, &labels));
    ck_ok(weft_dataset_synthetic_targets(20, 3, 4, WEFT_TASK_REGRESS, 1, &numbers));
    ck_assert_mem_eq(labels->x, numbers->x, 60 * sizeof *labels->x);
    for (int i = 0; i < 20; i++) {
        const float *x = labels->x + 3 * i, *there = labels->targets + 4 * i;
        const float *y = numbers->targets + 4 * i;
        ck_assert(there[1] == (x[1] > 0.0f ? 1.0f : 0.0f) && there[3] == there[0]);
        ck_assert(y[0] == x[0] * x[1] && y[2] == x[2] * x[0] && y[3] == y[0]);
    }
    weft_dataset_destroy(numbers);
    weft_dataset_destroy(labels);
}
END_TEST

START_TEST(holdout_rounds)
{
    static const struct {
        double fraction;
        size_t count;
    } rows[] = {{0.05, 1}, {0.24, 2}, {0.25, 3}, {0.26, 3}, {0.949, 9}};
    struct weft_dataset *dataset = ten_samples();
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct weft_dataset *rest, *holdout;
        ck_ok(weft_dataset_holdout(dataset, rows[row].fraction, 1, &rest, &holdout));
        ck_assert_uint_eq(holdout->samples, rows[row].count);
        ck_assert_uint_eq(rest->samples, N - rows[row].count);
        weft_dataset_destroy(rest);
        weft_dataset_destroy(holdout);
    }
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(a_very_small_holdout)
{
    enum { MANY = 4000 };
    static float x[MANY];
    struct weft_dataset *dataset, *rest, *holdout;
    ck_ok(weft_dataset_create(MANY, 1, 0, x, NULL, &dataset));
    ck_ok(weft_dataset_holdout(dataset, 0.0005, 1, &rest, &holdout));
    ck_assert_uint_eq(holdout->samples, 2);
    weft_dataset_destroy(rest);
    weft_dataset_destroy(holdout);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(holdout_refuses)
{
    static const double outside[] = {0.0, 1.0, -0.5, 1.5, (double)NAN, (double)INFINITY};
    struct weft_dataset *dataset = ten_samples(), *rest, *holdout;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        ck_fails(weft_dataset_holdout(dataset, outside[i], 1, &rest, &holdout), WEFT_ERROR_USAGE,
                 "the fraction must be above 0 and below 1");
        ck_assert(rest == NULL && holdout == NULL);
    }
    ck_fails(weft_dataset_holdout(dataset, 0.04, 1, &rest, &holdout), WEFT_ERROR_USAGE,
             "holdout 0.04: got sets of 10 and 0 samples");
    ck_fails(weft_dataset_holdout(dataset, 0.96, 1, &rest, &holdout), WEFT_ERROR_USAGE,
             "got sets of 0 and 10");
    weft_dataset_destroy(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *tests = tcase_create("dataset");
    tcase_add_test(tests, create_copies);
    tcase_add_test(tests, create_with_more_classes_than_labels);
    tcase_add_test(tests, create_without_labels);
    tcase_add_test(tests, create_refuses);
    tcase_add_test(tests, features_must_be_finite);
    tcase_add_test(tests, fits_a_model);
    tcase_add_test(tests, holdout_is_seeded);
    tcase_add_test(tests, holdout_takes_targets);
    tcase_add_test(tests, targets_that_cannot_be);
    tcase_add_test(tests, synthetic_targets_follow_from_features);
    tcase_add_test(tests, holdout_rounds);
    tcase_add_test(tests, a_very_small_holdout);
    tcase_add_test(tests, holdout_refuses);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
