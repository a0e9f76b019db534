/* Tests the reader of CSV text: quotes, line ends, delimiters, headers, numbers and missing values.
 * Each text is also read in blocks of a few bytes and a few rows, with equal results.
 *
 * Expected values are those of Python's csv module and of pandas, or written by hand where Weft
 * differs.
 */
#define _XOPEN_SOURCE 700
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "csv_text.h"

/* ---- the form ---- */

START_TEST(plain_rows)
{
    check_table(read_text("a,b\n1,2\n3,4\n"), "a|b", ROWS("1|2", "3|4"));
    check_table(read_text("a,b\n1,2\n3,4"), "a|b", ROWS("1|2", "3|4"));
    check_table(read_text("a\n5\n"), "a", ROWS("5"));
}
END_TEST

START_TEST(quotes)
{
    check_table(read_text("a,b\n\"x, y\",1\n\"say \"\"hi\"\"\",2\n\"\",3\n\"\"\"\",4\n"), "a|b",
                ROWS("\"x, y\"|1", "\"say \"hi\"\"|2", "NULL|3", "\"\"\"|4"));
    check_table(read_text("\"a, \"\"b\"\"\",c\n1,\"2\"\n"), "a, \"b\"|c", ROWS("1|2"));
    /* A quote inside a value without quotes is text. */
    check_table(read_text("a,b\n5\" disk,1\nx\"y\"z,2\n"), "a|b",
                ROWS("\"5\" disk\"|1", "\"x\"y\"z\"|2"));
}
END_TEST

START_TEST(line_breaks_in_quotes)
{
    struct weft_table *table = read_text("a,b\n\"x\ny\",1\n\"p\r\nq\",2\n\"\n\n\",3\nz,4\n");
    const uint64_t lines[] = {2, 4, 6, 9};
    for (size_t row = 0; row < 4; row++)
        ck_assert_uint_eq(table_line(table, row), lines[row]);
    check_table(table, "a|b", ROWS("\"x\ny\"|1", "\"p\r\nq\"|2", "\"\n\n\"|3", "\"z\"|4"));
}
END_TEST

START_TEST(line_ends)
{
    check_table(read_text("a,b\r\n1,x\r\n2,\"y\"\r\n"), "a|b", ROWS("1|\"x\"", "2|\"y\""));
    check_table(read_text("a,b\r1,x\r2,\"y\"\r"), "a|b", ROWS("1|\"x\"", "2|\"y\""));
    check_table(read_text("a,b\r\n1,x\n2,y\r3,z"), "a|b", ROWS("1|\"x\"", "2|\"y\"", "3|\"z\""));
}
END_TEST

START_TEST(empty_lines)
{
    struct weft_table *table = read_text("\n\r\na,b\n\n1,2\n  \n\n3,4\r\n\r\n\n");
    ck_assert_uint_eq(table_line(table, 0), 5);
    ck_assert_uint_eq(table_line(table, 1), 8);
    check_table(table, "a|b", ROWS("1|2", "3|4"));
    check_table(read_text("a\tb\n1\t2\n\t\n \t5\n"), "a|b", ROWS("1|2", "NULL|NULL", "NULL|5"));
    check_table(read_text("a\n1\n\n2\n \n\"\"\n?\n"), "a", ROWS("1", "2", "NULL", "NULL"));
}
END_TEST

START_TEST(byte_order_mark)
{
    check_table(read_text("\xef\xbb\xbf"
                          "a,b\n1,2\n"),
                "a|b", ROWS("1|2"));
    check_table(read_text("\xef\xbb\xbf\"a\",b\n1,2\n"), "a|b", ROWS("1|2"));
}
END_TEST

/* ---- delimiters and headers ---- */

