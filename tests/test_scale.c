/* Tests standardization statistics against numpy.mean and numpy.std in float64. */
#include <float.h>
#include <string.h>

#include "data/scale.h"
#include "suite.h"

static struct scale fit(size_t samples, size_t features, const float *x)
{
    struct weft_dataset *dataset;
    struct scale scale;
    ck_ok(weft_dataset_create(samples, features, 0, x, NULL, &dataset));
    ck_ok(scale_fit(dataset, WEFT_SCALE_STANDARD, &scale));
    ck_assert_uint_eq(scale.features, features);
    weft_dataset_destroy(dataset);
    return scale;
}

/* Within one unit of the last place of a float. */
static void check_float(float got, double expected)
{
    ck_assert_double_eq_tol((double)got, expected, fabs(expected) * (double)FLT_EPSILON);
}

START_TEST(statistics_as_numpy)
{
    /* the last column is where a one-pass sum of squares in float32 fails */
    static const float x[5][3] = {{1.5f, 0.1f, 1e6f},
                                  {2.25f, 0.1f, 1000001},
                                  {-3.0f, 0.1f, 1000003},
                                  {0.5f, 0.1f, 999998},
                                  {7.75f, 0.1f, 1000004}};
    struct scale scale = fit(5, 3, &x[0][0]);
    check_float(scale.mean[0], 1.8);
    check_float(scale.std[0], 3.4763486591537394);
    check_float(scale.mean[2], 1000001.2);
    check_float(scale.std[2], 2.1354156504062622);
    scale_reset(&scale);
    ck_assert_ptr_null(scale.mean);
    ck_assert_ptr_null(scale.std);
    ck_assert_uint_eq(scale.features, 0);
}
END_TEST

START_TEST(constant_features_get_factor_one)
{
    enum { N = 1000 };
    float x[N][4];
    for (size_t i = 0; i < N; i++) {
        x[i][0] = 0.1f; /* a thousand of these do not sum to 100 */
        x[i][1] = -255.0f;
        x[i][2] = 0.0f;
        x[i][3] = i % 2 == 0 ? 0.0f : 1e-42f; /* what devices read as constant */
    }
    struct scale scale = fit(N, 4, &x[0][0]);
    for (size_t j = 0; j < 4; j++)
        ck_assert(scale.std[j] == 1.0f);
    ck_assert(scale.mean[0] == 0.1f);
    ck_assert(scale.mean[1] == -255.0f);
    ck_assert(scale.mean[2] == 0.0f);
    scale_reset(&scale);
}
END_TEST

/* The smallest that a device tells from 0 is a standard deviation like any other. */
START_TEST(smallest_normal_deviation)
{
    static const float x[2] = {-FLT_MIN, FLT_MIN};
    struct scale scale = fit(2, 1, x);
    ck_assert(scale.mean[0] == 0.0f && scale.std[0] == FLT_MIN);
    scale_reset(&scale);
}
END_TEST

START_TEST(one_sample)
{
    static const float x[2] = {3.0f, -7.5f};
    struct scale scale = fit(1, 2, x);
    ck_assert(scale.mean[0] == 3.0f && scale.mean[1] == -7.5f);
    ck_assert(scale.std[0] == 1.0f && scale.std[1] == 1.0f);
    scale_reset(&scale);
}
END_TEST

START_TEST(identity_scale)
{
    struct scale scale;
    ck_ok(scale_init(&scale, 3));
    for (size_t j = 0; j < 3; j++)
        ck_assert(scale.mean[j] == 0.0f && scale.std[j] == 1.0f);
    scale_reset(&scale);
}
END_TEST

/* Pixels of the Fashion-MNIST training images: a corner that is nearly always 0, and the middle. */
START_TEST(statistics_of_fashion_mnist)
{
    static const struct {
        size_t pixel;
        double mean, std;
    } rows[] = {{0, 0.0008, 0.09255283175929792},
                {1, 0.005783333333333333, 0.24903122907716066},
                {12, 52.0926, 68.64509202100794},
                {406, 139.1602, 78.94867617189394},
                {783, 0.07088333333333334, 2.075811219671603}};
    struct weft_dataset *train;
    struct scale scale;
    ck_ok(weft_dataset_open("fashion-mnist", &train, NULL));
    ck_ok(scale_fit(train, WEFT_SCALE_STANDARD, &scale));
    ck_assert_uint_eq(scale.features, 784);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_float(scale.mean[rows[i].pixel], rows[i].mean);
        check_float(scale.std[rows[i].pixel], rows[i].std);
    }
    scale_reset(&scale);
    weft_dataset_destroy(train);
}
END_TEST

