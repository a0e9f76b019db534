/* Tests what the reader of CSV text refuses, with the message, and texts of unusual sizes. Texts
 * are also read in blocks of a few bytes and one row, with equal messages.
 */
#define _XOPEN_SOURCE 700
#include <stdio.h>

#include "csv_text.h"

/* ---- refusals ---- */

START_TEST(refused_numbers)
{
    const struct table_format format = {.delimiter = 0};
    const enum table_use numbers[] = {TABLE_NUMBERS, TABLE_NUMBERS};
    const char text[] = "size,price\n1,2\n2,n.a.\nx,4\n";
    check_refused_as(
        text, strlen(text), format, numbers,
        "t.csv:3: column \"price\": got \"n.a.\", need a number; if it means a missing value, "
        "add it to --missing");
    char longer[400] = "size,price\n1,2\n2,";
    for (int i = 0; i < 100; i++)
        strcat(longer, "\xc3\xa9");
    check_refused_as(longer, strlen(longer), format, numbers, "\xc3\xa9...\", need a number");
}
END_TEST

START_TEST(refused_rows)
{
    check_text_refused("a,b\n1,2\n\n3,4,5\n6,7\n",
                       "t.csv:4: wrong number of values: got 3, need 2 as in the first row");
    check_text_refused("# made today\na,b\n1,2\n",
                       "t.csv:2: wrong number of values: got 2, need 1 as in "
                       "the first row; if that is a title or a comment, "
                       "remove it");
    check_text_refused("a,b\n1,2\n3\n", "t.csv:3: wrong number of values: got 1, need 2");
    check_text_refused("a,b\n1,2\n3,4,\n", "t.csv:3: wrong number of values: got 3, need 2");
    check_text_refused("a,b\n\"x\ny\",2\n3\n", "t.csv:4: wrong number of values: got 1, need 2");
    check_refused("aeb\n1e2\n1e2e3\n", 14, (struct table_format){.delimiter = 'e'},
                  "t.csv:3: wrong number of values: got 3, need 2");
}
END_TEST

START_TEST(refused_quotes)
{
    check_text_refused("a,b\n1,2\n3,\"x\n5,6\n7,8\n",
                       "t.csv:3: column \"b\": the quote that opens here is not closed");
    check_text_refused("a,b\n1,2\n3,\"x\"\"\n", "t.csv:3: column \"b\": the quote that opens here");
    check_text_refused("a,b\n1,2\n\"x\ny\" z,5\n",
                       "t.csv:3: column \"a\": text follows the closing quote");
    check_text_refused("a,b\n1,2\n3,\"x\n5,\"6\"\n",
                       "t.csv:3: column \"b\": text follows the closing quote");
    check_text_refused("\"a,b\n1,2\n", "t.csv:1: column \"1\": the quote that opens here");
}
END_TEST

START_TEST(refused_bytes)
{
    const struct table_format format = {.delimiter = 0};
    check_refused("a,b\n1,2\n3,x\0y\n", 14, format,
                  "t.csv:3: column \"b\": got a NUL byte, need UTF-8 text");
    check_text_refused("a,b\n1,2\n\"x\ny\",Z\xfcrich\n4,5\n",
                       "t.csv:3: column \"b\": the byte 0xFC is not UTF-8; convert the file");
    check_text_refused("a,b\xe9\n1,2\n", "t.csv:1: column \"2\": the byte 0xE9 is not UTF-8");
    check_text_refused("a,b\n1,\xed\xa0\x80\n", "the byte 0xED is not UTF-8");
    check_text_refused("a,b\n1,\xc0\xaf\n", "the byte 0xC0 is not UTF-8");
    check_text_refused("a,b\n1,x\xe2\x82\n2,3\n", "t.csv:2: column \"b\": the byte 0xE2 is not");
}
END_TEST

