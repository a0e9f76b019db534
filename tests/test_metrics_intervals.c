/* Tests what builds on the metrics: samples that count several times, intervals, answers and
 * groups. The expected numbers come from scikit-learn 1.9, SciPy 1.17 and NumPy. */
#include "base/random.h"
#include "metrics/interval.h"
#include "metrics/score_table.h"
#include "metrics_data.h"

/* ---- counts ---- */

static void compute(struct sample_counts times, double *metrics)
{
    struct score_table table;
    struct class_counts counts;
    struct scores scores = {.classes = NULL};
    ck_ok(score_table_init(&table, &data.outcomes, true));
    ck_ok(class_counts_init(&counts, data.outcomes.classes));
    scores_compute(&table, times, &counts, &scores);
    memcpy(metrics, scores.metrics, sizeof scores.metrics);
    class_counts_reset(&counts);
    score_table_reset(&table);
}

/* Sample i counts i mod 4 times; scikit-learn's sample_weight. */
START_TEST(samples_that_count_several_times)
{
    const double want[WEFT_METRICS] = {[WEFT_METRIC_ACCURACY] = 0.6944444444444444,
                                       [WEFT_METRIC_BALANCED_ACCURACY] = 0.7595899470899471,
                                       [WEFT_METRIC_TOP_5_ACCURACY] = 1.0,
                                       [WEFT_METRIC_LOG_LOSS] = 1.5867945211206171,
                                       [WEFT_METRIC_BRIER] = 0.7304242768471946,
                                       [WEFT_METRIC_CALIBRATION_ERROR] = (double)NAN,
                                       [WEFT_METRIC_ROC_AUC] = 0.8157410179828349,
                                       [WEFT_METRIC_AVERAGE_PRECISION] = 0.5317187088510619,
                                       [WEFT_METRIC_MACRO_F1] = 0.6668979168979169,
                                       [WEFT_METRIC_WEIGHTED_F1] = 0.6923061506394839,
                                       [WEFT_METRIC_MATTHEWS] = 0.6467760454758154,
                                       NOT_REGRESSION};
    double got[WEFT_METRICS];
    uint32_t times[24];
    for (uint32_t i = 0; i < 24; i++)
        times[i] = i % 4;
    seven_classes();
    compute((struct sample_counts){.each = times}, got);
    for (size_t m = 0; m < WEFT_METRICS; m++)
        assert_number(weft_metric_describe(m)->name, m, got[m], want[m]);
}
END_TEST

/* Sample i counts i mod 3 times; scikit-learn on the repeated samples. */
START_TEST(numbers_that_count_several_times)
{
    static const double want[] = {0.4383561643835617, 0.20118446353109126, 0.125, 0.125};
    double got[WEFT_METRICS];
    uint32_t times[9];
    for (uint32_t i = 0; i < 9; i++)
        times[i] = i % 3;
    two_outputs();
    compute((struct sample_counts){.each = times}, got);
    for (size_t m = WEFT_METRIC_R2; m < WEFT_METRICS; m++)
        assert_number(weft_metric_describe(m)->name, m, got[m], want[m - WEFT_METRIC_R2]);
}
END_TEST

/* ---- intervals ---- */

/* scipy.stats.binomtest(k, n).proportion_ci(method="wilson") */
START_TEST(intervals_of_fractions)
{
    static const struct {
        size_t correct, samples;
        double low, high;
    } rows[] = {{0, 10, 0.0, 0.27753279986288926},
                {10, 10, 0.7224672001371109, 1.0},
                {1, 1, 0.20654931437723745, 1.0},
                {9060, 10000, 0.9001233324563265, 0.9115648608666842},
                {3, 7, 0.1582198552514697, 0.7495416354723428},
                {1, 1000, 0.00017654637062607809, 0.0056425585979579355}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct weft_estimate got = weft_fraction_interval(
            (double)rows[i].correct / (double)rows[i].samples, rows[i].samples);
        assert_number("low", i, got.low, rows[i].low);
        assert_number("high", i, got.high, rows[i].high);
    }
    ck_assert(isnan(weft_fraction_interval((double)NAN, 3).low));
    ck_assert(isnan(weft_fraction_interval(0.5, 0).high));
}
END_TEST

/* numpy.percentile, with a NaN in between */
START_TEST(percentiles)
{
    double values[] = {3, 1, 4, 1, 5, (double)NAN, 9, 2, 6, 5}, none[] = {(double)NAN};
    struct weft_estimate estimate = {0.0, 0.0, 0.0};
    interval_percentile(values, 10, &estimate);
    assert_number("low", 0, estimate.low, 1.0);
    assert_number("high", 0, estimate.high, 8.4);
    interval_percentile(none, 1, &estimate);
    ck_assert(isnan(estimate.low) && isnan(estimate.high));
}
END_TEST

