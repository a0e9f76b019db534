/* Reads tables from CSV text in memory, in blocks of several sizes. Needs _XOPEN_SOURCE 700 before
 * the first include, and the fixture of temporary.h. */
#ifndef WEFT_TESTS_CSV_TEXT_H
#define WEFT_TESTS_CSV_TEXT_H

#include "data/csv_reader.h"
#include "same_table.h"
#include "suite.h"
#include "temporary.h"

static inline struct byte_source *open_bytes(const char *text, size_t size)
{
    struct byte_source *source;
    ck_ok(byte_source_open(temporary_write("t.csv", text, size), &source));
    return source;
}

static inline enum weft_status read_bytes(const char *text, size_t size,
                                          const struct table_format *format,
                                          struct weft_table **table)
{
    return table_read(open_bytes(text, size), format, table);
}

/* Reads the same text with a buffer of `block_bytes`, `rows` rows at a time. `uses` says how to
 * read each column; NULL leaves it to the format. */
static inline enum weft_status read_in_blocks(const char *text, size_t size,
                                              const struct table_format *format,
                                              const enum table_use *uses,
                                              const struct csv_dialect *dialect, size_t block_bytes,
                                              size_t rows, struct weft_table **table)
{
    struct table_reader *reader;
    size_t got = rows;
    *table = NULL;
    enum weft_status status =
        csv_open(open_bytes(text, size), format, dialect, block_bytes, &reader);
    if (status != WEFT_OK)
        return status;
    ck_ok(table_reader_table(reader, table));
    if (uses != NULL)
        table_reader_choose(reader, uses, *table);
    while (status == WEFT_OK && got == rows)
        status = table_reader_next(reader, rows, *table, &got);
    table_reader_close(reader);
    return status;
}

/* Stores what the reader finds out from the first rows. Returns false if it refuses them. */
static inline bool find_dialect(const char *text, size_t size, const struct table_format *format,
                                struct csv_dialect *dialect)
{
    struct table_reader *reader;
    if (table_reader_open(open_bytes(text, size), format, &reader) != WEFT_OK)
        return false;
    *dialect = (struct csv_dialect){reader->delimiter, reader->header->named};
    table_reader_close(reader);
    return true;
}

/* Asserts that blocks of other sizes give the same table. */
static inline void check_blocks(const char *text, size_t size, const struct table_format *format,
                                const struct weft_table *whole)
{
    struct csv_dialect dialect;
    ck_assert(find_dialect(text, size, format, &dialect));
    for (size_t bytes = 4; bytes <= 64; bytes += bytes < 10 ? 1 : 27)
        for (size_t rows = 1; rows <= 5; rows += 2) {
            struct weft_table *table;
            ck_ok(read_in_blocks(text, size, format, NULL, &dialect, bytes, rows, &table));
            ck_assert_msg(same_tables(table, whole),
                          "other values in blocks of %zu bytes, %zu rows", bytes, rows);
            weft_table_destroy(table);
        }
}

/* Reads a text of `size` bytes, in blocks of all sizes. The caller destroys the table. */
static inline struct weft_table *read_sized(const char *text, size_t size,
                                            const struct table_format *format)
{
    struct weft_table *table;
    ck_ok(read_bytes(text, size, format, &table));
    check_blocks(text, size, format, table);
    return table;
}

static inline struct weft_table *read_as(const char *text, struct table_format format)
{
    return read_sized(text, strlen(text), &format);
}

static inline struct weft_table *read_text(const char *text)
{
    return read_as(text, (struct table_format){.delimiter = 0});
}

/* Asserts that the text is refused with a message that begins with the file, in blocks of all sizes
 * alike. `uses` is as in read_in_blocks. */
static inline void check_refused_as(const char *text, size_t size, struct table_format format,
                                    const enum table_use *uses, const char *message)
{
    struct weft_table *table;
    char expected[1200], line[1200];
    struct csv_dialect dialect;
    ck_fails(uses == NULL ? read_bytes(text, size, &format, &table)
                          : read_in_blocks(text, size, &format, uses, NULL, CSV_BLOCK_BYTES,
                                           SIZE_MAX, &table),
             WEFT_ERROR_DATA, message);
    ck_assert(uses != NULL || table == NULL);
    weft_table_destroy(table);
    snprintf(expected, sizeof expected, "%s", weft_error());
    ck_assert_msg(strstr(expected, "t.csv:") != NULL, "%s", expected);
    if (!find_dialect(text, size, &format, &dialect))
        return;
    for (size_t bytes = 4; bytes <= 16; bytes++) {
        const enum weft_status status =
            read_in_blocks(text, size, &format, uses, &dialect, bytes, 1, &table);
        snprintf(line, sizeof line, "%s", weft_error());
        weft_table_destroy(table);
        ck_assert_int_eq(status, WEFT_ERROR_DATA);
        ck_assert_str_eq(line, expected);
    }
}

static inline void check_refused(const char *text, size_t size, struct table_format format,
                                 const char *message)
{
    check_refused_as(text, size, format, NULL, message);
}

static inline void check_text_refused(const char *text, const char *message)
{
    check_refused(text, strlen(text), (struct table_format){.delimiter = 0}, message);
}

/* ---- looking at tables ---- */

/* Returns a row as text, such as `1|NULL|"x"`: numbers, missing values, and texts in quotes. */
static inline const char *row_text(const struct weft_table *table, size_t row)
{
    static char text[4096];
    size_t used = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        const struct column *column = &table->columns[c];
        char *end = text + used;
        const size_t left = sizeof text - used;
        if (c > 0)
            used += (size_t)snprintf(end, left, "|");
        end = text + used;
        if (column_is_missing(column, row))
            used += (size_t)snprintf(end, left, "NULL");
        else if (column->kind == COLUMN_TEXT)
            used += (size_t)snprintf(end, left, "\"%s\"", column_text(column, row));
        else
            used += (size_t)snprintf(end, left, "%.17g", column_number(column, row));
    }
    return text;
}

/* Returns the names as text, such as `a|b`. */
static inline const char *names_text(const struct weft_table *table)
{
    static char text[4096];
    size_t used = 0;
    text[0] = '\0';
    for (size_t c = 0; c < table->column_count; c++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", c > 0 ? "|" : "",
                                 table->columns[c].name);
    return text;
}

/* Asserts the names of the columns and all rows; a NULL ends the rows. */
static inline void check_table(struct weft_table *table, const char *names, const char *const *rows)
{
    size_t row = 0;
    ck_assert_str_eq(names_text(table), names);
    for (; rows[row] != NULL; row++) {
        ck_assert_uint_lt(row, table->rows);
        ck_assert_str_eq(row_text(table, row), rows[row]);
    }
    ck_assert_uint_eq(table->rows, row);
    weft_table_destroy(table);
}

#define ROWS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