/* Columns that stay text, or that are skipped, are checked as well. */
START_TEST(refused_bytes_in_chosen_columns)
{
    static const enum table_use uses[] = {TABLE_TEXTS, TABLE_SKIP};
    const struct table_format format = {.chosen = true, .delimiter = ','};
    check_refused_as("a,b\nx,1\ny\xff,2\n", 14, format, uses,
                     "t.csv:3: column \"a\": the byte 0xFF is not UTF-8");
    check_refused_as("a,b\nx,1\n\0,2\n", 13, format, uses, "t.csv:3: column \"a\": got a NUL byte");
    check_refused_as("a,b\nx,1\ny,\xc3\n", 13, format, uses,
                     "t.csv:3: column \"b\": the byte 0xC3 is not UTF-8");
    check_refused_as("a,b\nx,1\ny,2\0\n", 14, format, uses,
                     "t.csv:3: column \"b\": got a NUL byte");
}
END_TEST

START_TEST(earliest_fault_is_reported)
{
    const struct table_format format = {.delimiter = 0};
    const enum table_use uses[] = {TABLE_NUMBERS, TABLE_ANYTHING};
    const char one[] = "a,b\n1,2\nx,3\n4,\xff\n5\n", two[] = "a,b\n1,2\n3,\xff\nx,5\n6\n",
               three[] = "a,b\n1,2\n3\nx,5\n6,\xff\n";
    check_refused_as(one, strlen(one), format, uses,
                     "t.csv:3: column \"a\": got \"x\", need a number");
    check_refused_as(two, strlen(two), format, uses, "t.csv:3: column \"b\": the byte 0xFF");
    check_refused_as(three, strlen(three), format, uses, "t.csv:3: wrong number of values");
    /* Here, column b becomes text after the first row. */
    const char late[] = "a,b\n1,2\n3,y\nx,4\n5\n";
    check_refused_as(late, strlen(late), format, uses,
                     "t.csv:4: column \"a\": got \"x\", need a number");
}
END_TEST

START_TEST(refused_files)
{
    const struct table_format format = {.delimiter = 0};
    check_text_refused("", "t.csv: no rows: got an empty file");
    check_text_refused("\n\n\r\n", "t.csv: no rows: got empty lines");
    check_text_refused("\xef\xbb\xbf", "t.csv: no rows");
    check_text_refused("a,b\n", "t.csv: no rows: got a header alone");
    check_text_refused("sep=;", "t.csv: no rows: got empty lines");
    check_text_refused("\"SEP=;\"\n", "t.csv: no rows: got empty lines");
    check_text_refused("a,b,a\n1,2,3\n",
                       "t.csv:1: column \"a\": columns 1 and 3 have this name; rename one");
    check_refused("\xff\xfe"
                  "a\0,\0b\0\n\0",
                  10, format, "t.csv: the text is UTF-16, need UTF-8");
    check_refused("\xfe\xff\0a\0,\0b\0\n", 10, format, "iconv -f UTF-16 -t UTF-8");
}
END_TEST

START_TEST(refused_formats)
{
    struct weft_table *table;
    const char text[] = "a;b\n1;2\n";
    ck_fails(read_bytes(text, 8, &(struct table_format){.delimiter = '"'}, &table),
             WEFT_ERROR_USAGE, "delimiter \"");
    ck_fails(read_bytes(text, 8, &(struct table_format){.delimiter = '\n'}, &table),
             WEFT_ERROR_USAGE, "not a delimiter");
    ck_fails(read_bytes(text, 8, &(struct table_format){.decimal = ';'}, &table), WEFT_ERROR_USAGE,
             "decimal ;: the decimal character must be . or ,");
    ck_fails(read_bytes(text, 8, &(struct table_format){.delimiter = ',', .decimal = ','}, &table),
             WEFT_ERROR_USAGE, "the delimiter is the same character");
    ck_fails(read_bytes("sep=\x8b\na\x8b"
                        "b\n1\x8b"
                        "2\n",
                        14, &(struct table_format){.decimal = 0}, &table),
             WEFT_ERROR_DATA, ":1: column \"1\": the byte 0x8B is not UTF-8");
    ck_fails(read_bytes(text, 8, &(struct table_format){.delimiter = '\x8b'}, &table),
             WEFT_ERROR_USAGE, "not a delimiter");
    /* A comma divides these values, so it is in no number without quotes. */
    const char more[] = "\"1,5\",2,3\n1,5,2e1,3\n";
    ck_fails(read_bytes(more, sizeof more - 1, &(struct table_format){.decimal = ','}, &table),
             WEFT_ERROR_DATA, ":2: wrong number of values: got 4, need 3");
}
END_TEST

