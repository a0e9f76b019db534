/* Tests weft_evaluate_with and weft_decide on both devices, with models whose outputs are their
 * features. */
#define _XOPEN_SOURCE 700

#include "data/dataset.h"
#include "devices.h"
#include "model_by_hand.h"
#include "small_tasks.h"

enum { SAMPLES = 8 };

/* Two classes of a softmax: the logits are (0, x), so p_1 = 1 / (1 + exp(-x)), in steps of one. */
static const float logits[] = {0, -3, 0, -2, 0, -1, 0, 0.5f, 0, 1, 0, 2, 0, 3, 0, 4};
static const int32_t truth[SAMPLES] = {0, 0, 1, 0, 1, 1, 0, 1};

struct two {
    struct weft_dataset *data;
    struct weft_model *model;
};

static struct two two_open(void)
{
    static const float unit[] = {1, 0, 0, 1};
    const struct weft_options options = plain("classify", 1, 0.1);
    const struct hand_layer layer = {2, 2, unit, NULL};
    struct two two;
    ck_ok(weft_dataset_create(SAMPLES, 2, 2, logits, truth, &two.data));
    two.model = model_by_hand(&options, two.data, &layer, 1);
    return two;
}

static void two_close(struct two *two)
{
    weft_model_destroy(two->model);
    weft_dataset_destroy(two->data);
}

static struct weft_evaluation *evaluate(const struct two *two,
                                        const struct weft_evaluate_options *options)
{
    struct weft_evaluation *evaluation;
    ck_ok(weft_evaluate_with(device, two->model, two->data, options, &evaluation));
    return evaluation;
}

/* p_1 = 0.05 0.12 0.27 0.62 0.73 0.88 0.95 0.98 */
START_TEST(a_threshold_moves_the_border)
{
    static const struct {
        double threshold;
        size_t confusion[4];
    } rows[] = {{0.0, {2, 2, 1, 3}}, {0.5, {2, 2, 1, 3}}, {0.2, {2, 2, 0, 4}}, {0.9, {3, 1, 3, 1}}};
    struct two two = two_open();
    struct weft_evaluate_options options;
    weft_evaluate_options_init(&options);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        options.threshold = rows[i].threshold;
        struct weft_evaluation *evaluation = evaluate(&two, &options);
        const double correct = (double)(rows[i].confusion[0] + rows[i].confusion[3]);
        ck_assert_mem_eq(evaluation->confusion, rows[i].confusion, sizeof rows[i].confusion);
        ck_assert_double_eq(evaluation->accuracy, correct / SAMPLES);
        /* 12 of 16 pairs are in order, whatever the threshold */
        ck_assert_double_eq(evaluation->metrics[WEFT_METRIC_ROC_AUC].value, 12.0 / 16.0);
        weft_evaluation_destroy(evaluation);
    }
    two_close(&two);
}
END_TEST

/* The loss of a softmax is the log loss. */
START_TEST(the_loss_is_the_log_loss)
{
    struct two two = two_open();
    struct weft_evaluation *evaluation;
    double score;
    ck_ok(weft_evaluate(device, two.model, two.data, &evaluation));
    ck_assert_double_eq_tol(evaluation->metrics[WEFT_METRIC_LOG_LOSS].value, evaluation->loss,
                            1e-6);
    ck_ok(weft_score(device, two.model, two.data, &score));
    ck_assert_double_eq(score, evaluation->accuracy);
    weft_evaluation_destroy(evaluation);
    two_close(&two);
}
END_TEST

/* A program that was built before `reject` existed does not set it. */
START_TEST(options_of_an_older_program)
{
    struct two two = two_open();
    struct weft_evaluate_options options;
    memset(&options, 0xff, sizeof options);
    options.size = offsetof(struct weft_evaluate_options, threshold);
    struct weft_evaluation *evaluation = evaluate(&two, &options);
    ck_assert_uint_eq(evaluation->answered, SAMPLES);
    ck_assert_uint_eq(evaluation->group_count, 0);
    weft_evaluation_destroy(evaluation);
    two_close(&two);
}
END_TEST

/* Samples that were left out, because the model does not know their class, count as wrong. */
START_TEST(samples_left_out_count_as_wrong)
{
    struct two two = two_open();
    struct weft_evaluation *evaluation;
    double score;
    two.data->unseen = 2;
    ck_ok(weft_evaluate(device, two.model, two.data, &evaluation));
    ck_assert_uint_eq(evaluation->unknown, 2);
    ck_assert_double_eq(evaluation->accuracy, 5.0 / 10.0);
    ck_ok(weft_score(device, two.model, two.data, &score));
    ck_assert_double_eq(score, 5.0 / 10.0);
    weft_evaluation_destroy(evaluation);
    two_close(&two);
}
END_TEST

