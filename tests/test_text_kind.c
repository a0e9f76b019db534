/* Tests which texts are dates, how many words they have, and which are numbers with marks. */
#include "data/text_kind.h"

#include <stdio.h>
#include <string.h>

#include "data/text_tally.h"
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

/* What the advice about a text begins with; "" for a plain number, NULL for what is none. */
static const struct {
    const char *text, *advice;
} marked[] = {
    {"12", ""},
    {"-1.5e3", ""},
    {".5", ""},
    {"1.234", ""},
    {"1,5", "numbers with commas"},
    {"-0,123", "numbers with commas"},
    {"1234,567", "numbers with commas"},
    {"1,234", "numbers with thousands"},
    {"1,234.5", "numbers with thousands"},
    {"12,345,678", "numbers with thousands"},
    {"1.234,56", "numbers with thousands"},
    {"1.234.567", "numbers with thousands"},
    {"1'234", "numbers with thousands"},
    {"12 345", "numbers with thousands"},
    {"$12", "numbers with a currency sign"},
    {"-$1,200.50", "numbers with a currency sign"},
    {"12 \u20ac", "numbers with a currency sign"},
    {"\u00a3 .5", "numbers with a currency sign"},
    {"29.5%", "numbers with a currency sign"},
    {"31 kg", "numbers with a currency sign"},
    {"80m2", "numbers with a currency sign"},
    {"", NULL},
    {"$", NULL},
    {"-", NULL},
    {"a1", NULL},
    {"12-34", NULL},
    {"5/31", NULL},
    {"20:15", NULL},
    {"10+ years", NULL},
    {"12 Main Street", NULL},
    {"1,23,456", NULL},
    {"12 longer-unit", NULL},
};

START_TEST(numbers_with_marks)
{
    for (size_t i = 0; i < sizeof marked / sizeof *marked; i++) {
        struct marked_number number;
        const char *advice = marked[i].advice;
        ck_assert_msg(marked_number_take(marked[i].text, &number) == (advice != NULL),
                      "\"%s\" is a number or not", marked[i].text);
        const char *got = advice != NULL ? marked_number_advice(&number) : NULL;
        ck_assert_msg((got == NULL) == (advice == NULL || *advice == '\0'), "\"%s\": %s",
                      marked[i].text, got != NULL ? got : "plain");
        ck_assert_msg(got == NULL || strncmp(got, advice, strlen(advice)) == 0, "\"%s\": %s",
                      marked[i].text, got != NULL ? got : "plain");
    }
}
END_TEST

/* Columns of 20 distinct texts, two patterns in turn, with numbers from 11 in the place of '#'. */
static const struct {
    const char *even, *odd, *reason;
} columns[] = {
    {"#,5", "#", "numbers with commas"},
    {"#,5", "1,2#", "numbers with commas"},
    {"1,2#", "1,2#,000", "numbers with thousands"},
    {"1.2#,5", "#,5", "numbers with thousands"},
    {"$#", "$#.5", "numbers with a currency sign"},
    {"#%", "#.5 %", "numbers with a currency sign"},
    {"#", "#.5", "another text in each row"}, /* a column of categories */
    {"#A", "#B", "another text in each row"}, /* codes */
    {"$#", "#%", "another text in each row"},
    {"2024-05-#", "20#-05-02", "dates"},
    {"the #-th time", "I bought # of them", "free text"},
};

START_TEST(columns_that_are_no_categories)
{
    enum { ROWS = 20 };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        char texts[ROWS][32];
        struct text_tally tally = {.rows = 0};
        for (size_t r = 0; r < ROWS; r++) {
            const char *pattern = r % 2 == 0 ? columns[i].even : columns[i].odd;
            const char *at = strchr(pattern, '#');
            snprintf(texts[r], sizeof texts[r], "%.*s%zu%s", (int)(at - pattern), pattern, r + 11,
                     at + 1);
            text_tally_add(&tally, texts[r], 1);
        }
        const char *got = text_tally_reason(&tally), *want = columns[i].reason;
        ck_assert_msg(got == want ||
                          (got != NULL && want != NULL && strncmp(got, want, strlen(want)) == 0),
                      "%s: got %s", columns[i].even, got != NULL ? got : "categories");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_kind");
    TCase *tests = tcase_create("texts");
    tcase_add_test(tests, texts_that_are_dates);
    tcase_add_test(tests, texts_that_are_no_dates);
    tcase_add_test(tests, words);
    tcase_add_test(tests, numbers_with_marks);
    tcase_add_test(tests, columns_that_are_no_categories);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
