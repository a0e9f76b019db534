/* Tests which candidates `weft tune` chooses for given times, and in which order it tries them.
 * This is arithmetic without a device; test_tune.c tests the trials. */
#include <stdio.h>

#include "suite.h"
#include "tune/choice.h"

/* A candidate of product `group`; no seconds: not timed. */
static struct tune_candidate candidate(size_t group, const char *engine, const char *setting,
                                       double seconds)
{
    struct tune_candidate made = {.group = group, .operations = 1e9, .product = {.k = 1}};
    made.product.m = made.product.n = group + 1;
    snprintf(made.product.form, sizeof made.product.form, "forward");
    snprintf(made.product.engine, sizeof made.product.engine, "%s", engine);
    snprintf(made.algorithm.engine, sizeof made.algorithm.engine, "%s", engine);
    snprintf(made.algorithm.setting, sizeof made.algorithm.setting, "%s", setting);
    made.rounds = seconds > 0.0;
    made.seconds[0] = seconds;
    return made;
}

START_TEST(the_fastest_wins)
{
    struct tune_candidate list[] = {
        candidate(0, "blocked", "", 2.0),  candidate(0, "clblast", "a", 3.0),
        candidate(0, "clblast", "b", 1.0), candidate(1, "blocked", "", 8.0),
        candidate(1, "clblast", "a", 1.0), candidate(1, "clblast", "b", 5.0)};
    struct record_tuning best = {.product_count = 0};
    choose_products(list, 6, &best);
    ck_assert_str_eq(best.setting, "a"); /* 3 + 1 against 1 + 5 */
    ck_assert_uint_eq(best.product_count, 2);
    ck_assert_str_eq(best.products[0].engine, "blocked"); /* b is faster, but not in force */
    ck_assert_double_eq(best.products[0].gflops, 0.5);
    ck_assert_str_eq(best.products[1].engine, "clblast");
    for (size_t i = 0; i < 6; i++)
        ck_assert(list[i].told.winner == (i == 0 || i == 4));
}
END_TEST

/* A setting is in force for all networks: it is chosen for what it wins alone. */
START_TEST(a_setting_that_wins_nothing)
{
    struct tune_candidate list[] = {candidate(0, "blocked", "", 1.0),
                                    candidate(0, "clblast", "a", 3.0),
                                    candidate(0, "clblast", "b", 2.0)};
    struct record_tuning best = {.product_count = 0};
    choose_products(list, 3, &best);
    ck_assert_str_eq(best.setting, "");
    ck_assert_str_eq(best.products[0].engine, "blocked");
}
END_TEST

/* One slow turn does not make a candidate slow. */
START_TEST(the_median_counts)
{
    struct tune_candidate list[] = {candidate(0, "blocked", "", 9.0),
                                    candidate(0, "plain", "", 2.0)};
    struct record_tuning best = {.product_count = 0};
    list[0].rounds = 3;
    list[0].seconds[1] = list[0].seconds[2] = 1.0;
    choose_products(list, 2, &best);
    ck_assert_str_eq(best.products[0].engine, "blocked");
}
END_TEST

START_TEST(a_setting_that_failed_is_out)
{
    struct tune_candidate list[] = {
        candidate(0, "clblast", "a", 1.0), candidate(0, "clblast", "b", 2.0),
        candidate(1, "clblast", "a", 0.0), candidate(1, "clblast", "b", 3.0)};
    struct record_tuning best = {.product_count = 0};
    list[2].out = true;
    choose_products(list, 4, &best);
    ck_assert_str_eq(best.setting, "b");
    ck_assert_uint_eq(best.product_count, 2);
    ck_assert(!list[0].told.winner);
}
END_TEST

