/* Reads tables of text into columns, a block of rows at a time; see table_reader.h.
 *
 * csv_pieces.c parses plain rows. Where it stops, the scanner finds the rows of the buffer. In both
 * cases, each column then takes its values from all these rows, so that a loop sees values of one
 * kind and writes one array.
 */
#include "data/table_reader.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/csv_reader.h"

/* ---- columns ---- */

enum weft_status table_reader_table(struct table_reader *reader, struct weft_table **table)
{
    const struct weft_table *header = reader->header;
    TRY(table_create(header->name, table));
    (*table)->named = header->named;
    (*table)->indexed = header->indexed;
    (*table)->counting_index = header->counting_index;
    (*table)->counted = header->counted;
    (*table)->decimal = reader->words.decimal;
    enum weft_status status = WEFT_OK;
    for (size_t c = 0; c < header->column_count && status == WEFT_OK; c++)
        status = table_add_column(*table, header->columns[c].name, header->columns[c].kind);
    if (status != WEFT_OK) {
        weft_table_destroy(*table);
        *table = NULL;
    }
    return status;
}

void table_reader_choose(struct table_reader *reader, const enum table_use *uses,
                         struct weft_table *table)
{
    static const enum csv_rule rules[] = {[TABLE_SKIP] = CSV_SKIPPED,
                                          [TABLE_ANYTHING] = CSV_ANYTHING,
                                          [TABLE_NUMBERS] = CSV_NUMBERS,
                                          [TABLE_TEXTS] = CSV_TEXTS};
    for (size_t c = 0; c < table->column_count; c++) {
        const enum column_kind kind = uses[c] == TABLE_TEXTS ? COLUMN_TEXT : COLUMN_NUMBER;
        reader->rules[c] = rules[uses[c]];
        reader->header->columns[c].kind = table->columns[c].kind = kind;
    }
}

static enum weft_status append_text(struct table_reader *reader, struct csv_value value,
                                    struct column *column, size_t row)
{
    double number;
    if (csv_classify(&reader->words, value, &number) == CSV_MISSING)
        return column_append_missing(column, row, 1);
    if (!value.quoted)
        return column_append_text(column, row, value.text, value.length);
    TRY(memory_grow(&reader->text, 1, 0, value.length, &reader->text_capacity));
    const size_t length = csv_unquote(value, reader->text);
    return column_append_text(column, row, reader->text, length);
}

/* Appends the texts of the first `count` rows of the buffer. */
static enum weft_status append_texts(struct table_reader *reader, size_t c, size_t count,
                                     struct column *column, size_t row)
{
    TRY(column_reserve(column, row + count));
    for (size_t i = 0; i < count; i++)
        TRY(append_text(reader, csv_row_value(reader->bytes, &reader->rows, i, c), column,
                        row + i));
    return WEFT_OK;
}

/* Reads the numbers of column c from the first `count` rows of the buffer. Stops at a text and
 * returns the number of rows before it. */
static size_t parse_numbers(const struct table_reader *reader, size_t c, size_t count,
                            double *numbers)
{
    for (size_t i = 0; i < count; i++) {
        const struct csv_value value = csv_row_value(reader->bytes, &reader->rows, i, c);
        switch (csv_classify(&reader->words, value, &numbers[i])) {
        case CSV_NUMBER:
            break;
        case CSV_MISSING:
            numbers[i] = (double)NAN;
            break;
        case CSV_TEXT:
            return i;
        }
    }
    return count;
}

/* Turns a column of numbers into text, whose values from row `row` on follow. If earlier rows have
 * numbers, their texts must be read again. */
static enum weft_status become_text(struct table_reader *reader, size_t c, struct column *column,
                                    size_t row, bool *late)
{
    *late = column->missing_count < row;
    reader->rules[c] = *late ? CSV_LATE : CSV_TEXTS;
    reader->late_count += *late;
    if (*late)
        return WEFT_OK;
    column_make_text(column);
    return column_append_missing(column, 0, row);
}

/* Appends the values of the first `count` rows of the buffer to a column that has `row` rows.
 * `*faulty` becomes the first row whose value should be a number and is none. */