START_TEST(delimiters)
{
    check_table(read_text("a\tb\n1\tx, y\n2\tz; w\n"), "a|b", ROWS("1|\"x, y\"", "2|\"z; w\""));
    check_table(read_text("a;b;c\n1,5;2;x\n2,5;3;y\n"), "a|b|c",
                ROWS("\"1,5\"|2|\"x\"", "\"2,5\"|3|\"y\""));
    check_table(read_text("a|b\n1|x,y\n2|z\n"), "a|b", ROWS("1|\"x,y\"", "2|\"z\""));
    check_table(read_text("a,b\n1,\"x;y\"\n2,\"p|q\tr\"\n"), "a|b",
                ROWS("1|\"x;y\"", "2|\"p|q\tr\""));
    check_table(read_as("a:b\n1:2\n", (struct table_format){.delimiter = ':'}), "a|b", ROWS("1|2"));
    check_table(read_as("a;b,c\n1;2,3\n", (struct table_format){.delimiter = ';'}), "a|b,c",
                ROWS("1|\"2,3\""));
    check_table(read_as("aebE\n1e5\n-2e6\n", (struct table_format){.delimiter = 'e'}), "a|bE",
                ROWS("1|5", "-2|6"));
    check_table(read_as("1E5\n2E6\n", (struct table_format){.delimiter = 'E'}), "1|2",
                ROWS("1|5", "2|6"));
}
END_TEST

START_TEST(decimal_comma)
{
    check_table(read_as("a;b\n1,5;-2,25e1\n,5;3\n", (struct table_format){.decimal = ','}), "a|b",
                ROWS("1.5|-22.5", "0.5|3"));
    check_table(read_as("1,5;2,5\n3,5;4,5\n", (struct table_format){.decimal = ','}), "1|2",
                ROWS("1.5|2.5", "3.5|4.5"));
    check_table(read_as("a;b\n1.5;2\n", (struct table_format){.decimal = ','}), "a|b",
                ROWS("\"1.5\"|2"));
}
END_TEST

/* Spreadsheets quote numbers with a decimal comma if commas divide the values. */
START_TEST(quoted_decimal_commas)
{
    const struct table_format comma = {.decimal = ',', .no_header = true};
    check_table(read_as("\"a\",\"b\"\n\"0,5\",\"x\"\n\"-1,25\",\"y\"\n",
                        (struct table_format){.decimal = ','}),
                "a|b", ROWS("0.5|\"x\"", "-1.25|\"y\""));
    check_table(read_as("\"1,5\",2,3\n\"2,5\",4,5\n", comma), "1|2|3", ROWS("1.5|2|3", "2.5|4|5"));
    check_table(read_as("1,5\n2,5\n", comma), "1", ROWS("1.5", "2.5")); /* nothing is quoted */
    check_table(read_as("\"1,5\"\n\"2,5\"\n", comma), "1", ROWS("1.5", "2.5"));
}
END_TEST

/* The first line of Excel. */
START_TEST(named_delimiter)
{
    check_table(read_text("sep=;\na;b,c\n1;2\n"), "a|b,c", ROWS("1|2"));
    check_table(read_text("sep=;\r\na;b,c\r\n1;2\r\n"), "a|b,c", ROWS("1|2"));
    check_table(read_text("\xef\xbb\xbfsep=\t\ra,b\tc\r1\t2"), "a,b|c", ROWS("1|2"));
    check_table(read_text("sep=,\n1,2\n3,4"), "1|2", ROWS("1|2", "3|4"));
    check_table(read_as("sep=;\na|b\n1|2\n", (struct table_format){.delimiter = '|'}), "a|b",
                ROWS("1|2")); /* the user knows better */
    check_table(read_text("\"sep=;\"\na;b,c\n1;2\n"), "a|b,c", ROWS("1|2"));
    check_table(read_text("\xef\xbb\xbf\"SEP=|\"\r\na|b\r\n1|2\r\n"), "a|b", ROWS("1|2"));
    check_table(read_text("Sep=;\r\na;b,c\r\n1;2\r\n"), "a|b,c", ROWS("1|2"));
    check_table(read_text("\"sep=;\na\"\n1\n"), "sep=;\na", ROWS("1"));
    check_table(read_text("sep=5\n1\n"), "sep=5", ROWS("1"));
    check_table(read_text("sep=;;\n1;2;3\n4;5;6\n"), "sep=|2|3", ROWS("1|2|3", "4|5|6"));
}
END_TEST

