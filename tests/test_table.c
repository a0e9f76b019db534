/* Tests tables in memory: types of numbers, missing values, texts, lines, and the public functions.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/table.h"
#include "suite.h"

static struct weft_table *one_column(enum column_kind kind)
{
    struct weft_table *table;
    ck_ok(table_create("t", &table));
    ck_ok(table_add_column(table, "c", kind));
    return table;
}

/* ---- types ---- */

/* Each number, appended to those before it, needs the type beside it. */
START_TEST(columns_widen_as_little_as_possible)
{
    static const struct {
        double number;
        enum column_type type;
    } steps[] = {{0, COLUMN_UINT8},        {255, COLUMN_UINT8},   {256, COLUMN_INT16},
                 {-32768, COLUMN_INT16},   {32767, COLUMN_INT16}, {32768, COLUMN_INT32},
                 {16777216, COLUMN_INT32}, {0.5, COLUMN_FLOAT32}, {16777217, COLUMN_FLOAT64},
                 {1e300, COLUMN_FLOAT64},  {-0.1, COLUMN_FLOAT64}};
    enum { STEPS = sizeof steps / sizeof *steps };
    struct weft_table *table = one_column(COLUMN_NUMBER);
    struct column *column = &table->columns[0];
    for (size_t i = 0; i < STEPS; i++) {
        ck_ok(column_append_numbers(column, i, &steps[i].number, 1));
        ck_assert_msg(column->type == steps[i].type, "%g: type %d", steps[i].number,
                      (int)column->type);
        for (size_t k = 0; k <= i; k++)
            ck_assert(column_number(column, k) == steps[k].number);
    }
    weft_table_destroy(table);
}
END_TEST

START_TEST(some_numbers_need_double_at_once)
{
    static const struct {
        double first, second;
        enum column_type type;
    } cases[] = {{-1, 255, COLUMN_INT16},           {2147483647, -2147483648.0, COLUMN_INT32},
                 {2147483648.0, 1, COLUMN_FLOAT32}, /* 2^31 */
                 {16777217, 0.5, COLUMN_FLOAT64},   /* 2^24 + 1 is no float32 */
                 {0.1, 1, COLUMN_FLOAT64},          {(double)0.1f, 1, COLUMN_FLOAT32},
                 {3.5e38, 0, COLUMN_FLOAT64},       {(double)INFINITY, 0, COLUMN_FLOAT32}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weft_table *table = one_column(COLUMN_NUMBER);
        struct column *column = &table->columns[0];
        ck_ok(column_append_numbers(column, 0, &cases[i].first, 1));
        ck_ok(column_append_numbers(column, 1, &cases[i].second, 1));
        ck_assert_int_eq(column->type, cases[i].type);
        ck_assert(column_number(column, 0) == cases[i].first);
        ck_assert(column_number(column, 1) == cases[i].second);
        weft_table_destroy(table);
    }
}
END_TEST

START_TEST(many_numbers_move_into_wider_arrays)
{
    enum { COUNT = 5000 };
    double numbers[COUNT], copy[COUNT];
    struct weft_table *table = one_column(COLUMN_NUMBER);
    struct column *column = &table->columns[0];
    for (int i = 0; i < COUNT; i++)
        numbers[i] = i % 7 == 3 ? (double)NAN : i < 300 ? i % 200 : i < 4000 ? i * 11 : i / 3.0;
    for (size_t row = 0; row < COUNT; row += 250) /* 250 numbers at a time */
        ck_ok(column_append_numbers(column, row, numbers + row, 250));
    ck_assert_uint_eq(column->missing_count, 714); /* 3, 10, ..., 4994 */
    column_copy_numbers(column, 10, COUNT - 10, copy);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert(column_is_missing(column, i) == (i % 7 == 3));
        ck_assert(i % 7 == 3 ? isnan(column_number(column, i))
                             : column_number(column, i) == numbers[i]);
        if (i >= 10)
            ck_assert(i % 7 == 3 ? isnan(copy[i - 10]) : copy[i - 10] == numbers[i]);
    }
    weft_table_destroy(table);
}
END_TEST

/* ---- texts ---- */

