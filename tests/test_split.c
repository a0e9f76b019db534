/* Tests which samples a holdout set gets. */
#include <string.h>

#include "data/dataset.h"
#include "data/split.h"
#include "suite.h"

enum { MOST = 1000, MOST_CLASSES = 12 };

/* Splits samples of which classes 0, 1, ... have rows [classes] each, in turn as long as there are
 * some, and counts the samples of each class in the holdout set. */
static size_t split_classes(const int *rows, size_t classes, double fraction, uint64_t seed,
                            size_t *held /* [classes] */, bool *taken /* [MOST] */)
{
    int32_t labels[MOST];
    int left[MOST_CLASSES];
    size_t samples = 0, count = 0;
    memcpy(left, rows, classes * sizeof *rows);
    for (bool any = true; any;) {
        any = false;
        for (size_t c = 0; c < classes; c++)
            if (left[c] > 0) {
                labels[samples++] = (int32_t)c;
                any = --left[c] > 0 || any;
            }
    }
    const struct split split = {samples, fraction, seed, labels, classes};
    memset(taken, 0, MOST * sizeof *taken);
    memset(held, 0, classes * sizeof *held);
    ck_ok(split_choose(&split, taken, &count));
    size_t sum = 0;
    for (size_t i = 0; i < samples; i++) {
        held[labels[i]] += taken[i];
        sum += taken[i];
    }
    ck_assert_uint_eq(sum, count);
    return count;
}

/* Worked by hand: the quotas of all seats, their whole parts, then the largest remainders. */
static const struct {
    double fraction;
    size_t classes;
    int rows[6];
    size_t held[6];
} shares[] = {
    {0.3, 3, {50, 30, 20}, {15, 9, 6}},
    {0.25, 3, {7, 6, 5}, {2, 2, 1}},       /* quotas of 5: 1.94, 1.67, 1.39 */
    {0.1, 3, {80, 15, 5}, {8, 1, 1}},      /* quotas of 10: 8, 1.5, 0.5; class 2 needs one */
    {0.1, 4, {94, 2, 2, 2}, {7, 1, 1, 1}}, /* three classes need one each */
    {0.2, 3, {8, 1, 1}, {2, 0, 0}},        /* single samples stay in the training set */
    {0.5, 2, {3, 1}, {2, 0}},              /* 2 seats, of which class 1 may have none */
    {0.9, 2, {5, 5}, {4, 4}},              /* 9 seats, but each class keeps a sample */
    {0.1, 6, {4, 4, 3, 3, 3, 3}, {1, 1, 0, 0, 0, 0}}, /* 2 seats for 6 classes */
};

START_TEST(classes_get_their_shares)
{
    bool taken[MOST];
    size_t held[MOST_CLASSES];
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        split_classes(shares[i].rows, shares[i].classes, shares[i].fraction, 7, held, taken);
        for (size_t c = 0; c < shares[i].classes; c++)
            ck_assert_msg(held[c] == shares[i].held[c], "row %zu, class %zu: got %zu, expected %zu",
                          i, c, held[c], shares[i].held[c]);
    }
}
END_TEST

START_TEST(the_seed_decides)
{
    static const int rows[] = {40, 30, 30};
    bool first[MOST], again[MOST], other[MOST];
    size_t held[3];
    split_classes(rows, 3, 0.2, 1, held, first);
    split_classes(rows, 3, 0.2, 1, held, again);
    split_classes(rows, 3, 0.2, 2, held, other);
    ck_assert_mem_eq(first, again, sizeof first);
    ck_assert(memcmp(first, other, sizeof first) != 0);
}
END_TEST

