/* Tests error lines, and the nearest valid word. */
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/status.h"
#include "suite.h"

START_TEST(no_failure_is_an_empty_line)
{
    ck_assert_str_eq(weft_error(), "");
    ck_assert_str_ne(weft_version(), "");
}
END_TEST

START_TEST(fail_keeps_line_and_code)
{
    ck_assert_int_eq(fail(WEFT_ERROR_DATA, "%s: byte %d", "x.idx", 4), WEFT_ERROR_DATA);
    ck_assert_str_eq(weft_error(), "x.idx: byte 4");
    /* the old line may be an argument */
    ck_assert_int_eq(fail(WEFT_ERROR_IO, "%s (hint)", weft_error()), WEFT_ERROR_IO);
    ck_assert_str_eq(weft_error(), "x.idx: byte 4 (hint)");
}
END_TEST

START_TEST(fail_makes_one_line)
{
    ck_assert_int_eq(fail(WEFT_ERROR_IO, "%s: missing", "a\nb\033\177\303\244"), WEFT_ERROR_IO);
    ck_assert_str_eq(weft_error(), "a?b??\303\244: missing");
}
END_TEST

START_TEST(fail_cuts_long_lines)
{
    char name[10000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(fail(WEFT_ERROR_IO, "%s", name), WEFT_ERROR_IO);
    ck_assert_uint_gt(strlen(weft_error()), 500);
    ck_assert_uint_lt(strlen(weft_error()), sizeof name);
}
END_TEST

START_TEST(lines_belong_to_threads)
{
    ck_assert_int_eq(fail(WEFT_ERROR_IO, "mine"), WEFT_ERROR_IO);
    char other[32] = "";
    int joined = 0;
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 1) {
        snprintf(other, sizeof other, "%s", weft_error());
        joined = fail(WEFT_ERROR_DATA, "theirs") == WEFT_ERROR_DATA;
    }
    ck_assert_int_eq(joined, 1);
    ck_assert_str_eq(other, "");
    ck_assert_str_eq(weft_error(), "mine");
}
END_TEST

/* What `word` may have meant. */
static const char *near(const char *word, const char *const *words, size_t count)
{
    static char list[128];
    nearest_words(word, words, count, "", list, sizeof list);
    return list;
}

START_TEST(nearest_words_are_near)
{
    static const char *const words[] = {"fashion-mnist", "xor", "article"};
    ck_assert_str_eq(near("fashon-mnist", words, 3), "fashion-mnist");
    ck_assert_str_eq(near("mnist", words, 3), "fashion-mnist");
    ck_assert_str_eq(near("XOR", words, 3), "xor");
    ck_assert_str_eq(near("xro", words, 3), "xor");
    ck_assert_str_eq(near("artcile", words, 3), "article");
    static const char *const alike[] = {"best-plain", "best", "leaky_relu"};
    ck_assert_str_eq(near("Best", alike, 3), "best");
    ck_assert_str_eq(near("BEST_PLAIN", alike, 3), "best-plain");
    ck_assert_str_eq(near("plain", alike, 3), "best-plain");
    ck_assert_str_eq(near("Leaky-ReLU", alike, 3), "leaky_relu");
    static const char *const optimizers[] = {"sgd", "adamw", "adam"};
    ck_assert_str_eq(near("adan", optimizers, 3), "adam or adamw");
    ck_assert_str_eq(near("", words, 3), "");
    ck_assert_str_eq(near("zzzz", words, 3), "");
    static const char *const far[] = {"rise", "test", "seed"};
    ck_assert_str_eq(near("preset", far, 3), "");
}
END_TEST

START_TEST(options_are_told_by_name)
{
    ck_assert_int_eq(fail_option("hidden", "", "need %d", 1), WEFT_ERROR_USAGE);
    ck_assert_str_eq(weft_error(), "hidden \"\": need 1");
    ck_assert_str_eq(weft_error_option(), "hidden");
    ck_assert_int_eq(fail_option("dropout", "1.5", "too much"), WEFT_ERROR_USAGE);
    ck_assert_str_eq(weft_error(), "dropout 1.5: too much");
    ck_assert_int_eq(fail_option("warmup", NULL, "got 3"), WEFT_ERROR_USAGE);
    ck_assert_str_eq(weft_error(), "warmup: got 3");
    ck_assert_int_eq(fail(WEFT_ERROR_IO, "warmup: cannot open"), WEFT_ERROR_IO);
    ck_assert_ptr_null(weft_error_option());
}
END_TEST

START_TEST(ranks_are_told_by_a_flag)
{
    ck_assert_int_eq(fail_rank(WEFT_ERROR_IO, "rank %d: lost", 1), WEFT_ERROR_IO);
    ck_assert_str_eq(weft_error(), "rank 1: lost");
    ck_assert(weft_error_names_rank());
    ck_assert_int_eq(fail(WEFT_ERROR_IO, "rank 1.csv: cannot open"), WEFT_ERROR_IO);
    ck_assert(!weft_error_names_rank());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("status");
    TCase *tests = tcase_create("status");
    tcase_add_test(tests, no_failure_is_an_empty_line);
    tcase_add_test(tests, fail_keeps_line_and_code);
    tcase_add_test(tests, fail_makes_one_line);
    tcase_add_test(tests, fail_cuts_long_lines);
    tcase_add_test(tests, lines_belong_to_threads);
    tcase_add_test(tests, nearest_words_are_near);
    tcase_add_test(tests, options_are_told_by_name);
    tcase_add_test(tests, ranks_are_told_by_a_flag);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
