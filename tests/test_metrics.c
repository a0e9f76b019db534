/* Tests the metrics. The expected numbers come from scikit-learn 1.9 and SciPy 1.17, in double
 * precision from the same float32 probabilities, unless a test says otherwise. */
#include "api/evaluation.h"
#include "base/random.h"
#include "metrics/interval.h"
#include "metrics/score_table.h"
#include "suite.h"

enum { MOST_SAMPLES = 200, MOST_CLASSES = 7 };

/* Predictions and truth, filled by the functions below. */
static struct {
    float values[MOST_SAMPLES * MOST_CLASSES];
    float targets[MOST_SAMPLES * MOST_CLASSES];
    int32_t labels[MOST_SAMPLES], predicted[MOST_SAMPLES * MOST_CLASSES];
    struct outcomes outcomes;
} data;

static void data_begin(enum weft_task task, size_t samples, size_t classes)
{
    const bool classify = task == WEFT_TASK_CLASSIFY;
    data.outcomes =
        (struct outcomes){.task = task,
                          .samples = samples,
                          .classes = classes,
                          .values = data.values,
                          .predicted = task == WEFT_TASK_REGRESS ? NULL : data.predicted,
                          .labels = classify ? data.labels : NULL,
                          .targets = classify ? NULL : data.targets};
}

/* Predicts the most probable class, the first of several. */
static void predict(void)
{
    const size_t classes = data.outcomes.classes;
    for (size_t i = 0; i < data.outcomes.samples; i++) {
        data.predicted[i] = 0;
        for (size_t c = 1; c < classes; c++)
            if (data.values[i * classes + c] > data.values[i * classes + (size_t)data.predicted[i]])
                data.predicted[i] = (int32_t)c;
    }
}

/* 24 samples of 7 classes. Class 6 is never true and never predicted; there are many ties, and two
 * samples have equal probabilities. */
static void seven_classes(void)
{
    enum { SAMPLES = 24, CLASSES = 7 };
    data_begin(WEFT_TASK_CLASSIFY, SAMPLES, CLASSES);
    for (int i = 0; i < SAMPLES; i++) {
        const int like = i == 4 ? 3 : i; /* sample 4 looks like sample 3 */
        int row[CLASSES], sum = 0;
        data.labels[i] = (i * i + 2 * i + i / 5) % 6;
        for (int c = 0; c < CLASSES; c++) {
            row[c] = 1 + (5 * like * like + 3 * c * c + 7 * like * c + like * c % 4) % 9;
            row[c] += like % 3 != 0 && c == data.labels[like] ? 6 : 0;
            sum += row[c];
        }
        for (int c = 0; c < CLASSES; c++)
            data.values[i * CLASSES + c] = (float)((double)row[c] / (double)sum);
    }
    predict();
}

/* Two classes, with ties. */
static void two_classes(size_t samples)
{
    data_begin(WEFT_TASK_CLASSIFY, samples, 2);
    for (size_t i = 0; i < samples; i++) {
        const size_t label = (i * i + i / 3) % 2;
        const size_t part = (7 * i + (i % 2 == 0 ? 3 : 0)) % 16 + 4 * label;
        data.labels[i] = (int32_t)label;
        data.values[2 * i + 1] = (float)((double)part / 20.0);
        data.values[2 * i] = 1.0f - data.values[2 * i + 1];
    }
    predict();
}

/* Three labels, of which label 1 is never true. */
static void three_labels(void)
{
    enum { SAMPLES = 10, LABELS = 3 };
    data_begin(WEFT_TASK_MULTILABEL, SAMPLES, LABELS);
    for (int i = 0; i < SAMPLES; i++)
        for (int c = 0; c < LABELS; c++) {
            const int at = i * LABELS + c, there = c != 1 && (i * (c + 2) + c) % 3 == 0;
            const int part = (3 * i * i + 5 * c + 2 * i * c) % 8 + 3 * there;
            data.targets[at] = (float)there;
            data.values[at] = (float)(((double)part + 0.5) / 12.0);
            data.predicted[at] = data.values[at] > 0.5f;
        }
}