/* Every split of random classes keeps the promises of split.h. */
START_TEST(any_classes)
{
    bool taken[MOST];
    size_t held[MOST_CLASSES];
    uint32_t random = 12345;
    for (int trial = 0; trial < 2000; trial++) {
        int rows[MOST_CLASSES];
        size_t samples = 0, most = 0, classes = 1 + (size_t)trial % MOST_CLASSES;
        for (size_t c = 0; c < classes; c++) {
            random = random * 1664525u + 1013904223u;
            rows[c] = 1 + (int)((random >> 16) % (c % 3 == 0 ? 70 : 5));
            samples += (size_t)rows[c];
            most += (size_t)rows[c] - 1;
        }
        const double fraction = 0.05 + (double)(trial % 90) / 100.0;
        const size_t wanted = (size_t)round(fraction * (double)samples);
        if (wanted == 0 || wanted >= samples || most == 0)
            continue;
        const size_t count = split_classes(rows, classes, fraction, (uint64_t)trial, held, taken);
        ck_assert_uint_eq(count, wanted < most ? wanted : most);
        size_t able = 0;
        for (size_t c = 0; c < classes; c++)
            able += rows[c] >= 2;
        for (size_t c = 0; c < classes; c++) {
            ck_assert_uint_lt(held[c], (size_t)rows[c]);
            ck_assert_msg(held[c] >= 1 || rows[c] < 2 || able > count,
                          "trial %d: class %zu of %d rows has no sample", trial, c, rows[c]);
        }
    }
}
END_TEST

START_TEST(impossible_splits_are_refused)
{
    static const int32_t labels[] = {0, 1, 2};
    bool taken[3] = {false};
    size_t count;
    ck_fails(split_choose(&(struct split){3, 0.4, 1, labels, 3}, taken, &count), WEFT_ERROR_USAGE,
             "holdout 0.4: got sets of 3 and 0 samples, need at least 1 in each");
    ck_fails(split_choose(&(struct split){3, 1.0, 1, labels, 3}, taken, &count), WEFT_ERROR_USAGE,
             "the fraction must be above 0 and below 1");
}
END_TEST

/* One large class beside thousands of single samples is as fast as any. */
START_TEST(many_rare_classes)
{
    enum { CLASSES = 60000, SAMPLES = 2 * CLASSES };
    static int32_t labels[SAMPLES];
    static bool taken[SAMPLES];
    size_t count;
    for (int i = 0; i < SAMPLES; i++)
        labels[i] = i < CLASSES ? i : 0;
    ck_ok(split_choose(&(struct split){SAMPLES, 0.3, 1, labels, CLASSES}, taken, &count));
    ck_assert_uint_eq(count, 36000);
    for (int i = 1; i < CLASSES; i++)
        ck_assert(!taken[i]);
}
END_TEST

START_TEST(data_sets)
{
    float x[20], weights[20];
    int32_t labels[20];
    struct weft_dataset *dataset, *rest, *holdout;
    for (int i = 0; i < 20; i++) {
        x[i] = (float)i;
        weights[i] = (float)(100 + i);
        labels[i] = i >= 16;
    }
    ck_ok(weft_dataset_create(20, 1, 0, x, labels, &dataset));
    dataset->weights = calloc(20, sizeof *weights);
    ck_assert_ptr_nonnull(dataset->weights);
    memcpy(dataset->weights, weights, sizeof weights);
    ck_ok(weft_dataset_holdout_stratified(dataset, 0.25, 3, &rest, &holdout));
    ck_assert_uint_eq(holdout->samples, 5);
    ck_assert(holdout->labels[3] == 0 && holdout->labels[4] == 1);
    for (size_t i = 0; i < 5; i++)
        ck_assert(holdout->weights[i] == holdout->x[i] + 100.0f);
    for (size_t i = 0; i < 15; i++)
        ck_assert(rest->weights[i] == rest->x[i] + 100.0f);
    free(dataset->weights);
    dataset->weights = NULL;
    weft_dataset_destroy(rest);
    weft_dataset_destroy(holdout);
    weft_dataset_destroy(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("split");
    TCase *tests = tcase_create("holdout");
    tcase_add_test(tests, classes_get_their_shares);
    tcase_add_test(tests, the_seed_decides);
    tcase_add_test(tests, any_classes);
    tcase_add_test(tests, impossible_splits_are_refused);
    tcase_add_test(tests, many_rare_classes);
    tcase_add_test(tests, data_sets);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
