/* The messages about faults in CSV text. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "data/csv_reader.h"

enum { SHOWN_BYTES = 60, NAME_BYTES = 256 };

/* Writes and returns the name of a column, or its number if it has no name. */
static const char *name_of(const struct table_reader *reader, size_t column, char name[NAME_BYTES])
{
    if (reader->header != NULL && column < reader->header->column_count)
        snprintf(name, NAME_BYTES, "%s", reader->header->columns[column].name);
    else
        snprintf(name, NAME_BYTES, "%zu", column + 1);
    return name;
}

/* Fails because of a value: `FILE:LINE: column "NAME": what`. */
static enum weft_status fail_at(const struct table_reader *reader, uint64_t line, size_t column,
                                const char *what)
{
    char name[NAME_BYTES];
    return fail(WEFT_ERROR_DATA, "%s:%llu: column \"%s\": %s", byte_source_name(reader->source),
                (unsigned long long)line, name_of(reader, column, name), what);
}

enum weft_status csv_fail_scan(const struct table_reader *reader)
{
    const struct csv_rows *rows = &reader->rows;
    switch (rows->fault) {
    case CSV_OPEN_QUOTE:
        return fail_at(reader, rows->fault_line, rows->fault_column,
                       "the quote that opens here is not closed; write a quote that belongs to a "
                       "quoted value twice");
    case CSV_AFTER_QUOTE:
        return fail_at(reader, rows->fault_line, rows->fault_column,
                       "text follows the closing quote; write a quote that belongs to a quoted "
                       "value twice");
    case CSV_RAGGED:
    case CSV_FINE:
        break;
    }
    return fail(
        WEFT_ERROR_DATA, "%s:%llu: wrong number of values: got %zu, need %zu as in the first row%s",
        byte_source_name(reader->source), (unsigned long long)rows->fault_line, rows->fault_column,
        rows->columns, rows->columns == 1 ? "; if that is a title or a comment, remove it" : "");
}

size_t csv_valid_rows(const struct table_reader *reader, size_t count, size_t *offset)
{
    const struct csv_rows *rows = &reader->rows;
    if (count == 0)
        return 0;
    const size_t start = rows->starts[0], end = rows->ends[count * rows->columns - 1];
    const char *bytes = reader->bytes + start;
    const char *nul = memchr(bytes, '\0', end - start);
    const size_t valid = utf8_prefix(bytes, nul != NULL ? (size_t)(nul - bytes) : end - start);
    *offset = start + valid;
    while (count > 0 && *offset < end && rows->starts[count - 1] > *offset)
        count--;
    return *offset < end ? count - 1 : count;
}

enum weft_status csv_fail_byte(const struct table_reader *reader, size_t row, size_t offset)
{
    const struct csv_rows *rows = &reader->rows;
    const uint32_t *ends = &rows->ends[row * rows->columns];
    const unsigned char byte = (unsigned char)reader->bytes[offset];
    char what[NAME_BYTES];
    size_t column = 0;
    while (column + 1 < rows->columns && ends[column] <= offset)
        column++;
    if (byte == '\0')
        return fail_at(reader, rows->lines[row], column, "got a NUL byte, need UTF-8 text");
    snprintf(what, sizeof what,
             "the byte 0x%02X is not UTF-8; convert the file, perhaps with: iconv -f WINDOWS-1252 "
             "-t UTF-8",
             byte);
    return fail_at(reader, rows->lines[row], column, what);
}

enum weft_status csv_fail_number(const struct table_reader *reader, size_t row, size_t column)
{
    char what[2 * NAME_BYTES];
    const struct csv_value value = csv_row_value(reader->bytes, &reader->rows, row, column);
    const bool cut = value.length > SHOWN_BYTES;
    const size_t length = utf8_prefix(value.text, cut ? SHOWN_BYTES : value.length);
    snprintf(what, sizeof what,
             "got \"%.*s%s\", need a number; if it means a missing value, add it to --missing",
             (int)length, value.text, cut ? "..." : "");
    return fail_at(reader, reader->rows.lines[row], column, what);
}