/* 1 5 2 / 3 9 4 has mean 4 and variance 40 / 6, whatever feature a number is of. */
START_TEST(one_scale_for_all_features)
{
    const float x[] = {1.0f, 5.0f, 2.0f, 3.0f, 9.0f, 4.0f};
    struct weft_dataset *dataset;
    struct scale scale;
    ck_ok(weft_dataset_create(2, 3, 0, x, NULL, &dataset));
    ck_ok(scale_fit(dataset, WEFT_SCALE_GLOBAL, &scale));
    for (size_t f = 0; f < 3; f++) {
        ck_assert_double_eq((double)scale.mean[f], 4.0);
        ck_assert_double_eq_tol((double)scale.std[f], sqrt(40.0 / 6.0), 1e-6);
    }
    scale_reset(&scale);
    weft_dataset_destroy(dataset);
}
END_TEST

/* Files say which scale it was. */
START_TEST(a_scale_knows_its_kind)
{
    const float x[] = {1.0f, 5.0f, 2.0f, 3.0f, 9.0f, 4.0f};
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_create(2, 3, 0, x, NULL, &dataset));
    for (int global = 0; global < 2; global++) {
        struct scale scale;
        ck_ok(scale_fit(dataset, global ? WEFT_SCALE_GLOBAL : WEFT_SCALE_STANDARD, &scale));
        ck_assert(scale.global == (bool)global);
        scale_reset(&scale);
    }
    weft_dataset_destroy(dataset);
}
END_TEST

/* The first data set is like most others. In the second one, 3.4e38 - (-3.4e38) overflows. The
 * third does not overflow, but is too close to it for the statistics to tell. */
START_TEST(statistics_tell_what_is_safe)
{
    static const float x[][4] = {
        {1.0f, 5.0f, 1e30f, 3.0f}, {3.4e38f, 0.0f, -3.4e38f, 1.0f}, {3e38f, 0.0f, 0.0f, 1.0f}};
    for (size_t i = 0; i < 3; i++)
        for (int global = 0; global < 2; global++) {
            const enum weft_scale kind = global ? WEFT_SCALE_GLOBAL : WEFT_SCALE_STANDARD;
            struct weft_dataset *dataset;
            struct scale scale;
            ck_ok(weft_dataset_create(2, 2, 0, x[i], NULL, &dataset));
            ck_ok(scale_fit(dataset, kind, &scale));
            ck_assert_msg(scale.safe == (i == 0), "data set %zu, global %d", i, global);
            if (i != 1)
                ck_ok(scale_holds(&scale, "x", x[i], 2, 0));
            scale_reset(&scale);
            weft_dataset_destroy(dataset);
        }
}
END_TEST

/* FLT_MAX / 0.5 is none; what is held up to there is held. A scale of nothing holds all. */
START_TEST(what_overflows_once_standardized)
{
    const float x[] = {0.0f, 3e38f, 1.0f, -1.7e38f, 0.0f, -3e38f};
    const struct scale none = {.features = 0};
    struct scale scale;
    ck_ok(scale_init(&scale, 2));
    ck_ok(scale_holds(&scale, "x", x, 3, 0));
    ck_ok(scale_holds(&none, "x", x, 3, 0));
    scale.std[1] = 0.5f;
    ck_ok(scale_holds(&scale, "x", x + 2, 1, 0));
    ck_fails(scale_holds(&scale, "x", x, 3, 0), WEFT_ERROR_DATA,
             "x: sample 0, feature 1: got 3e+38");
    ck_fails(scale_holds(&scale, "x", x + 2, 2, 7), WEFT_ERROR_DATA,
             "x: sample 8, feature 1: got -3e+38, which overflows");
    scale.std[1] = 1.0f;
    scale.mean[1] = 1e38f;
    ck_fails(scale_holds(&scale, "x", x, 3, 0), WEFT_ERROR_DATA, "sample 2, feature 1: got -3e+38");
    scale_reset(&scale);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scale");
    TCase *tests = tcase_create("scale");
    tcase_add_test(tests, statistics_as_numpy);
    tcase_add_test(tests, constant_features_get_factor_one);
    tcase_add_test(tests, smallest_normal_deviation);
    tcase_add_test(tests, one_sample);
    tcase_add_test(tests, identity_scale);
    tcase_add_test(tests, one_scale_for_all_features);
    tcase_add_test(tests, a_scale_knows_its_kind);
    tcase_add_test(tests, statistics_tell_what_is_safe);
    tcase_add_test(tests, what_overflows_once_standardized);
    tcase_add_test(tests, statistics_of_fashion_mnist);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
