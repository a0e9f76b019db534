/* Tests which texts are dates, and how many words they have. */
#include "data/text_kind.h"
#include "suite.h"

static const char *const dates[] = {"2024-05-31",
                                    "2024/5/31",
                                    "31.05.2024",
                                    "5/31/24",
                                    "20:15",
                                    "20:15:00.25",
                                    "2024-05-31T20:15Z",
                                    "2024-05-31 20:15:00",
                                    "2024-05-31T20:15:00,5+02:00",
                                    "31-May-2024",
                                    "31 May 2024",
                                    "May 31, 2024",
                                    "1 sept. 99",
                                    " 2024-05-31 ",
                                    "5/31/2024 8:15 PM",
                                    "2024-05-31 20:15:00 -0500",
                                    "3.12.2023 17:15",
                                    "01 January 2020",
                                    "Dec. 1 2020",
                                    "2024-05-31 20:15 UTC"};

static const char *const others[] = {
    "",         "2024",      "20240531",      "12",         "1.5",          "-3",
    "1.2.3",    "10.0.0.1",  "2024-13-01",    "2024-05-32", "2024-05-31x",  "31.05.20245",
    "25:99",    "May",       "Mayhem 3 2020", "3/4",        "a 2024-05-31", "2024-05-31 and more",
    "May 2024", "2024-5.31", "2024--05-31",   "31 M 2024",  "20:15:00 x",   "555-1234"};

START_TEST(texts_that_are_dates)
{
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        ck_assert_msg(text_is_date(dates[i]), "\"%s\" is a date", dates[i]);
}
END_TEST

START_TEST(texts_that_are_no_dates)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(!text_is_date(others[i]), "\"%s\" is no date", others[i]);
}
END_TEST

START_TEST(words)
{
    ck_assert_uint_eq(text_count_words(""), 0);
    ck_assert_uint_eq(text_count_words(" \t\n"), 0);
    ck_assert_uint_eq(text_count_words("one"), 1);
    ck_assert_uint_eq(text_count_words("  three short\nwords "), 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_kind");
    TCase *tests = tcase_create("texts");
    tcase_add_test(tests, texts_that_are_dates);
    tcase_add_test(tests, texts_that_are_no_dates);
    tcase_add_test(tests, words);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