START_TEST(headers)
{
    const struct {
        const char *text;
        bool named;
        size_t rows;
    } cases[] = {
        {"a,b\n1,2\n", true, 1},
        {"5.1,3.5,setosa\n4.9,3.0,virginica\n", false, 2},
        {"0,1\n1,0\n", false, 2},
        {"0,1", false, 1},
        {"id,2019,2020\n7,5.1,2\n8,3,4\n", true, 2}, /* years as names */
        {"name,city\nBob,Rome\nAnn,Oslo\n", true, 2},
        {"yes,yes\nno,yes\n", false, 2}, /* names would be distinct */
        {",a\n0,5\n1,6\n", true, 2},     /* as pandas writes its index */
        {"0,1,2\n3,4,5\n", true, 1},     /* as pandas writes an array */
        {",0,1\n0,5,6\n", true, 1},
        {"0,1,2\n", false, 1}, /* a single sample */
        {"0,1,1\n1,0,1\n", false, 2},
        {"1,2,3\n4,5,6\n", false, 2},
        {"price\n1\nn.a.\n3\n", true, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weft_table *table = read_text(cases[i].text);
        ck_assert_msg(table->named == cases[i].named, "%s", cases[i].text);
        ck_assert_uint_eq(table->rows, cases[i].rows);
        weft_table_destroy(table);
    }
    check_table(read_as("a,b\n1,2\n", (struct table_format){.no_header = true}), "1|2",
                ROWS("\"a\"|\"b\"", "\"1\"|\"2\""));
    check_table(read_text(",a\n0,5\n"), "1|a", ROWS("0|5"));
    check_table(read_text(",0,1,y\n0,5,6,7\n"), "column 1|0|1|y", ROWS("0|5|6|7"));
    check_table(read_text("\"0\",\"1\",\"2\"\n5,6,7\n"), "0|1|2", ROWS("5|6|7"));
    check_table(read_text("3,a,\n0,5,6\n"), "3|a|column 3", ROWS("0|5|6"));
    check_table(read_text(" a,b \n0,5\n"), " a|b ", ROWS("0|5")); /* as pandas */
}
END_TEST

/* ---- values ---- */

START_TEST(number_values)
{
    check_table(read_text("a,b\n1,-1\n+2,.5\n3.,1e3\n1E-2, 7 \n\t8,\"9\"\n007,-0\n"), "a|b",
                ROWS("1|-1", "2|0.5", "3|1000", "0.01|7", "8|9", "7|-0"));
    check_table(
        read_text("a\n0.1\n1e400\n-1e400\n1e-400\ninf\n-Infinity\n123456789012345678\n"), "a",
        ROWS("0.10000000000000001", "inf", "-inf", "0", "inf", "-inf", "1.2345678901234568e+17"));
    const char *texts[] = {"1,000", "$5",  "5%", "0x10", "1_000", "1e",
                           "--1",   "1 2", ".",  "e5",   "true"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[64];
        snprintf(text, sizeof text, "a;b\n%s;1\n", texts[i]);
        struct weft_table *table = read_text(text);
        ck_assert_int_eq(table->columns[0].kind, COLUMN_TEXT);
        ck_assert_str_eq(column_text(&table->columns[0], 0), texts[i]);
        weft_table_destroy(table);
    }
}
END_TEST

START_TEST(missing_values)
{
    check_table(read_text("a,b\n1,x\n,\nNA,NA\nNaN,nan\nnull,NULL\n?, ? \n  ,\"NA\"\n"), "a|b",
                ROWS("1|\"x\"", "NULL|NULL", "NULL|NULL", "NULL|NULL", "NULL|NULL", "NULL|NULL",
                     "NULL|NULL"));
    /* A list replaces the words, but not the empty value. */
    check_table(read_as("a,b\n1,NA\n,\nn.a.,?\n-,x\n", (struct table_format){.missing = "n.a.,-"}),
                "a|b", ROWS("1|\"NA\"", "NULL|NULL", "NULL|\"?\"", "NULL|\"x\""));
    check_table(read_as("a\n5\n-999\n-999.0\n-99\n", (struct table_format){.missing = "-999"}), "a",
                ROWS("5", "NULL", "NULL", "-99"));
    check_table(read_text("a,b\n,1\n,2\n"), "a|b", ROWS("NULL|1", "NULL|2"));
}
END_TEST

START_TEST(text_values)
{
    check_table(read_text("a,b\n x ,1\nZ\xc3\xbcrich,2\n\xe6\x9d\xb1\xe4\xba\xac,3\n"), "a|b",
                ROWS("\" x \"|1", "\"Z\xc3\xbcrich\"|2", "\"\xe6\x9d\xb1\xe4\xba\xac\"|3"));
    struct weft_table *table = read_text("a\nx\ny\nx\n\"x\"\ny\n");
    ck_assert_uint_eq(table->columns[0].words.count, 2);
    check_table(table, "a", ROWS("\"x\"", "\"y\"", "\"x\"", "\"x\"", "\"y\""));
}
END_TEST

/* ---- columns that become text ---- */

START_TEST(late_texts_keep_their_spelling)
{
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "zip,n,m\n");
    for (int i = 0; i < 300; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%05d,1.50,%d\n", i % 7, i);
    snprintf(text + used, sizeof text - used, "K1A,many,\n,2,3\n");
    struct weft_table *table = read_text(text);
    ck_assert_uint_eq(table->rows, 302);
    ck_assert_str_eq(row_text(table, 0), "\"00000\"|\"1.50\"|0");
    ck_assert_str_eq(row_text(table, 299), "\"00005\"|\"1.50\"|299");
    ck_assert_str_eq(row_text(table, 300), "\"K1A\"|\"many\"|NULL");
    ck_assert_str_eq(row_text(table, 301), "NULL|\"2\"|3");
    ck_assert_uint_eq(table->columns[0].words.count, 8);
    ck_assert_uint_eq(table->columns[0].missing_count, 1);
    weft_table_destroy(table);
}
END_TEST

/* Reads a whole table with a buffer of 64 bytes, which a late text makes the reader begin again. */
static struct weft_table *read_source(const char *path)
{
    const struct table_format format = {.delimiter = 0};
    const struct csv_dialect dialect = {',', true};
    struct byte_source *source;
    struct table_reader *reader;
    struct weft_table *table;
    size_t got;
    ck_ok(byte_source_open(path, &source));
    ck_ok(csv_open(source, &format, &dialect, 64, &reader));
    ck_ok(table_reader_table(reader, &table));
    ck_ok(table_reader_next(reader, SIZE_MAX, table, &got));
    ck_assert_uint_eq(got, table->rows);
    table_reader_close(reader);
    return table;
}

START_TEST(late_texts_of_gzip)
{
    char text[4096] = "a\n";
    for (int i = 0; i < 1000; i++)
        strcat(text, "01\n");
    strcat(text, "x\n");
    const char *plain = temporary_write("late.csv", text, strlen(text));
    char command[1024];
    snprintf(command, sizeof command, "gzip -kf '%s'", plain);
    ck_assert_int_eq(system(command), 0);
    snprintf(command, sizeof command, "%s.gz", plain);
    struct weft_table *table = read_source(command);
    ck_assert_uint_eq(table->rows, 1001);
    ck_assert_str_eq(column_text(&table->columns[0], 999), "01");
    ck_assert_str_eq(column_text(&table->columns[0], 1000), "x");
    weft_table_destroy(table);
}
END_TEST

/* A pipe cannot be read twice; its copy can. */
START_TEST(late_texts_of_a_pipe)
{
    int ends[2];
    char text[4096] = "a,b\n";
    for (int i = 0; i < 500; i++)
        strcat(text, "01,2\n");
    strcat(text, "x,3\n");
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], text, strlen(text)),
                     (int)strlen(text)); /* fits into the pipe */
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    struct weft_table *table = read_source("-");
    ck_assert_uint_eq(table->rows, 501);
    ck_assert_str_eq(table->name, "standard input");
    ck_assert_str_eq(row_text(table, 0), "\"01\"|2");
    ck_assert_str_eq(row_text(table, 500), "\"x\"|3");
    weft_table_destroy(table);
}
END_TEST

