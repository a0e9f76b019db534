/* Tests the metrics. The expected numbers come from scikit-learn 1.9, in double precision from the
 * same float32 probabilities, unless a test says otherwise. */
#include "metrics/probability_scores.h"
#include "metrics_data.h"

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

/* Of equally probable classes, the first five are among the five most probable. */
START_TEST(ties_among_the_most_probable)
{
    data_begin(WEFT_TASK_CLASSIFY, 1, 7);
    for (size_t c = 0; c < 7; c++)
        data.values[c] = 0.125f;
    predict();
    for (int32_t c = 0; c < 7; c++) {
        data.labels[0] = c;
        ck_assert(sample_score_of(&data.outcomes, 0).top == (c < 5));
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

/* The median of an even number of errors is the mean of the two in the middle. */
START_TEST(median_of_an_even_number)
{
    static const float errors[] = {8.0f, 1.0f, 4.0f, 2.0f};
    data_begin(WEFT_TASK_REGRESS, 4, 1);
    for (size_t i = 0; i < 4; i++) {
        data.targets[i] = 1.0f;
        data.values[i] = 1.0f - errors[i];
    }
    struct weft_evaluation *evaluation = evaluate(NULL);
    ck_assert_double_eq(evaluation->metrics[WEFT_METRIC_MEDIAN_ERROR].value, 3.0);
    weft_evaluation_destroy(evaluation);
}
END_TEST

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
    tcase_add_test(tests, ties_among_the_most_probable);
    tcase_add_test(tests, classes_of_two);
    tcase_add_test(tests, constant_predictions);
    tcase_add_test(tests, perfect_predictions);
    tcase_add_test(tests, one_sample);
    tcase_add_test(tests, probabilities_that_do_not_sum_to_one);
    tcase_add_test(tests, unknown_classes_count_as_wrong);
    tcase_add_test(tests, median_of_an_even_number);
    tcase_add_test(tests, several_labels);
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, metrics_are_described);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
