/* Tests what a training minimizes and reports: rules and errors of each reduction, worked by hand.
 * The numbers are exact in binary, so that only the correct formula gives them. */
#include "suite.h"
#include "train/objective.h"

static struct objective objective(enum weft_reduction reduction, double l1, double l2, bool article)
{
    return (struct objective){
        .reduction = reduction, .l1 = l1, .l2 = l2, .article = article, .classes = 5};
}

START_TEST(options_become_an_objective)
{
    const size_t widths[] = {4, 3, 7};
    struct network network;
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SIGMOID, true));
    const struct weft_options options = {
        .reduction = WEFT_REDUCTION_SUM, .l1 = 0.25, .l2 = 0.5, .article_quirks = true};
    const struct objective made = objective_make(&options, &network);
    network_reset(&network);
    ck_assert_int_eq(made.reduction, WEFT_REDUCTION_SUM);
    ck_assert_double_eq(made.l1, 0.25);
    ck_assert_double_eq(made.l2, 0.5);
    ck_assert(made.article);
    ck_assert_uint_eq(made.classes, 7);
}
END_TEST

/* Each penalty alone is one. */
START_TEST(either_penalty_counts)
{
    const struct objective none = objective(WEFT_REDUCTION_MEAN, 0.0, 0.0, false);
    const struct objective first = objective(WEFT_REDUCTION_MEAN, 1e-6, 0.0, false);
    const struct objective second = objective(WEFT_REDUCTION_MEAN, 0.0, 1e-6, false);
    const struct objective both = objective(WEFT_REDUCTION_MEAN, 1e-6, 1e-6, false);
    ck_assert(!objective_has_penalty(&none));
    ck_assert(objective_has_penalty(&first));
    ck_assert(objective_has_penalty(&second));
    ck_assert(objective_has_penalty(&both));
}
END_TEST

START_TEST(a_mean_divides_by_the_samples)
{
    const struct objective mean = objective(WEFT_REDUCTION_MEAN, 0.0, 0.0, false);
    const struct objective sum = objective(WEFT_REDUCTION_SUM, 0.0, 0.0, true);
    ck_assert_double_eq((double)objective_loss_rule(&mean, 8).delta_factor, 0.125);
    ck_assert_double_eq((double)objective_loss_rule(&sum, 8).delta_factor, 1.0);
    ck_assert(!objective_loss_rule(&mean, 8).true_class_only);
    ck_assert(objective_loss_rule(&sum, 8).true_class_only);
}
END_TEST

START_TEST(the_article_has_one_gradient_for_both_penalties)
{
    const struct objective ours = objective(WEFT_REDUCTION_MEAN, 0.25, 0.5, false);
    const struct objective article = objective(WEFT_REDUCTION_SUM, 0.25, 0.5, true);
    struct update_rule rule = objective_update_rule(&ours, 0.125);
    ck_assert_double_eq((double)rule.learning_rate, 0.125);
    ck_assert_double_eq((double)rule.l1, 0.25);
    ck_assert_double_eq((double)rule.l2, 0.5);
    rule = objective_update_rule(&article, 0.125);
    ck_assert_double_eq((double)rule.learning_rate, 0.125);
    ck_assert_double_eq((double)rule.l1, 0.0);
    ck_assert_double_eq((double)rule.l2, 0.75);
}
END_TEST

/* mean loss 3, 10 samples, 5 classes, sum |w| = 16, sum w^2 = 64, l1 = 1/4, l2 = 1/2 */
START_TEST(errors_by_hand)
{
    const struct weight_sums sums = {16.0, 64.0};
    const struct objective mean = objective(WEFT_REDUCTION_MEAN, 0.25, 0.5, false);
    const struct objective sum = objective(WEFT_REDUCTION_SUM, 0.25, 0.5, false);
    const struct objective article = objective(WEFT_REDUCTION_SUM, 0.25, 0.5, true);
    /* 3 + 16 / 4 + 64 / 4 */
    ck_assert_double_eq(objective_error(&mean, 3.0, 10.0, sums), 23.0);
    /* 30 + 16 / 4 + 64 / 4 */
    ck_assert_double_eq(objective_error(&sum, 3.0, 10.0, sums), 50.0);
    /* (30 / 5 + 16 / 8 + 64 / 4) / 2 */
    ck_assert_double_eq(objective_error(&article, 3.0, 10.0, sums), 12.0);
}
END_TEST

START_TEST(sums_of_weights)
{
    const float weights[] = {-1.5f, 0.0f, 2.0f, -0.5f, 100.0f};
    const struct weight_sums sums = weight_sums_of(weights, 4); /* the last is none of them */
    ck_assert_double_eq(sums.abs, 4.0);
    ck_assert_double_eq(sums.squares, 6.5);
    ck_assert_double_eq(weight_sums_of(weights, 0).abs, 0.0);
    ck_assert_double_eq(weight_sums_of(weights, 1).squares, 2.25);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("objective");
    TCase *tests = tcase_create("objective");
    tcase_add_test(tests, options_become_an_objective);
    tcase_add_test(tests, either_penalty_counts);
    tcase_add_test(tests, a_mean_divides_by_the_samples);
    tcase_add_test(tests, the_article_has_one_gradient_for_both_penalties);
    tcase_add_test(tests, errors_by_hand);
    tcase_add_test(tests, sums_of_weights);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