/* The metrics of resample `r`, whose samples are gathered one by one. */
static void gather_resample(uint32_t r, uint64_t seed, double *metrics)
{
    const size_t samples = data.outcomes.samples, classes = data.outcomes.classes;
    const size_t all = samples + data.outcomes.unknown;
    const struct random_stream stream = {seed, RANDOM_BOOTSTRAP, r};
    static float values[MOST_SAMPLES * MOST_CLASSES];
    int32_t labels[MOST_SAMPLES], predicted[MOST_SAMPLES];
    size_t drawn = 0;
    for (size_t i = 0; i < all; i++) {
        const size_t from = (size_t)(((uint64_t)random_bits(stream, i) * all) >> 32);
        if (from >= samples)
            continue;
        memcpy(values + drawn * classes, data.values + from * classes, classes * sizeof *values);
        labels[drawn] = data.labels[from];
        predicted[drawn++] = data.predicted[from];
    }
    const struct outcomes whole = data.outcomes;
    data.outcomes.samples = drawn;
    data.outcomes.values = values;
    data.outcomes.labels = labels;
    data.outcomes.predicted = predicted;
    compute((struct sample_counts){.unknown = (double)(all - drawn)}, metrics);
    data.outcomes = whole;
}

static void many_samples(void)
{
    two_classes(290);
}

/* Intervals are the percentiles of metrics of samples that were really drawn. Every second time,
 * some samples are of unknown classes. */