/* Two outputs, of which the second has a constant target. */
static void two_outputs(void)
{
    enum { SAMPLES = 9 };
    data_begin(WEFT_TASK_REGRESS, SAMPLES, 2);
    for (int i = 0; i < SAMPLES; i++) {
        data.targets[2 * i] = (float)((3 * i * i + 4 * i) % 13) / 4.0f;
        data.values[2 * i] = data.targets[2 * i] + (float)(i * 5 % 7 - 3) / 8.0f;
        data.targets[2 * i + 1] = 2.0f;
        data.values[2 * i + 1] = i == 4 ? 2.5f : 2.0f;
    }
}

static struct weft_evaluation *evaluate(const struct weft_evaluate_options *options)
{
    static const struct weft_evaluate_options plain = {.size = sizeof plain};
    struct weft_evaluation *evaluation;
    ck_ok(evaluation_make(&data.outcomes, options != NULL ? options : &plain, &evaluation));
    return evaluation;
}

/* Checks a number, or that it is NaN if `want` is. */
static void assert_number(const char *what, size_t index, double got, double want)
{
    if (isnan(want))
        ck_assert_msg(isnan(got), "%s %zu: got %.17g, want nan", what, index, got);
    else
        ck_assert_msg(fabs(got - want) <= 1e-14 * fmax(1.0, fabs(want)),
                      "%s %zu: got %.17g, want %.17g", what, index, got, want);
}

static void assert_metrics(const struct weft_evaluation *evaluation, const double *want)
{
    for (size_t m = 0; m < WEFT_METRICS; m++)
        assert_number(weft_metric_describe(m)->name, m, evaluation->metrics[m].value, want[m]);
}

#define NOT_REGRESSION                                                                             \
    [WEFT_METRIC_R2] = (double)NAN, [WEFT_METRIC_RMSE] = (double)NAN,                              \
    [WEFT_METRIC_MAE] = (double)NAN, [WEFT_METRIC_MEDIAN_ERROR] = (double)NAN

/* ---- classes ---- */

static const double seven_metrics[WEFT_METRICS] = {
    [WEFT_METRIC_ACCURACY] = 0.6666666666666666,
    [WEFT_METRIC_BALANCED_ACCURACY] = 0.7222222222222222,
    [WEFT_METRIC_TOP_5_ACCURACY] = 0.9583333333333334,
    [WEFT_METRIC_LOG_LOSS] = 1.7081558217130588,
    [WEFT_METRIC_BRIER] = 0.7663757600478337,
    [WEFT_METRIC_CALIBRATION_ERROR] = 0.4353661679973205,
    [WEFT_METRIC_ROC_AUC] = 0.7759767272448433,
    [WEFT_METRIC_AVERAGE_PRECISION] = 0.5105326330390269,
    [WEFT_METRIC_MACRO_F1] = 0.661111111111111,
    [WEFT_METRIC_WEIGHTED_F1] = 0.6791666666666667,
    [WEFT_METRIC_MATTHEWS] = 0.6103133543441968,
    NOT_REGRESSION};

