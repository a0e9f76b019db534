/* Tests which tables of numbers count as curved. The shares in the comments, the best error of the
 * rougher regressions divided by the best error of the smooth ones, come from NumPy, which inverts
 * the matrices as they are defined; 0.72 is the limit. */
#include <math.h>
#include <stdlib.h>

#include "data/dataset.h"
#include "suite.h"
#include "train/curvature.h"

enum { MOST = 5001 };

/* Fractions of i k fill the range from 0 to 1 evenly, and are the same everywhere. */
static float spread(size_t i, double k)
{
    return (float)fmod((double)i * k, 1.0);
}

/* y = x0 + bend x2 cos(6 x1) + noise, of samples with three features. */
static struct weft_dataset bent(size_t samples, double bend)
{
    static float x[MOST * 3], y[MOST];
    for (size_t i = 0; i < samples; i++) {
        float *row = x + 3 * i;
        row[0] = spread(i, 0.5545497);
        row[1] = spread(i, 0.308517);
        row[2] = spread(i, 0.6180340);
        y[i] = (float)((double)row[0] + bend * cos(6.0 * (double)row[1]) * (double)row[2] +
                       0.3 * ((double)spread(i, 0.7548777) - 0.5));
    }
    return (struct weft_dataset){
        .samples = samples, .features = 3, .classes = 1, .x = x, .targets = y};
}

/* The target is the small difference of two features. */
static struct weft_dataset twins(double difference)
{
    static float x[300 * 2], y[300];
    for (size_t i = 0; i < 300; i++) {
        const double base = fmod((double)i * 0.5545497, 1.0);
        const double other = fmod((double)i * 0.308517, 1.0);
        x[2 * i] = (float)base;
        x[2 * i + 1] = (float)(base + difference * other);
        y[i] = (float)(other + 0.1 * fmod((double)i * 0.6180340, 1.0));
    }
    return (struct weft_dataset){.samples = 300, .features = 2, .classes = 1, .x = x, .targets = y};
}

static bool is_curved(const struct weft_dataset *dataset)
{
    bool curved;
    ck_ok(curvature_find(dataset, &curved));
    return curved;
}

START_TEST(bends_count_from_a_share_on)
{
    struct weft_dataset table = bent(1000, 0.0); /* 1.020 */
    ck_assert(!is_curved(&table));
    table = bent(1000, 0.13); /* 0.7285 */
    ck_assert(!is_curved(&table));
    table = bent(1000, 0.135); /* 0.7138 */
    ck_assert(is_curved(&table));
    table = bent(100, 0.1); /* 0.642; all samples take part */
    ck_assert(is_curved(&table));
    table = bent(100, 0.0); /* 0.764 */
    ck_assert(!is_curved(&table));
}
END_TEST

START_TEST(nearly_equal_features_need_rough_regressions)
{
    struct weft_dataset table = twins(0.05); /* 0.270 */
    ck_assert(is_curved(&table));
    table = twins(0.1); /* 0.819 */
    ck_assert(!is_curved(&table));
}
END_TEST

/* The errors of all outputs count together. */
START_TEST(several_outputs)
{
    const struct weft_dataset line = bent(1000, 0.0);
    static float line_y[1000], both[2000];
    for (size_t i = 0; i < 1000; i++)
        line_y[i] = line.targets[i];
    struct weft_dataset table = bent(1000, 1.0);
    for (size_t i = 0; i < 1000; i++) {
        both[2 * i] = line_y[i];
        both[2 * i + 1] = table.targets[i];
    }
    table.classes = 2;
    table.targets = both;
    ck_assert(is_curved(&table));
}
END_TEST

START_TEST(other_data_are_never_curved)
{
    struct weft_dataset table = bent(5000, 1.0);
    ck_assert(is_curved(&table));
    table.height = 1; /* images */
    ck_assert(!is_curved(&table));
    table = bent(5001, 1.0);
    ck_assert(!is_curved(&table));
    table = bent(1000, 1.0);
    table.targets = NULL;
    ck_assert(!is_curved(&table));
}
END_TEST

/* Nothing to learn: a single sample, constant features, a constant target. */
START_TEST(degenerate_tables_are_not_curved)
{
    struct weft_dataset table = bent(1, 1.0);
    ck_assert(!is_curved(&table));
    table = bent(300, 1.0);
    for (size_t i = 0; i < 900; i++)
        table.x[i] = 7.0f;
    ck_assert(!is_curved(&table));
    table = bent(300, 1.0);
    for (size_t i = 0; i < 300; i++)
        table.targets[i] = -2.5f;
    ck_assert(!is_curved(&table));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("curvature");
    TCase *tests = tcase_create("curvature");
    tcase_add_test(tests, bends_count_from_a_share_on);
    tcase_add_test(tests, nearly_equal_features_need_rough_regressions);
    tcase_add_test(tests, several_outputs);
    tcase_add_test(tests, other_data_are_never_curved);
    tcase_add_test(tests, degenerate_tables_are_not_curved);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