START_TEST(texts_are_kept_once)
{
    struct weft_table *table = one_column(COLUMN_TEXT);
    struct column *column = &table->columns[0];
    ck_ok(column_append_text(column, 0, "red", 3));
    ck_ok(column_append_text(column, 1, NULL, 0));
    ck_ok(column_append_text(column, 2, "redder", 6));
    ck_ok(column_append_text(column, 3, "redder", 3));
    ck_ok(column_append_text(column, 4, "", 0));
    ck_assert_uint_eq(column->words.count, 3);
    ck_assert_str_eq(column_text(column, 0), "red");
    ck_assert_ptr_null(column_text(column, 1));
    ck_assert(column_is_missing(column, 1) && !column_is_missing(column, 4));
    ck_assert_str_eq(column_text(column, 2), "redder");
    ck_assert(column->texts[3] == column->texts[0]);
    ck_assert_uint_eq(column->missing_count, 1);
    weft_table_destroy(table);
}
END_TEST

START_TEST(dictionaries_grow)
{
    enum { WORDS = 20000 };
    struct dictionary dictionary = {.words = NULL};
    char word[16];
    uint32_t index;
    ck_assert_uint_eq(dictionary_find(&dictionary, "w0", 2), UINT32_MAX);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < WORDS; i++) {
            const int length = snprintf(word, sizeof word, "w%u", i * 7919);
            ck_ok(dictionary_add(&dictionary, word, (size_t)length, &index));
            ck_assert_uint_eq(index, i);
        }
        for (uint32_t i = 0; i < WORDS; i++) {
            const int length = snprintf(word, sizeof word, "w%u", i * 7919);
            ck_assert_uint_eq(dictionary_find(&dictionary, word, (size_t)length), i);
            ck_assert_str_eq(dictionary.words[i], word);
        }
        ck_assert_uint_eq(dictionary.count, WORDS);
        ck_assert_uint_eq(dictionary_find(&dictionary, "w1", 2), UINT32_MAX);
        dictionary_clear(&dictionary);
        ck_assert_uint_eq(dictionary_find(&dictionary, "w0", 2), UINT32_MAX);
    }
    dictionary_reset(&dictionary);
}
END_TEST

/* ---- tables ---- */

START_TEST(cleared_tables_are_empty)
{
    struct weft_table *table = one_column(COLUMN_NUMBER);
    ck_ok(table_add_column(table, "t", COLUMN_TEXT));
    for (int round = 0; round < 3; round++) {
        for (size_t row = 0; row < 100; row++) {
            const double number = row % 3 == (size_t)round ? (double)NAN : (double)row;
            ck_ok(column_append_numbers(&table->columns[0], row, &number, 1));
            ck_ok(column_append_text(&table->columns[1], row, "abc", (size_t)round + 1));
            ck_ok(table_set_line(table, row, 1000 * (uint64_t)round + row));
        }
        table->rows = 100;
        ck_assert_uint_eq(table->columns[0].missing_count, round == 0 ? 34 : 33);
        ck_assert(column_is_missing(&table->columns[0], (size_t)round));
        ck_assert(!column_is_missing(&table->columns[0], (size_t)round + 1));
        ck_assert_uint_eq(table->columns[1].words.count, 1);
        ck_assert_uint_eq(strlen(column_text(&table->columns[1], 99)), (size_t)round + 1);
        ck_assert_uint_eq(table_line(table, 99), 1000 * (size_t)round + 99);
        table_clear(table);
        ck_assert_uint_eq(table->rows, 0);
    }
    weft_table_destroy(table);
}
END_TEST

START_TEST(lines_may_jump)
{
    struct weft_table *table = one_column(COLUMN_NUMBER);
    ck_assert_uint_eq(table_line(table, 0), 0);
    uint64_t lines[1000], line = 2;
    for (size_t row = 0; row < 1000; row++) {
        lines[row] = line;
        line += row % 10 == 9 ? 5 : 1;
        ck_ok(table_set_line(table, row, lines[row]));
    }
    ck_assert_uint_eq(table->line_count, 100);
    for (size_t row = 0; row < 1000; row++)
        ck_assert_uint_eq(table_line(table, row), lines[row]);
    weft_table_destroy(table);
}
END_TEST

START_TEST(places_in_messages)
{
    struct weft_table *table = one_column(COLUMN_NUMBER);
    ck_fails(table_fail(table, 4, 0, "got %d", 7), WEFT_ERROR_DATA,
             "t: row 5: column \"c\": got 7");
    ck_ok(table_set_line(table, 0, 2));
    ck_fails(table_fail(table, 4, 0, "got %d", 7), WEFT_ERROR_DATA, "t:6: column \"c\": got 7");
    weft_table_destroy(table);
}
END_TEST