static enum weft_status append_values(struct table_reader *reader, size_t c, size_t count,
                                      struct column *column, size_t row, size_t *faulty)
{
    if (reader->rules[c] == CSV_SKIPPED)
        return column_append_missing(column, row, count);
    if (reader->rules[c] == CSV_ANYTHING || reader->rules[c] == CSV_NUMBERS) {
        const size_t numbers = parse_numbers(reader, c, count, reader->numbers);
        if (numbers == count)
            return column_append_numbers(column, row, reader->numbers, numbers);
        if (reader->rules[c] == CSV_NUMBERS) {
            *faulty = numbers;
            return WEFT_OK;
        }
        bool late;
        TRY(become_text(reader, c, column, row, &late));
    }
    if (reader->rules[c] == CSV_LATE)
        return WEFT_OK;
    return append_texts(reader, c, count, column, row);
}

/* Appends the first `count` rows of the buffer to the table. */
static enum weft_status append_rows(struct table_reader *reader, size_t count,
                                    struct weft_table *table)
{
    size_t first_faulty = count, faulty_column = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        size_t faulty = count;
        TRY(append_values(reader, c, count, &table->columns[c], table->rows, &faulty));
        if (faulty < first_faulty) {
            first_faulty = faulty;
            faulty_column = c;
        }
    }
    if (first_faulty < count)
        return csv_fail_number(reader, first_faulty, faulty_column);
    for (size_t row = 0; row < count; row++)
        TRY(table_set_line(table, table->rows + row, reader->rows.lines[row]));
    table->rows += count;
    return WEFT_OK;
}

/* ---- plain rows ---- */

/* Appends the texts of column c that piece p gives now. */
static enum weft_status append_piece_texts(struct table_reader *reader, size_t p, size_t c,
                                           struct column *column, size_t row)
{
    const double *values = csv_piece_values(&reader->pieces, p, c);
    const size_t count = reader->pieces.items[p].take;
    TRY(column_reserve(column, row + count));
    for (size_t i = 0; i < count; i++) {
        struct csv_span span;
        memcpy(&span, &values[i], sizeof span);
        TRY(append_text(reader, csv_value_at(reader->bytes, span.start, span.end), column,
                        row + i));
    }
    return WEFT_OK;
}

/* Appends the values of column c that piece p gives now. */
static enum weft_status append_piece(struct table_reader *reader, size_t p, size_t c,
                                     struct column *column, size_t row)
{
    const size_t count = reader->pieces.items[p].take;
    switch (reader->rules[c]) {
    case CSV_SKIPPED:
        return column_append_missing(column, row, count);
    case CSV_TEXTS:
        return append_piece_texts(reader, p, c, column, row);
    case CSV_LATE:
        return WEFT_OK;
    case CSV_ANYTHING:
    case CSV_NUMBERS:
        break;
    }
    return column_append_numbers(column, row, csv_piece_values(&reader->pieces, p, c), count);
}

/* Appends what csv_store_numbers has left of column c. */
static enum weft_status append_rest(struct table_reader *reader, size_t c,
                                    const struct weft_table *table)
{
    const struct csv_pieces *pieces = &reader->pieces;
    size_t row = table->rows;
    for (size_t p = 0; p < pieces->count; p++) {
        if (p >= reader->stored[c] && pieces->items[p].take > 0)
            TRY(append_piece(reader, p, c, &table->columns[c], row));
        row += pieces->items[p].take;
    }
    return WEFT_OK;
}

/* Appends at most `most` plain rows. */
static enum weft_status append_plain(struct table_reader *reader, size_t most,
                                     struct weft_table *table, size_t *got)
{
    TRY(csv_parse_pieces(reader));
    *got = csv_store_numbers(reader, most, table);
    if (*got == 0)
        return WEFT_OK;
    for (size_t c = 0; c < table->column_count; c++)
        TRY(append_rest(reader, c, table));
    TRY(table_set_line(table, table->rows, reader->line)); /* The lines of the others follow. */
    table->rows += *got;
    csv_leave_pieces(reader, *got);
    return WEFT_OK;
}