START_TEST(several_classes)
{
    static const double auc[] = {0.6203703703703703, 0.8095238095238095, 0.725,
                                 0.8194444444444445, 0.7250000000000001, 0.9565217391304348,
                                 (double)NAN};
    static const double precisions[] = {0.5725490196078431, 0.3909090909090909, 0.5226449275362319,
                                        0.7307692307692307, 0.3463235294117647, 0.5,
                                        (double)NAN};
    static const double recall[] = {0.5, 2.0 / 3.0, 0.75, 2.0 / 3.0, 0.75, 1.0, (double)NAN};
    seven_classes();
    struct weft_evaluation *evaluation = evaluate(NULL);
    assert_metrics(evaluation, seven_metrics);
    ck_assert_double_eq(evaluation->accuracy, 16.0 / 24.0);
    for (size_t c = 0; c < 7; c++) {
        assert_number("AUC", c, evaluation->scores[c].roc_auc, auc[c]);
        assert_number("average precision", c, evaluation->scores[c].average_precision,
                      precisions[c]);
        assert_number("recall", c, evaluation->scores[c].recall, recall[c]);
    }
    ck_assert_uint_eq(evaluation->answered, 24);
    ck_assert_double_eq(evaluation->answer_accuracy.value, 16.0 / 24.0);
    ck_assert(isnan(evaluation->loss)); /* only the device knows it */
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* The bins of Guo et al., by NumPy. */
START_TEST(calibration_bins)
{
    static const struct weft_calibration_bin want[WEFT_CALIBRATION_BINS] = {
        [3] = {8, 0.224097715690732, 0.625},
        [4] = {9, 0.2938318649927775, 1.0},
        [5] = {5, 0.34568421840667723, 0.2},
        [6] = {2, 0.4211822748184204, 0.5}};
    seven_classes();
    struct weft_evaluation *evaluation = evaluate(NULL);
    for (size_t b = 0; b < WEFT_CALIBRATION_BINS; b++) {
        const bool empty = want[b].samples == 0;
        ck_assert_uint_eq(evaluation->bins[b].samples, want[b].samples);
        assert_number("confidence", b, evaluation->bins[b].confidence,
                      empty ? (double)NAN : want[b].confidence);
        assert_number("accuracy", b, evaluation->bins[b].accuracy,
                      empty ? (double)NAN : want[b].accuracy);
    }
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* Probabilities at the edges of the bins belong to the lower bin; 0 belongs to bin 0. */
START_TEST(edges_of_bins)
{
    struct weft_calibration_bin bins[WEFT_CALIBRATION_BINS];
    static const float edges[] = {0.0f, 1.0f, 0.2f, 0.6f, 0.0666f, 0.0667f};
    static const size_t bin[] = {0, 14, 3, 9, 0, 1}; /* 0.2f is above 3/15, 0.6f above 9/15 */
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        data_begin(WEFT_TASK_CLASSIFY, 1, 2);
        data.values[0] = edges[i];
        data.predicted[0] = 0;
        calibration_fill(&data.outcomes, bins);
        ck_assert_msg(bins[bin[i]].samples == 1, "%g is not in bin %zu", (double)edges[i], bin[i]);
    }
}
END_TEST

START_TEST(classes_of_two)
{
    const double want[WEFT_METRICS] = {[WEFT_METRIC_ACCURACY] = 0.65,
                                       [WEFT_METRIC_BALANCED_ACCURACY] = 0.6318681318681318,
                                       [WEFT_METRIC_TOP_5_ACCURACY] = (double)NAN,
                                       [WEFT_METRIC_LOG_LOSS] = 0.5674528563664563,
                                       [WEFT_METRIC_BRIER] = 0.20049999811314057,
                                       [WEFT_METRIC_CALIBRATION_ERROR] = 0.11499999463558197,
                                       [WEFT_METRIC_ROC_AUC] = 0.7307692307692308,
                                       [WEFT_METRIC_AVERAGE_PRECISION] = 0.5808150183150182,
                                       [WEFT_METRIC_MACRO_F1] = 0.6266666666666667,
                                       [WEFT_METRIC_WEIGHTED_F1] = 0.6546666666666667,
                                       [WEFT_METRIC_MATTHEWS] = 0.25677629550654774,
                                       NOT_REGRESSION};
    two_classes(20);
    struct weft_evaluation *evaluation = evaluate(NULL);
    assert_metrics(evaluation, want);
    assert_number("average precision", 0, evaluation->scores[0].average_precision,
                  0.8365035892899669);
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* All samples tie: the AUC is 1/2, the average precision the share of the class, by definition. */
START_TEST(constant_predictions)
{
    data_begin(WEFT_TASK_CLASSIFY, 8, 2);
    for (size_t i = 0; i < 8; i++) {
        data.values[2 * i] = 0.25f;
        data.values[2 * i + 1] = 0.75f;
        data.labels[i] = i < 2;
    }
    predict();
    struct weft_evaluation *evaluation = evaluate(NULL);
    const struct weft_estimate *metrics = evaluation->metrics;
    ck_assert_double_eq(metrics[WEFT_METRIC_ROC_AUC].value, 0.5);
    ck_assert_double_eq(metrics[WEFT_METRIC_AVERAGE_PRECISION].value, 0.25);
    ck_assert_double_eq(metrics[WEFT_METRIC_CALIBRATION_ERROR].value, 0.5);
    ck_assert_double_eq(metrics[WEFT_METRIC_BALANCED_ACCURACY].value, 0.5);
    ck_assert(isnan(metrics[WEFT_METRIC_MATTHEWS].value));
    weft_evaluation_destroy(evaluation);
}
END_TEST

START_TEST(perfect_predictions)
{
    data_begin(WEFT_TASK_CLASSIFY, 6, 3);
    memset(data.values, 0, sizeof data.values);
    for (size_t i = 0; i < 6; i++) {
        data.labels[i] = (int32_t)(i % 3);
        data.values[3 * i + i % 3] = 1.0f;
    }
    predict();
    const double want[WEFT_METRICS] = {[WEFT_METRIC_ACCURACY] = 1.0,
                                       [WEFT_METRIC_BALANCED_ACCURACY] = 1.0,
                                       [WEFT_METRIC_TOP_5_ACCURACY] = (double)NAN,
                                       [WEFT_METRIC_ROC_AUC] = 1.0,
                                       [WEFT_METRIC_AVERAGE_PRECISION] = 1.0,
                                       [WEFT_METRIC_MACRO_F1] = 1.0,
                                       [WEFT_METRIC_WEIGHTED_F1] = 1.0,
                                       [WEFT_METRIC_MATTHEWS] = 1.0,
                                       NOT_REGRESSION}; /* the losses are 0 */
    struct weft_evaluation *evaluation = evaluate(NULL);
    assert_metrics(evaluation, want);
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* A single sample has no other to be ranked against. The wrong class has a probability of 0, whose
 * logarithm is cut at FLT_MIN. */
START_TEST(one_sample)
{
    data_begin(WEFT_TASK_CLASSIFY, 1, 2);
    data.values[0] = 1.0f;
    data.values[1] = 0.0f;
    data.labels[0] = 1;
    predict();
    const double want[WEFT_METRICS] = {[WEFT_METRIC_TOP_5_ACCURACY] = (double)NAN,
                                       [WEFT_METRIC_LOG_LOSS] = 87.33654475055310898657124730373,
                                       [WEFT_METRIC_BRIER] = 1.0,
                                       [WEFT_METRIC_CALIBRATION_ERROR] = 1.0,
                                       [WEFT_METRIC_ROC_AUC] = (double)NAN,
                                       [WEFT_METRIC_AVERAGE_PRECISION] = 1.0,
                                       [WEFT_METRIC_MATTHEWS] = (double)NAN,
                                       NOT_REGRESSION}; /* the others are 0 */
    struct weft_evaluation *evaluation = evaluate(NULL);
    assert_metrics(evaluation, want);
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* A head with a sigmoid for each class: log loss and Brier score divide by the sum. */
START_TEST(probabilities_that_do_not_sum_to_one)
{
    data_begin(WEFT_TASK_CLASSIFY, 2, 3);
    const float values[] = {0.5f, 0.25f, 0.25f, 0.0f, 0.0f, 0.0f};
    memcpy(data.values, values, sizeof values);
    data.values[0] = data.values[1] = data.values[2] = 0.75f; /* a third each */
    data.labels[0] = data.labels[1] = 1;
    predict();
    struct weft_evaluation *evaluation = evaluate(NULL);
    assert_number("log loss", 0, evaluation->metrics[WEFT_METRIC_LOG_LOSS].value, log(3.0));
    assert_number("Brier", 0, evaluation->metrics[WEFT_METRIC_BRIER].value, 6.0 / 9.0);
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* Three samples of a class that the model does not know. In scikit-learn they have a label and a
 * prediction of their own; the label is among the labels of f1_score. */
START_TEST(unknown_classes_count_as_wrong)
{
    seven_classes();
    data.outcomes.unknown = 3;
    struct weft_evaluation *evaluation = evaluate(NULL);
    const struct weft_estimate *metrics = evaluation->metrics;
    ck_assert_uint_eq(evaluation->samples, 27);
    ck_assert_uint_eq(evaluation->unknown, 3);
    assert_number("accuracy", 0, metrics[WEFT_METRIC_ACCURACY].value, 0.5925925925925926);
    assert_number("balanced", 0, metrics[WEFT_METRIC_BALANCED_ACCURACY].value, 0.619047619047619);
    assert_number("macro F1", 0, metrics[WEFT_METRIC_WEIGHTED_F1].value, 0.6037037037037037);
    assert_number("top 5", 0, metrics[WEFT_METRIC_TOP_5_ACCURACY].value, 23.0 / 27.0);
    /* f1_score over six classes and the unknown one; class 6 is nowhere and does not count */
    assert_number("macro F1", 0, metrics[WEFT_METRIC_MACRO_F1].value, 0.49583333333333335 * 8 / 7);
    for (size_t m = WEFT_METRIC_LOG_LOSS; m <= WEFT_METRIC_AVERAGE_PRECISION; m++)
        assert_number("score of probabilities", m, metrics[m].value, seven_metrics[m]);
    ck_assert_double_eq(evaluation->answer_accuracy.value, 16.0 / 27.0);
    weft_evaluation_destroy(evaluation);
}
END_TEST

/* ---- labels and numbers ---- */

START_TEST(several_labels)
{
    static const double auc[] = {0.8958333333333334, (double)NAN, 0.7142857142857143};
    static const double precision[] = {0.875, (double)NAN, 0.5111111111111111};
    const double want[WEFT_METRICS] = {[WEFT_METRIC_ACCURACY] = 0.3,
                                       [WEFT_METRIC_BALANCED_ACCURACY] = (double)NAN,
                                       [WEFT_METRIC_TOP_5_ACCURACY] = (double)NAN,
                                       [WEFT_METRIC_LOG_LOSS] = 0.5004880932840517,
                                       [WEFT_METRIC_BRIER] = 0.16747685421810118,
                                       [WEFT_METRIC_CALIBRATION_ERROR] = (double)NAN,
                                       [WEFT_METRIC_ROC_AUC] = 0.8050595238095238,
                                       [WEFT_METRIC_AVERAGE_PRECISION] = 0.6930555555555555,
                                       [WEFT_METRIC_MACRO_F1] = 0.2857142857142857,
                                       [WEFT_METRIC_WEIGHTED_F1] = 0.4897959183673469,
                                       [WEFT_METRIC_MATTHEWS] = (double)NAN,
                                       NOT_REGRESSION};
    three_labels();
    struct weft_evaluation *evaluation = evaluate(NULL);
    assert_metrics(evaluation, want);
    for (size_t c = 0; c < 3; c++) {
        assert_number("AUC", c, evaluation->scores[c].roc_auc, auc[c]);
        assert_number("average precision", c, evaluation->scores[c].average_precision,
                      precision[c]);
    }
    ck_assert_ptr_null(evaluation->bins);
    ck_assert_ptr_null(evaluation->confusion);
    weft_evaluation_destroy(evaluation);
}
END_TEST

START_TEST(numbers)
{
    static const struct weft_output_score want[] = {
        {0.9147412199630314, 0.2667968432263687, 0.2361111111111111, 0.25},
        {0.0, 0.16666666666666666, 0.05555555555555555, 0.0}};
    static const double means[] = {0.4573706099815157, 0.2167317549465177, 0.14583333333333331,
                                   0.125};
    two_outputs();
    struct weft_evaluation *evaluation = evaluate(NULL);
    for (size_t c = 0; c < 2; c++) {
        assert_number("R^2", c, evaluation->outputs[c].r2, want[c].r2);
        assert_number("RMSE", c, evaluation->outputs[c].rmse, want[c].rmse);
        assert_number("MAE", c, evaluation->outputs[c].mae, want[c].mae);
        assert_number("median", c, evaluation->outputs[c].median_error, want[c].median_error);
    }
    for (size_t m = 0; m < WEFT_METRICS; m++)
        assert_number(weft_metric_describe(m)->name, m, evaluation->metrics[m].value,
                      m < WEFT_METRIC_R2 ? (double)NAN : means[m - WEFT_METRIC_R2]);
    ck_assert_ptr_null(evaluation->scores);
    weft_evaluation_destroy(evaluation);
}
END_TEST

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
    const struct random_stream stream = {seed, RANDOM_BOOTSTRAP, r};
    static float values[MOST_SAMPLES * MOST_CLASSES];
    int32_t labels[MOST_SAMPLES], predicted[MOST_SAMPLES];
    for (size_t i = 0; i < samples; i++) {
        const size_t from = (size_t)(((uint64_t)random_bits(stream, i) * samples) >> 32);
        memcpy(values + i * classes, data.values + from * classes, classes * sizeof *values);
        labels[i] = data.labels[from];
        predicted[i] = data.predicted[from];
    }
    const struct outcomes whole = data.outcomes;
    data.outcomes.values = values;
    data.outcomes.labels = labels;
    data.outcomes.predicted = predicted;
    compute((struct sample_counts){.each = NULL}, metrics);
    data.outcomes = whole;
}

/* Intervals are the percentiles of metrics of samples that were really drawn. */
START_TEST(a_resample_is_a_set_of_samples)
{
    enum { RESAMPLES = 100 };
    static double each[RESAMPLES][WEFT_METRICS], column[RESAMPLES];
    const struct weft_evaluate_options options = {
        .size = sizeof options, .bootstrap = RESAMPLES, .seed = 7};
    seven_classes();
    for (uint32_t r = 0; r < RESAMPLES; r++)
        gather_resample(r, 7, each[r]);
    struct weft_evaluation *evaluation = evaluate(&options);
    for (size_t m = 0; m < WEFT_METRIC_R2; m++) {
        struct weft_estimate want;
        for (size_t r = 0; r < RESAMPLES; r++)
            column[r] = each[r][m];
        interval_percentile(column, RESAMPLES, &want);
        if (weft_metric_describe(m)->fraction)
            want = weft_fraction_interval(evaluation->metrics[m].value, 24);
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

START_TEST(metrics_are_described)
{
    for (size_t m = 0; m < WEFT_METRICS; m++) {
        ck_assert_ptr_nonnull(weft_metric_describe(m)->name);
        ck_assert_ptr_nonnull(weft_metric_describe(m)->title);
    }
    ck_assert_ptr_null(weft_metric_describe(WEFT_METRICS));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tests = tcase_create("metrics");
    tcase_add_test(tests, several_classes);
    tcase_add_test(tests, calibration_bins);
    tcase_add_test(tests, edges_of_bins);
    tcase_add_test(tests, classes_of_two);
    tcase_add_test(tests, constant_predictions);
    tcase_add_test(tests, perfect_predictions);
    tcase_add_test(tests, one_sample);
    tcase_add_test(tests, probabilities_that_do_not_sum_to_one);
    tcase_add_test(tests, unknown_classes_count_as_wrong);
    tcase_add_test(tests, several_labels);
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, samples_that_count_several_times);
    tcase_add_test(tests, numbers_that_count_several_times);
    tcase_add_test(tests, intervals_of_fractions);
    tcase_add_test(tests, percentiles);
    tcase_add_test(tests, a_resample_is_a_set_of_samples);
    tcase_add_test(tests, intervals_of_many_resamples);
    tcase_add_test(tests, only_sure_predictions_are_answers);
    tcase_add_test(tests, nothing_is_sure);
    tcase_add_loop_test(tests, groups_score_alone, 0, 3);
    tcase_add_loop_test(tests, an_empty_group_has_no_scores, 0, 3);
    tcase_add_test(tests, groups_beyond_the_last_are_refused);
    tcase_add_test(tests, metrics_are_described);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