START_TEST(columns_by_name_or_number)
{
    struct weft_table *table = one_column(COLUMN_NUMBER);
    size_t c;
    ck_ok(table_add_column(table, "price", COLUMN_NUMBER));
    ck_ok(table_add_column(table, "2", COLUMN_NUMBER));
    ck_ok(table_find(table, "target", "price", &c));
    ck_assert_uint_eq(c, 1);
    ck_ok(table_find(table, "target", "2", &c)); /* the name wins */
    ck_assert_uint_eq(c, 2);
    ck_ok(table_find(table, "target", "1", &c));
    ck_assert_uint_eq(c, 0);
    ck_ok(table_find(table, "target", "3", &c));
    ck_assert_uint_eq(c, 2);
    ck_fails(table_find(table, "target", "prise", &c), WEFT_ERROR_USAGE,
             "target prise: t has no such column; did you mean price?");
    ck_assert_str_eq(weft_error_option(), "target");
    ck_fails(table_find(table, "target", "4", &c), WEFT_ERROR_USAGE,
             "target 4: t has no such column");
    ck_fails(table_find(table, "target", "0", &c), WEFT_ERROR_USAGE, "target 0: t has no such");
    ck_fails(table_find(table, "target", "something", &c), WEFT_ERROR_USAGE,
             "it has 3 columns: c, price, 2");
    weft_table_destroy(table);
}
END_TEST

/* A header such as "a, b" has blanks in its names. */
START_TEST(names_with_blanks)
{
    struct weft_table *table = one_column(COLUMN_NUMBER);
    size_t c;
    ck_ok(table_add_column(table, " rent ", COLUMN_NUMBER));
    ck_ok(table_add_column(table, " a", COLUMN_NUMBER));
    ck_ok(table_add_column(table, "a ", COLUMN_NUMBER));
    ck_ok(table_add_column(table, " ", COLUMN_NUMBER));
    ck_ok(table_find(table, "target", "rent", &c));
    ck_assert_uint_eq(c, 1);
    ck_ok(table_find(table, "target", "a ", &c)); /* the exact name wins */
    ck_assert_uint_eq(c, 3);
    ck_fails(table_find(table, "target", "a", &c), WEFT_ERROR_USAGE, "no such column");
    ck_fails(table_find(table, "target", "ren", &c), WEFT_ERROR_USAGE, "no such column");
    ck_fails(table_find(table, "target", "", &c), WEFT_ERROR_USAGE, "no such column");
    weft_table_destroy(table);
}
END_TEST

/* ---- weft.h ---- */

START_TEST(tables_of_the_caller)
{
    const double numbers[] = {1.5, (double)NAN, 3};
    const char *texts[] = {"x", NULL, "x"};
    struct weft_table *table;
    ck_ok(weft_table_create(3, &table));
    ck_ok(weft_table_add_numbers(table, "n", numbers));
    ck_ok(weft_table_add_texts(table, "t", texts));
    ck_assert_uint_eq(table->rows, 3);
    ck_assert(column_number(&table->columns[0], 0) == 1.5);
    ck_assert(isnan(column_number(&table->columns[0], 1)));
    ck_assert_str_eq(column_text(&table->columns[1], 2), "x");
    ck_assert_ptr_null(column_text(&table->columns[1], 1));
    ck_fails(weft_table_add_numbers(table, "t", numbers), WEFT_ERROR_USAGE,
             "table: column \"t\": the table already has this column");
    const char *wrong[] = {"x", "\xff", "y"};
    ck_fails(weft_table_add_texts(table, "w", wrong), WEFT_ERROR_DATA,
             "table: row 2: column \"w\": the text is not UTF-8");
    ck_fails(weft_table_add_texts(table, "\xff", texts), WEFT_ERROR_USAGE,
             "the name of column 3 is not UTF-8");
    ck_assert_uint_eq(table->column_count, 2);
    weft_table_destroy(table);
    ck_fails(weft_table_create(0, &table), WEFT_ERROR_DATA, "got no rows");
    ck_assert_ptr_null(table);
    weft_table_destroy(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *tests = tcase_create("table");
    tcase_add_test(tests, columns_widen_as_little_as_possible);
    tcase_add_test(tests, some_numbers_need_double_at_once);
    tcase_add_test(tests, many_numbers_move_into_wider_arrays);
    tcase_add_test(tests, texts_are_kept_once);
    tcase_add_test(tests, dictionaries_grow);
    tcase_add_test(tests, cleared_tables_are_empty);
    tcase_add_test(tests, lines_may_jump);
    tcase_add_test(tests, places_in_messages);
    tcase_add_test(tests, columns_by_name_or_number);
    tcase_add_test(tests, names_with_blanks);
    tcase_add_test(tests, tables_of_the_caller);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
