/* Tests the reader of CSV text with files of thousands of rows, which threads share.
 *
 * Expected values follow from the numbers of the rows.
 */
#define _XOPEN_SOURCE 700
#include <omp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "csv_text.h"

enum { LONG_ROWS = 6000, LONG_TEXT = 400000 };

/* Columns that change their minds at rows where no block and no strip of a thread ends. */
static const char *long_row(int i, char *row, size_t size)
{
    char gap[16] = "", late[16] = "word", sparse[16] = "";
    if (i % 1300 != 700)
        snprintf(gap, sizeof gap, "%d", i % 90);
    if (i != 5500)
        snprintf(late, sizeof late, "%d.50", i % 7);
    if (i > 2100)
        snprintf(sparse, sizeof sparse, "%s", i == 2500 ? "x" : "7");
    snprintf(row, size, "%d,%s,%s,%s,%s", i, gap, late, sparse, i == 4000 ? "0.1" : "3");
    return row;
}

START_TEST(long_blocks_are_shared_among_threads)
{
    const struct table_format format = {.delimiter = 0};
    char *text = malloc(LONG_TEXT), row[64], expected[96];
    size_t used = (size_t)snprintf(text, LONG_TEXT, "n,gap,late,sparse,wide\n");
    for (int i = 0; i < LONG_ROWS; i++)
        used += (size_t)snprintf(text + used, LONG_TEXT - used, "%s\n", long_row(i, row, 64));
    for (int threads = 1; threads <= 4; threads++) {
        struct weft_table *table;
        omp_set_num_threads(threads);
        ck_ok(read_bytes(text, used, &format, &table));
        ck_assert_uint_eq(table->rows, LONG_ROWS);
        for (int i = 0; i < LONG_ROWS; i++) {
            const bool has_gap = i % 1300 == 700;
            snprintf(expected, sizeof expected, has_gap ? "%d|NULL|" : "%d|%d|", i, i % 90);
            snprintf(row, sizeof row, i == 5500 ? "\"word\"|" : "\"%d.50\"|", i % 7);
            strcat(expected, row);
            strcat(expected, i <= 2100 ? "NULL" : i == 2500 ? "\"x\"" : "\"7\"");
            strcat(expected, i == 4000 ? "|0.10000000000000001" : "|3");
            ck_assert_str_eq(row_text(table, (size_t)i), expected);
        }
        ck_assert_uint_eq(table->columns[1].missing_count, 5);
        ck_assert_uint_eq(table->columns[3].missing_count, 2101);
        ck_assert_int_eq(table->columns[4].type, COLUMN_FLOAT64);
        weft_table_destroy(table);
    }
    free(text);
}
END_TEST

/* Two columns of numbers have a text in one block, in rows of different strips. */
START_TEST(the_first_text_of_a_long_block_is_reported)
{
    const struct table_format format = {.chosen = true};
    const enum table_use uses[] = {TABLE_NUMBERS, TABLE_NUMBERS};
    char *text = malloc(LONG_TEXT);
    size_t used = (size_t)snprintf(text, LONG_TEXT, "a,b\n");
    for (int i = 0; i < LONG_ROWS; i++)
        used += (size_t)snprintf(text + used, LONG_TEXT - used, "%s,%s\n", i == 3000 ? "x" : "1",
                                 i == 2500 ? "y" : "2");
    for (int threads = 1; threads <= 2; threads++) {
        struct weft_table *table;
        omp_set_num_threads(threads);
        ck_fails(read_in_blocks(text, used, &format, uses, NULL, CSV_BLOCK_BYTES, SIZE_MAX, &table),
                 WEFT_ERROR_DATA, "t.csv:2502: column \"b\": got \"y\", need a number");
        weft_table_destroy(table);
    }
    free(text);
}
END_TEST

/* Writes a row with the values i, i / 8, missing if i % 5 is 0, and a word. Some rows are written
 * in ways that change nothing: other numbers of blanks, quotes and lines. Returns the length. */
static size_t write_row(int i, char *text, size_t size)
{
    const char *around = i % 97 == 0 ? "\"" : i % 101 == 0 ? "  " : "";
    const char *word = i % 211 == 0   ? "two\nlines"
                       : i % 227 == 0 ? "two\rlines"
                       : i % 223 == 0 ? "a\"\"b"
                                      : "Zürich, 1";
    const char *end = i % 307 == 0   ? "\n\n"
                      : i % 311 == 0 ? "\n  \r\n"
                      : i % 2 == 0   ? "\r\n"
                                     : "\n";
    char second[32] = "";
    if (i % 5 != 0)
        snprintf(second, sizeof second, "%.3f", i / 8.0);
    else if (i % 2 == 0)
        snprintf(second, sizeof second, "NA");
    if (i % 313 == 0)
        end = "\r";
    return (size_t)snprintf(text, size, "%s%d%s,%s,\"%s\"%s", around, i, around, second, word, end);
}

static void check_row(const struct weft_table *table, size_t row, int i, uint64_t line)
{
    const char *word = i % 211 == 0   ? "two\nlines"
                       : i % 227 == 0 ? "two\rlines"
                       : i % 223 == 0 ? "a\"b"
                                      : "Zürich, 1";
    ck_assert(column_number(&table->columns[0], row) == i);
    ck_assert(column_is_missing(&table->columns[1], row) == (i % 5 == 0));
    ck_assert(i % 5 == 0 || column_number(&table->columns[1], row) == i / 8.0);
    ck_assert_str_eq(column_text(&table->columns[2], row), word);
    ck_assert_uint_eq(table_line(table, row), line);
}

/* Reads the rows of write_row, `rows` at a time. */
static void check_rows(const char *text, size_t size, size_t block_bytes, size_t rows)
{
    struct table_reader *reader;
    struct weft_table *table;
    const struct table_format format = {.delimiter = 0};
    uint64_t line = 2;
    size_t got;
    int i = 1;
    ck_ok(csv_open(open_bytes(text, size), &format, NULL, block_bytes, &reader));
    ck_ok(table_reader_table(reader, &table));
    do {
        table_clear(table);
        ck_ok(table_reader_next(reader, rows, table, &got));
        ck_assert_uint_eq(table->rows, got);
        for (size_t row = 0; row < got; row++, i++) {
            check_row(table, row, i, line);
            line += 1 + (i % 211 == 0 || i % 227 == 0) +
                    (i % 313 != 0 && (i % 307 == 0 || i % 311 == 0));
        }
    } while (got == rows);
    ck_assert_int_eq(i, LONG_ROWS);
    weft_table_destroy(table);
    table_reader_close(reader);
}

/* Threads parse plain rows, and the scanner the others; no piece and no block may notice. */
START_TEST(plain_rows_and_others_take_turns)
{
    char *text = malloc(LONG_TEXT);
    size_t used = (size_t)snprintf(text, LONG_TEXT, "n,x,word\n");
    for (int i = 1; i < LONG_ROWS; i++)
        used += write_row(i, text + used, LONG_TEXT - used);
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        check_rows(text, used, CSV_BLOCK_BYTES, SIZE_MAX);
        check_rows(text, used, CSV_BLOCK_BYTES, 1);
        check_rows(text, used, CSV_BLOCK_BYTES, 1000);
        check_rows(text, used, 100000, 777);
        check_rows(text, used, 512, SIZE_MAX);
    }
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv_blocks");
    TCase *tests = tcase_create("csv_blocks");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, long_blocks_are_shared_among_threads);
    tcase_add_test(tests, plain_rows_and_others_take_turns);
    tcase_add_test(tests, the_first_text_of_a_long_block_is_reported);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