/* A stream that is cleared between blocks: earlier blocks have gone, and lines count on. */
START_TEST(late_texts_of_a_stream)
{
    const char text[] = "a\n1\n2\n3\n04\n05\nx\n07\n";
    const struct table_format format = {.delimiter = 0};
    struct table_reader *reader;
    struct weft_table *table;
    size_t got;
    ck_ok(table_reader_open(open_bytes(text, strlen(text)), &format, &reader));
    ck_ok(table_reader_table(reader, &table));
    ck_ok(table_reader_next(reader, 3, table, &got));
    ck_assert_uint_eq(got, 3);
    ck_assert_str_eq(row_text(table, 2), "3");
    table_clear(table);
    ck_ok(table_reader_next(reader, 2, table, &got));
    ck_assert_str_eq(row_text(table, 1), "5");
    ck_assert_uint_eq(table_line(table, 1), 6);
    ck_ok(table_reader_next(reader, 2, table, &got)); /* not cleared: rows 04, 05, x, 07 */
    ck_assert_uint_eq(got, 2);
    ck_assert_uint_eq(table->rows, 4);
    ck_assert_str_eq(row_text(table, 0), "\"04\"");
    ck_assert_str_eq(row_text(table, 3), "\"07\"");
    ck_ok(table_reader_next(reader, 2, table, &got));
    ck_assert_uint_eq(got, 0);
    weft_table_destroy(table);
    table_reader_close(reader);
}
END_TEST