START_TEST(decisions_by_hand)
{
    static const int32_t by_threshold[] = {0, 0, 1, 1, 1, 1, 1, 1},
                         sure[] = {0, 0, -1, -1, -1, 1, 1, 1}, both[] = {0, 0, -1, -1, -1, 1, 1, 1};
    struct two two = two_open();
    int32_t classes[SAMPLES], got[SAMPLES];
    float p[SAMPLES * 2];
    ck_ok(weft_predict(device, two.model, logits, SAMPLES, classes, p));
    memcpy(got, classes, sizeof got);
    ck_ok(weft_decide(two.model, 0.0, 0.0, SAMPLES, p, got));
    ck_assert_mem_eq(got, classes, sizeof got);
    ck_ok(weft_decide(two.model, 0.2, 0.0, SAMPLES, p, got));
    ck_assert_mem_eq(got, by_threshold, sizeof got);
    memcpy(got, classes, sizeof got);
    ck_ok(weft_decide(two.model, 0.0, 0.8, SAMPLES, p, got));
    ck_assert_mem_eq(got, sure, sizeof got);
    memcpy(got, classes, sizeof got);
    ck_ok(weft_decide(two.model, 0.2, 0.8, SAMPLES, p, got));
    ck_assert_mem_eq(got, both, sizeof got);
    two_close(&two);
}
END_TEST

START_TEST(decisions_about_labels)
{
    const struct weft_options options = plain("multilabel", 1, 0.1);
    struct weft_model *model = several_model(&options);
    static const float p[] = {0.2f, 0.4f, 0.6f, 0.8f, 0.3f, 0.31f};
    static const int32_t want[] = {0, 1, 1, 1, 0, 1};
    int32_t labels[6] = {0};
    ck_ok(weft_decide(model, 0.305, 0.0, 2, p, labels));
    ck_assert_mem_eq(labels, want, sizeof want);
    ck_fails(weft_decide(model, 0.0, 0.5, 2, p, labels), WEFT_ERROR_USAGE,
             "reject: needs one class for each sample, task classify");
    weft_model_destroy(model);
}
END_TEST

/* What the options of a refused evaluation are, and the message. */
static const struct refused {
    struct weft_evaluate_options options;
    const char *says;
} refused[] = {
    {{.threshold = 1.0}, "threshold: got 1, need a probability above 0 and below 1"},
    {{.threshold = -0.5}, "threshold: got -0.5"},
    {{.reject = (double)NAN}, "reject: got nan, need a probability above 0 and below 1"},
    {{.bootstrap = 99}, "bootstrap: got 99 resamples, need 100 to 1000000"},
    {{.bootstrap = 1000001}, "bootstrap: got 1000001 resamples"},
};

START_TEST(options_out_of_range_are_refused)
{
    struct two two = two_open();
    struct weft_evaluation *evaluation;
    struct weft_evaluate_options options = refused[_i].options;
    options.size = sizeof options;
    ck_fails(weft_evaluate_with(device, two.model, two.data, &options, &evaluation),
             WEFT_ERROR_USAGE, refused[_i].says);
    ck_assert_ptr_null(evaluation);
    two_close(&two);
}
END_TEST

START_TEST(rules_of_other_tasks_are_refused)
{
    struct weft_evaluate_options options;
    struct weft_evaluation *evaluation;
    struct weft_model *model;
    const struct weft_options regress = plain("regress", 1, 0.1);
    weft_evaluate_options_init(&options);
    ck_ok(weft_model_create(&regress, numbers, &model));
    options.threshold = 0.5;
    ck_fails(weft_evaluate_with(device, model, numbers, &options, &evaluation), WEFT_ERROR_USAGE,
             "threshold: task regress has no probabilities");
    options = (struct weft_evaluate_options){.size = sizeof options, .reject = 0.5};
    ck_fails(weft_evaluate_with(device, model, numbers, &options, &evaluation), WEFT_ERROR_USAGE,
             "reject: needs one class for each sample");
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, a_threshold_moves_the_border);
    tcase_add_test(tests, the_loss_is_the_log_loss);
    tcase_add_test(tests, options_of_an_older_program);
    tcase_add_test(tests, samples_left_out_count_as_wrong);
    tcase_add_test(tests, decisions_by_hand);
    tcase_add_test(tests, decisions_about_labels);
    tcase_add_loop_test(tests, options_out_of_range_are_refused, 0,
                        (int)(sizeof refused / sizeof *refused));
    tcase_add_test(tests, rules_of_other_tasks_are_refused);
}

int main(void)
{
    Suite *suite = suite_create("decisions");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