/* ---- sizes ---- */

START_TEST(long_values_and_wide_rows)
{
    enum { LONG = 3 << 18, COLUMNS = 60000 };
    char *text = malloc(2 * LONG + 100);
    ck_assert_ptr_nonnull(text);
    size_t used = (size_t)sprintf(text, "a,b\n\"");
    memset(text + used, 'x', LONG);
    used += LONG;
    used += (size_t)sprintf(text + used, "\",1\ny,2\n");
    struct weft_table *table;
    const struct table_format format = {.delimiter = 0};
    ck_ok(read_bytes(text, used, &format, &table));
    ck_assert_uint_eq(strlen(column_text(&table->columns[0], 0)), LONG);
    ck_assert_str_eq(row_text(table, 1), "\"y\"|2");
    weft_table_destroy(table);

    used = 0;
    for (int c = 0; c < COLUMNS; c++)
        used += (size_t)sprintf(text + used, "%sx%d", c > 0 ? "," : "", c);
    used += (size_t)sprintf(text + used, "\n");
    for (int c = 0; c < COLUMNS; c++)
        used += (size_t)sprintf(text + used, "%s%d", c > 0 ? "," : "", c % 300);
    ck_ok(read_bytes(text, used, &format, &table));
    ck_assert_uint_eq(table->column_count, COLUMNS);
    ck_assert_str_eq(table->columns[COLUMNS - 1].name, "x59999");
    ck_assert(column_number(&table->columns[COLUMNS - 1], 0) == 299);
    weft_table_destroy(table);
    free(text);
}
END_TEST

START_TEST(many_empty_lines)
{
    enum { LINES = 3 << 18 };
    char *text = malloc(2 * LINES + 20);
    ck_assert_ptr_nonnull(text);
    memset(text, '\n', LINES);
    memcpy(text + LINES, "a,b\n1,2\n", 8);
    memset(text + LINES + 8, ' ', LINES);
    struct weft_table *table;
    const struct table_format format = {.delimiter = 0};
    ck_ok(read_bytes(text, 2 * LINES + 8, &format, &table));
    ck_assert_uint_eq(table_line(table, 0), LINES + 2);
    check_table(table, "a|b", ROWS("1|2"));
    free(text);
}
END_TEST

/* Rows of more bytes or values than any table has are refused before they take all memory. */
START_TEST(rows_are_bounded)
{
    enum { LONG = (1 << 26) + 100, VALUES = 1100000 };
    char *text = malloc(LONG + 1);
    struct weft_table *table;
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', LONG);
    ck_fails(read_bytes(text, LONG, &(struct table_format){.delimiter = 0}, &table),
             WEFT_ERROR_DATA, "t.csv:1: here or below, a row is longer than 67108864 bytes");
    memset(text, ',', VALUES);
    memcpy(text + VALUES, "\n1\n", 3);
    ck_fails(read_bytes(text, VALUES + 3, &(struct table_format){.delimiter = 0}, &table),
             WEFT_ERROR_DATA, "t.csv: columns: got 1100001, need at most 1048576");
    free(text);
}
END_TEST

/* A quote that never closes does not take the whole file into memory. */
START_TEST(an_open_quote_is_bounded)
{
    const size_t size = (size_t)CSV_LONGEST_QUOTED * 4;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    memset(text, '\n', size);
    memcpy(text, "a,b\n1,\"", 7);
    struct weft_table *table;
    struct byte_source *source = open_bytes(text, size);
    const struct table_format format = {.delimiter = 0};
    struct table_reader *reader;
    const enum weft_status status = csv_open(source, &format, NULL, CSV_BLOCK_BYTES, &reader);
    ck_assert_int_eq(status, WEFT_OK);
    size_t got;
    ck_ok(table_reader_table(reader, &table));
    ck_fails(table_reader_next(reader, 1, table, &got), WEFT_ERROR_DATA,
             "t.csv:2: column \"b\": the quote that opens here is not closed");
    ck_assert_uint_lt(reader->capacity, (size_t)CSV_LONGEST_QUOTED * 2 + 1);
    weft_table_destroy(table);
    table_reader_close(reader);
    free(text);
}
END_TEST