START_TEST(named_columns)
{
    const char *texts[] = {"id", "3", "unknown"};
    const struct table_format format = {.text_columns = texts, .text_column_count = 3};
    check_table(read_as("id,x,code,y\n007,1,01,2\n008,2,02,3\n", format), "id|x|code|y",
                ROWS("\"007\"|1|\"01\"|2", "\"008\"|2|\"02\"|3"));
}
END_TEST

START_TEST(chosen_columns)
{
    const char text[] = "id,x,code,y\n007,1,01,2\n008,2,02,z\n";
    const struct table_format format = {.chosen = true};
    const enum table_use uses[] = {TABLE_TEXTS, TABLE_NUMBERS, TABLE_TEXTS, TABLE_SKIP};
    struct weft_table *table;
    ck_ok(read_in_blocks(text, strlen(text), &format, uses, NULL, CSV_BLOCK_BYTES, 1, &table));
    check_table(table, "id|x|code|y", ROWS("\"007\"|1|\"01\"|NULL", "\"008\"|2|\"02\"|NULL"));
}
END_TEST

START_TEST(files_with_data_options)
{
    const char text[] = "id;zip;x;keep\n007;01;1,5;1.0\n008;02;-;2.0\n";
    const char *path = temporary_write("options.csv", text, strlen(text));
    struct weft_data_options options = {.size = sizeof options,
                                        .id = "id",
                                        .keep = "zip,4",
                                        .categorical = "",
                                        .decimal = ',',
                                        .missing = "-"};
    struct weft_table *table;
    ck_ok(weft_table_read(path, &options, &table));
    check_table(table, "id|zip|x|keep",
                ROWS("\"007\"|\"01\"|1.5|\"1.0\"", "\"008\"|\"02\"|NULL|\"2.0\""));
    options.size = offsetof(struct weft_data_options, delimiter); /* built with an older weft.h */
    ck_ok(weft_table_read(path, &options, &table));
    ck_assert_str_eq(row_text(table, 1), "\"008\"|\"02\"|\"-\"|\"2.0\"");
    weft_table_destroy(table);
    ck_ok(weft_table_read(path, NULL, &table));
    ck_assert_str_eq(row_text(table, 0), "7|1|\"1,5\"|1");
    weft_table_destroy(table);
    ck_fails(weft_table_read("/nonexistent.csv", NULL, &table), WEFT_ERROR_IO,
             "/nonexistent.csv: cannot open");
    ck_assert_ptr_null(table);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tests = tcase_create("csv");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, plain_rows);
    tcase_add_test(tests, quotes);
    tcase_add_test(tests, line_breaks_in_quotes);
    tcase_add_test(tests, line_ends);
    tcase_add_test(tests, empty_lines);
    tcase_add_test(tests, byte_order_mark);
    tcase_add_test(tests, delimiters);
    tcase_add_test(tests, decimal_comma);
    tcase_add_test(tests, quoted_decimal_commas);
    tcase_add_test(tests, named_delimiter);
    tcase_add_test(tests, headers);
    tcase_add_test(tests, number_values);
    tcase_add_test(tests, missing_values);
    tcase_add_test(tests, text_values);
    tcase_add_test(tests, late_texts_keep_their_spelling);
    tcase_add_test(tests, late_texts_of_gzip);
    tcase_add_test(tests, late_texts_of_a_pipe);
    tcase_add_test(tests, late_texts_of_a_stream);
    tcase_add_test(tests, named_columns);
    tcase_add_test(tests, chosen_columns);
    tcase_add_test(tests, files_with_data_options);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