START_TEST(a_resample_is_a_set_of_samples)
{
    enum { RESAMPLES = 100 };
    static double each[RESAMPLES][WEFT_METRICS], column[RESAMPLES];
    const struct weft_evaluate_options options = {
        .size = sizeof options, .bootstrap = RESAMPLES, .seed = 7};
    static void (*const make[])(void) = {seven_classes, many_samples};
    make[_i / 2]();
    data.outcomes.unknown = _i % 2 == 0 ? 0 : 5;
    for (uint32_t r = 0; r < RESAMPLES; r++)
        gather_resample(r, 7, each[r]);
    struct weft_evaluation *evaluation = evaluate(&options);
    for (size_t m = 0; m < WEFT_METRIC_R2; m++) {
        struct weft_estimate want;
        for (size_t r = 0; r < RESAMPLES; r++)
            column[r] = each[r][m];
        interval_percentile(column, RESAMPLES, &want);
        if (weft_metric_describe(m)->fraction)
            want = weft_fraction_interval(evaluation->metrics[m].value, evaluation->samples);
        assert_number("low", m, evaluation->metrics[m].low, want.low);
        assert_number("high", m, evaluation->metrics[m].high, want.high);
    }
    ck_assert(isnan(evaluation->metrics[WEFT_METRIC_RMSE].low));
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* The percentiles of 20000 resamples by NumPy's generator. Those of other random numbers differ
 * from them by about 0.001. */
START_TEST(intervals_of_many_resamples)
{
    const struct weft_evaluate_options options = {.size = sizeof options, .bootstrap = 20000};
    two_classes(200);
    struct weft_evaluation *evaluation = evaluate(&options);
    const struct weft_estimate auc = evaluation->metrics[WEFT_METRIC_ROC_AUC],
                               brier = evaluation->metrics[WEFT_METRIC_BRIER];
    assert_number("AUC", 0, auc.value, 0.7223095051060486);
    ck_assert_double_eq_tol(auc.low, 0.6482474, 0.002);
    ck_assert_double_eq_tol(auc.high, 0.79246325, 0.002);
    ck_assert_double_eq_tol(brier.value, 0.21049999817647055, 1e-9); /* of p_1 alone */
    ck_assert_double_eq_tol(brier.low, 0.1845, 0.001);
    ck_assert_double_eq_tol(brier.high, 0.2371, 0.001);
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* ---- decisions and groups ---- */

START_TEST(only_sure_predictions_are_answers)
{
    const struct weft_evaluate_options options = {.size = sizeof options, .reject = 0.7};
    two_classes(20);
    struct weft_evaluation *evaluation = evaluate(&options);
    ck_assert_uint_eq(evaluation->answered, 10);
    ck_assert_double_eq(evaluation->answer_accuracy.value, 0.8);
    ck_assert_double_eq(evaluation->accuracy, 0.65); /* of all samples, as before */
    weft_evaluation_destroy(evaluation);
}
END_TEST

START_TEST(nothing_is_sure)
{
    const struct weft_evaluate_options options = {.size = sizeof options, .reject = 0.99};
    seven_classes();
    struct weft_evaluation *evaluation = evaluate(&options);
    ck_assert_uint_eq(evaluation->answered, 0);
    ck_assert(isnan(evaluation->answer_accuracy.value));
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* A group scores as if its samples were alone. */
static void assert_group(const struct weft_evaluation *group, int32_t wanted, const int32_t *groups)
{
    const size_t classes = data.outcomes.classes;
    const size_t answers = data.outcomes.task == WEFT_TASK_MULTILABEL ? classes : 1;
    size_t count = 0;
    for (size_t i = 0; i < data.outcomes.samples; i++) {
        if (groups[i] != wanted)
            continue;
        memmove(data.values + count * classes, data.values + i * classes, classes * sizeof(float));
        memmove(data.targets + count * classes, data.targets + i * classes,
                classes * sizeof(float));
        memmove(data.predicted + count * answers, data.predicted + i * answers,
                answers * sizeof(int32_t));
        data.labels[count++] = data.labels[i];
    }
    data.outcomes.samples = count;
    struct weft_evaluation *alone = evaluate(NULL);
    ck_assert_uint_eq(group->samples, count);
    for (size_t m = 0; m < WEFT_METRICS; m++)
        assert_number(weft_metric_describe(m)->name, m, group->metrics[m].value,
                      alone->metrics[m].value);
    weft_evaluation_destroy(alone);
}

START_TEST(groups_score_alone)
{
    static void (*const make[])(void) = {seven_classes, three_labels, two_outputs};
    enum { GROUPS = 3 };
    int32_t groups[24];
    for (int i = 0; i < 24; i++)
        groups[i] = i % 5 == 4 ? -1 : i % 5 % GROUPS;
    const struct weft_evaluate_options options = {
        .size = sizeof options, .groups = groups, .group_count = GROUPS};
    make[_i]();
    data.outcomes.unknown = 3; /* they belong to no group */
    struct weft_evaluation *evaluation = evaluate(&options);
    ck_assert_uint_eq(evaluation->group_count, GROUPS);
    for (int32_t g = 0; g < GROUPS; g++) {
        make[_i]();
        assert_group(evaluation->groups[g], g, groups);
    }
    weft_evaluation_destroy(evaluation);
}
END_TEST

START_TEST(an_empty_group_has_no_scores)
{
    static void (*const make[])(void) = {seven_classes, three_labels, two_outputs};
    const int32_t groups[24] = {0};
    const struct weft_evaluate_options options = {
        .size = sizeof options, .groups = groups, .group_count = 2, .bootstrap = 100};
    make[_i]();
    struct weft_evaluation *evaluation = evaluate(&options);
    const struct weft_evaluation *empty = evaluation->groups[1];
    ck_assert_uint_eq(empty->samples, 0);
    for (size_t m = 0; m < WEFT_METRICS; m++)
        ck_assert_msg(isnan(empty->metrics[m].value) && isnan(empty->metrics[m].low), "%s",
                      weft_metric_describe(m)->name);
    weft_evaluation_destroy(evaluation);
}
END_TEST

START_TEST(groups_beyond_the_last_are_refused)
{
    const int32_t groups[24] = {0, 1, 2};
    const struct weft_evaluate_options options = {
        .size = sizeof options, .groups = groups, .group_count = 2};
    struct weft_evaluation *evaluation;
    seven_classes();
    ck_fails(evaluation_make(&data.outcomes, &options, &evaluation), WEFT_ERROR_USAGE,
             "groups: sample 2: got 2, need less than 2");
    ck_assert_ptr_null(evaluation);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics_intervals");
    TCase *tests = tcase_create("metrics_intervals");
    tcase_add_test(tests, samples_that_count_several_times);
    tcase_add_test(tests, numbers_that_count_several_times);
    tcase_add_test(tests, intervals_of_fractions);
    tcase_add_test(tests, percentiles);
    tcase_add_loop_test(tests, a_resample_is_a_set_of_samples, 0, 4);
    tcase_add_test(tests, intervals_of_many_resamples);
    tcase_add_test(tests, only_sure_predictions_are_answers);
    tcase_add_test(tests, nothing_is_sure);
    tcase_add_loop_test(tests, groups_score_alone, 0, 3);
    tcase_add_loop_test(tests, an_empty_group_has_no_scores, 0, 3);
    tcase_add_test(tests, groups_beyond_the_last_are_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