/* ---- blocks ---- */

/* Finds at most `most` rows in the buffer, reading more bytes if it has none. */
static enum weft_status find_rows(struct table_reader *reader, size_t most)
{
    for (;;) {
        TRY(csv_scan(reader, most));
        if (reader->rows.count > 0 || reader->rows.fault != CSV_FINE || reader->ended)
            return WEFT_OK;
        reader->next = reader->rows.next;
        reader->line = reader->rows.line;
        TRY(csv_refill(reader));
    }
}

/* Appends at most `most` rows of any kind. */
static enum weft_status append_scanned(struct table_reader *reader, size_t most,
                                       struct weft_table *table, size_t *got)
{
    size_t offset;
    reader->pieces.stopped = false;
    TRY(find_rows(reader, most));
    const struct csv_rows *rows = &reader->rows;
    *got = csv_valid_rows(reader, rows->count, &offset);
    TRY(append_rows(reader, *got, table));
    if (*got < rows->count)
        return csv_fail_byte(reader, *got, offset);
    if (*got == 0 && rows->fault != CSV_FINE)
        return csv_fail_scan(reader);
    reader->next = rows->next;
    reader->line = rows->line;
    return WEFT_OK;
}

/* Returns the number of bytes before the first row that is not taken. */
static uint64_t place(const struct table_reader *reader)
{
    return reader->bytes_read + reader->next;
}

/* Reserves memory for all rows, whose number follows from the size of the file and the bytes of the
 * first `table->rows` rows. */
static enum weft_status reserve_rows(const struct table_reader *reader, size_t most, uint64_t bytes,
                                     struct weft_table *table)
{
    const uint64_t file_bytes = byte_source_file_bytes(reader->source);
    if (file_bytes == FILE_SIZE_UNKNOWN || byte_source_is_gzip(reader->source))
        return WEFT_OK;
    const double estimate = 1.02 * (double)table->rows * (double)file_bytes / (double)bytes;
    const size_t rows = size_min(most, estimate < (double)(SIZE_MAX / 2) ? (size_t)estimate : 0);
    for (size_t c = 0; c < table->column_count; c++)
        if (reader->rules[c] != CSV_LATE)
            TRY(column_reserve(&table->columns[c], rows));
    return WEFT_OK;
}

/* Appends a block of at most `most` rows. */
static enum weft_status next_block(struct table_reader *reader, size_t most,
                                   struct weft_table *table, size_t *got)
{
    const uint64_t start = place(reader);
    TRY(append_plain(reader, most, table, got));
    if (*got == 0)
        TRY(append_scanned(reader, most, table, got));
    reader->rows_read += *got;
    if (table->rows == *got && *got > 0 && *got < most)
        TRY(reserve_rows(reader, most, place(reader) - start, table));
    return WEFT_OK;
}

enum weft_status table_reader_next(struct table_reader *reader, size_t rows,
                                   struct weft_table *table, size_t *got)
{
    size_t block = 1;
    *got = 0;
    while (*got < rows && block > 0) {
        TRY(next_block(reader, rows - *got, table, &block));
        *got += block;
    }
    if (reader->rows_read == 0 && rows > 0)
        return fail(WEFT_ERROR_DATA, "%s: no rows: got a header alone, need at least one row",
                    table->name);
    return reader->late_count > 0 ? csv_read_again(reader, table) : WEFT_OK;
}

/* ---- whole tables ---- */

static enum weft_status read_all(struct table_reader *reader, struct weft_table **table)
{
    size_t got;
    TRY(table_reader_table(reader, table));
    const enum weft_status status = table_reader_next(reader, SIZE_MAX, *table, &got);
    if (status != WEFT_OK) {
        weft_table_destroy(*table);
        *table = NULL;
    }
    return status;
}

enum weft_status table_read(struct byte_source *source, const struct table_format *format,
                            struct weft_table **table)
{
    struct table_reader *reader;
    *table = NULL;
    TRY(table_reader_open(source, format, &reader));
    const enum weft_status status = read_all(reader, table);
    table_reader_close(reader);
    return status;
}
