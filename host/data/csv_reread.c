/* Reads the texts of columns that looked like numbers at first.
 *
 * The numbers of a column do not tell how they were spelled: "007" and "7" are the same number. So
 * the file is read once more, and the columns get the texts of all their rows.
 */
#include <string.h>

#include "base/memory.h"
#include "data/csv_reader.h"

enum { ROWS_AT_ONCE = 4096 };

/* Makes `again` read as text what is late in `reader`, and nothing else. */
static void choose_columns(const struct table_reader *reader, struct table_reader *again)
{
    for (size_t c = 0; c < reader->header->column_count; c++)
        if (reader->rules[c] == CSV_LATE) {
            again->rules[c] = CSV_TEXTS;
            again->header->columns[c].kind = COLUMN_TEXT;
        }
}

/* Appends the texts of rows first .. of `block` to the late columns of `table`. */
static enum weft_status append_texts(const struct table_reader *reader,
                                     const struct weft_table *block, size_t first, size_t count,
                                     struct weft_table *table, size_t row)
{
    for (size_t c = 0; c < table->column_count; c++) {
        if (reader->rules[c] != CSV_LATE)
            continue;
        for (size_t i = 0; i < count; i++) {
            const char *text = column_text(&block->columns[c], first + i);
            TRY(column_append_text(&table->columns[c], row + i, text,
                                   text != NULL ? strlen(text) : 0));
        }
    }
    return WEFT_OK;
}

/* Fills the late columns of `table` from the rows of `again`. `block` is a table of `again`. */
static enum weft_status fill(const struct table_reader *reader, struct table_reader *again,
                             struct weft_table *block, struct weft_table *table)
{
    uint64_t skip = reader->rows_read - table->rows; /* rows before those of the table */
    size_t row = 0, got;
    while (row < table->rows) {
        /* Read no row behind those of the table, because it may have a fault. */
        const uint64_t wanted = skip + (table->rows - row);
        table_clear(block);
        TRY(table_reader_next(again, wanted < ROWS_AT_ONCE ? (size_t)wanted : ROWS_AT_ONCE, block,
                              &got));
        if (got == 0)
            return fail(WEFT_ERROR_IO, "%s: the file has changed while it was read", table->name);
        const size_t first = skip < got ? (size_t)skip : got, count = got - first;
        skip -= first;
        TRY(append_texts(reader, block, first, count, table, row));
        row += count;
    }
    return WEFT_OK;
}

static enum weft_status fill_with(const struct table_reader *reader, struct table_reader *again,
                                  struct weft_table *table)
{
    struct weft_table *block;
    choose_columns(reader, again);
    TRY(table_reader_table(again, &block));
    const enum weft_status status = fill(reader, again, block, table);
    weft_table_destroy(block);
    return status;
}

/* Opens the file once more, in the same way. */
static enum weft_status open_again(const struct table_reader *reader, struct table_reader **again)
{
    const struct csv_dialect dialect = {reader->delimiter, reader->header->named};
    const struct table_format format = {.chosen = true};
    struct byte_source *source;
    TRY(byte_source_again(reader->source, &source));
    return csv_open(source, &format, &dialect, CSV_BLOCK_BYTES, again);
}

enum weft_status csv_read_again(struct table_reader *reader, struct weft_table *table)
{
    struct table_reader *again;
    for (size_t c = 0; c < table->column_count; c++)
        if (reader->rules[c] == CSV_LATE)
            column_make_text(&table->columns[c]);
    TRY(open_again(reader, &again));
    const enum weft_status status = fill_with(reader, again, table);
    table_reader_close(again);
    TRY(status);
    for (size_t c = 0; c < table->column_count; c++)
        if (reader->rules[c] == CSV_LATE)
            reader->rules[c] = CSV_TEXTS;
    reader->late_count = 0;
    return WEFT_OK;
}