/* Products that nothing runs, because the step is fused, win nothing and choose no setting. */
START_TEST(idle_products_have_no_say)
{
    struct tune_candidate list[] = {
        candidate(0, "clblast", "a", 1.0), candidate(0, "clblast", "b", 9.0),
        candidate(1, "clblast", "a", 2.0), candidate(1, "clblast", "b", 1.0)};
    struct record_tuning best = {.product_count = 0};
    choose_products(list, 4, &best);
    ck_assert_str_eq(best.setting, "a"); /* 1 + 2 against 9 + 1 */
    list[0].idle = list[1].idle = true;
    for (size_t i = 0; i < 4; i++)
        list[i].told.winner = false;
    best.product_count = 0;
    choose_products(list, 4, &best);
    ck_assert_str_eq(best.setting, "b");
    ck_assert_uint_eq(best.product_count, 1);
    ck_assert_uint_eq(best.products[0].m, 2);
    for (size_t i = 0; i < 4; i++)
        ck_assert(list[i].told.winner == (i == 3));
}
END_TEST

/* Where one may still be faster nobody has won. */
START_TEST(what_was_not_tried_decides_nothing)
{
    struct tune_candidate list[] = {candidate(0, "blocked", "", 1.0),
                                    candidate(0, "tiled", "", 0.0)};
    struct record_tuning best = {.product_count = 0};
    choose_products(list, 2, &best);
    ck_assert_uint_eq(best.product_count, 0);
    ck_assert_str_eq(best.setting, "");
}
END_TEST

/* The plain kernel is the last to be tried, and fast nowhere. */
START_TEST(the_plain_one_may_be_left_over)
{
    struct tune_candidate list[] = {candidate(0, "plain", "", 0.0),
                                    candidate(0, "blocked", "", 2.0),
                                    candidate(0, "tiled", "", 1.0)};
    struct record_tuning best = {.product_count = 0};
    choose_products(list, 3, &best);
    ck_assert_uint_eq(best.product_count, 1);
    ck_assert_str_eq(best.products[0].engine, "tiled");
}
END_TEST

START_TEST(likely_winners_are_first)
{
    static const char *const cpu[] = {"blocked", "clblast", "tiled", "plain"};
    static const char *const gpu[] = {"clblast", "tiled", "blocked", "plain"};
    for (int turn = 0; turn < TUNE_TURNS; turn++) {
        const struct tune_candidate on_cpu = candidate(0, cpu[turn], "", 0.0);
        const struct tune_candidate on_gpu = candidate(0, gpu[turn], "a", 0.0);
        ck_assert_int_eq(tune_candidate_turn(&on_cpu, "cpu"), turn);
        ck_assert_int_eq(tune_candidate_turn(&on_gpu, "gpu"), turn);
        ck_assert_int_eq(tune_candidate_turn(&on_gpu, "accelerator"), turn);
    }
}
END_TEST

START_TEST(lists_keep_the_newest)
{
    struct record_tuning tuning = {.product_count = 0};
    for (size_t i = 0; i <= RECORD_PRODUCTS; i++) {
        const struct tune_candidate added = candidate(i, "plain", "", 1.0);
        record_tuning_add_product(&tuning, &added.product);
    }
    ck_assert_uint_eq(tuning.product_count, RECORD_PRODUCTS);
    ck_assert_uint_eq(tuning.products[0].m, 2);
    const struct tune_candidate again = candidate(6, "blocked", "", 1.0);
    record_tuning_add_product(&tuning, &again.product);
    ck_assert_uint_eq(tuning.product_count, RECORD_PRODUCTS);
    ck_assert_uint_eq(tuning.products[RECORD_PRODUCTS - 1].m, 7);
    ck_assert_str_eq(tuning.products[RECORD_PRODUCTS - 1].engine, "blocked");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tune_choice");
    TCase *choice = tcase_create("choice");
    tcase_add_test(choice, the_fastest_wins);
    tcase_add_test(choice, the_median_counts);
    tcase_add_test(choice, a_setting_that_wins_nothing);
    tcase_add_test(choice, a_setting_that_failed_is_out);
    tcase_add_test(choice, idle_products_have_no_say);
    tcase_add_test(choice, what_was_not_tried_decides_nothing);
    tcase_add_test(choice, the_plain_one_may_be_left_over);
    tcase_add_test(choice, likely_winners_are_first);
    tcase_add_test(choice, lists_keep_the_newest);
    suite_add_tcase(suite, choice);
    return suite_main(suite);
}