/* The bound is the same if the buffer already holds the whole value, with its closing quote. */
START_TEST(the_bound_of_quoted_values_is_the_same_in_one_block)
{
    static const char begin[] = "a,b\nw,w\nw,\"", end[] = "\"\nw,w\n";
    const struct table_format format = {.delimiter = ','};
    const size_t most = CSV_LONGEST_QUOTED - 1, size = strlen(begin) + most + 1 + strlen(end);
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    for (size_t length = most; length <= most + 1; length++) {
        struct weft_table *table;
        memset(text, 'x', size);
        memcpy(text, begin, strlen(begin));
        memcpy(text + strlen(begin) + length, end, strlen(end));
        const size_t used = strlen(begin) + length + strlen(end);
        const enum weft_status status =
            read_in_blocks(text, used, &format, NULL, NULL, size + 1, SIZE_MAX, &table);
        if (length == most)
            ck_ok(status);
        else
            ck_fails(status, WEFT_ERROR_DATA,
                     "t.csv:3: column \"b\": the quote that opens here is not closed");
        weft_table_destroy(table);
    }
    free(text);
}
END_TEST

/* Many blocks: sums of what Python's rule below writes. */
START_TEST(many_rows)
{
    enum { ROWS_WRITTEN = 200000 };
    char *text = malloc(ROWS_WRITTEN * 32);
    ck_assert_ptr_nonnull(text);
    size_t used = (size_t)sprintf(text, "i,x,t\n");
    for (int i = 0; i < ROWS_WRITTEN; i++)
        used += (size_t)sprintf(text + used, "%d,%d.25,w%d\n", i, i % 1000, i % 50);
    struct weft_table *table;
    const struct table_format format = {.delimiter = 0};
    ck_ok(read_bytes(text, used, &format, &table));
    double sum_i = 0, sum_x = 0;
    for (size_t row = 0; row < table->rows; row++) {
        sum_i += column_number(&table->columns[0], row);
        sum_x += column_number(&table->columns[1], row);
    }
    ck_assert(sum_i == 19999900000.0); /* 200000 * 199999 / 2 */
    ck_assert(sum_x == 99950000.0);    /* 200 * 499500 + 200000 / 4 */
    ck_assert_uint_eq(table->columns[2].words.count, 50);
    ck_assert_str_eq(column_text(&table->columns[2], 199999), "w49");
    ck_assert_uint_eq(table_line(table, 199999), 200001);
    ck_assert_uint_eq(table->line_count, 1);
    ck_assert_int_eq(table->columns[0].type, COLUMN_INT32);
    ck_assert_int_eq(table->columns[1].type, COLUMN_FLOAT32);
    weft_table_destroy(table);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv_faults");
    TCase *tests = tcase_create("csv_faults");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, refused_numbers);
    tcase_add_test(tests, refused_rows);
    tcase_add_test(tests, refused_quotes);
    tcase_add_test(tests, refused_bytes);
    tcase_add_test(tests, refused_bytes_in_chosen_columns);
    tcase_add_test(tests, earliest_fault_is_reported);
    tcase_add_test(tests, refused_files);
    tcase_add_test(tests, refused_formats);
    tcase_add_test(tests, long_values_and_wide_rows);
    tcase_add_test(tests, many_empty_lines);
    tcase_add_test(tests, rows_are_bounded);
    tcase_add_test(tests, an_open_quote_is_bounded);
    tcase_add_test(tests, the_bound_of_quoted_values_is_the_same_in_one_block);
    tcase_add_test(tests, many_rows);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
