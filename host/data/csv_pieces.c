/* Reads the plain rows of CSV text, with several threads.
 *
 * The buffer is cut into pieces of whole lines. A thread goes through the text of a piece once: the
 * end of a number is where its digits end. Then the columns take their values, each with a thread.
 * A row stops a piece if it is not plain: it has a fault, a line break or a doubled quote within
 * quotes, a line end other than LF and CRLF, or a text in a column of numbers. The scanner takes
 * over there. No thread allocates memory or fails: whatever needs that is left to table_reader.c.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/parallel.h"
#include "base/utf8.h"
#include "data/csv_reader.h"

/* Bytes of a piece, and the least number of values that is worth several threads. A piece, its
 * values and those of its neighbors fit into the cache of a core. */
enum { PIECE_BYTES = 1 << 15, MOST_VALUES = 1 << 22, SHARED_VALUES = 4096 };

_Static_assert(sizeof(struct csv_span) == sizeof(double), "a text takes the place of a number");

/* ---- one value ---- */

/* What the threads share. */
struct work {
    const struct table_reader *reader;
    size_t columns;
    char delimiter, decimal;
    bool direct; /* the end of a number needs no search for a delimiter */
};

static bool ends_value(const struct work *of, char c)
{
    return c == of->delimiter || c == '\n' || c == '\r';
}

/* Returns the end of the value at `at`, or NULL if the value is not plain. */
static const char *value_end(const struct work *of, const char *at)
{
    if (*at != '"') {
        while (!ends_value(of, *at))
            at++;
        return at;
    }
    const char *const opened = at;
    do
        at++;
    while (*at != '"' && *at != '\n' && *at != '\r');
    const bool closed = *at == '"' && ends_value(of, at[1]);
    return closed && at - opened <= CSV_LONGEST_QUOTED ? at + 1 : NULL;
}

static bool is_text(struct csv_value value)
{
    return memchr(value.text, '\0', value.length) == NULL &&
           utf8_prefix(value.text, value.length) == value.length;
}

/* Stores a value of column `c` that is no number, or that a search for its end must find. Returns
 * its end, or NULL if the value is not plain. */
static const char *take_other(const struct work *of, size_t c, const char *at, double *value)
{
    const struct table_reader *reader = of->reader;
    const char *const end = value_end(of, at);
    if (end == NULL)
        return NULL;
    const struct csv_value found = csv_value_at(at, 0, (size_t)(end - at));
    if (!is_text(found))
        return NULL;
    switch (reader->rules[c]) {
    case CSV_SKIPPED:
        return end;
    case CSV_TEXTS:
    case CSV_LATE: {
        const struct csv_span span = {(uint32_t)(at - reader->bytes),
                                      (uint32_t)(end - reader->bytes)};
        memcpy(value, &span, sizeof span);
        return end;
    }
    case CSV_ANYTHING:
    case CSV_NUMBERS:
        break;
    }
    switch (csv_classify(&reader->words, found, value)) {
    case CSV_NUMBER:
        return end;
    case CSV_MISSING:
        *value = (double)NAN;
        return end;
    case CSV_TEXT:
        break;
    }
    return NULL;
}

static inline const char *take_value(const struct work *of, size_t c, const char *at,
                                     const char *end, double *value)
{
    const enum csv_rule rule = of->reader->rules[c];
    if (of->direct && (rule == CSV_ANYTHING || rule == CSV_NUMBERS)) {
        const char *const behind = number_take(at, end, of->decimal, value);
        if (behind != NULL && ends_value(of, *behind))
            return behind;
    }
    return take_other(of, c, at, value);
}

/* ---- one piece ---- */

/* Stores the values of the row at `at`, `stride` apart. Returns the place behind its line feed, or
 * NULL if the row is not plain. */
static const char *take_row(const struct work *of, const char *at, const char *end, double *values,
                            size_t stride)
{
    const bool blank = *at == ' ' || *at == '\t' || *at == '\n' || *at == '\r';
    if (blank && of->columns == 1)
        return NULL; /* It may be an empty line. */
    for (size_t c = 0; c < of->columns; c++) {
        if (c > 0 && *at++ != of->delimiter)
            return NULL;
        at = take_value(of, c, at, end, &values[c * stride]);
        if (at == NULL)
            return NULL;
    }
    at += *at == '\r';
    return *at == '\n' ? at + 1 : NULL;
}

static void parse_piece(const struct work *of, struct csv_piece *piece)
{
    const char *const bytes = of->reader->bytes, *const end = bytes + piece->end;
    const char *at = bytes + piece->next;
    while (at < end && piece->rows < of->reader->pieces.stride) {
        at = take_row(of, at, end, &piece->values[piece->rows], of->reader->pieces.stride);
        if (at == NULL)
            return;
        piece->next = (size_t)(at - bytes);
        piece->rows++;
    }
}

static void parse_pieces(const void *work, size_t first, size_t count)
{
    const struct work *of = work;
    for (size_t p = first; p < first + count; p++)
        parse_piece(of, &of->reader->pieces.items[p]);
}

/* ---- all pieces ---- */

/* Makes room for pieces that have at least a row each. */
static enum weft_status reserve_pieces(struct table_reader *reader)
{
    struct csv_pieces *pieces = &reader->pieces;
    if (pieces->items != NULL)
        return WEFT_OK;
    pieces->bytes = size_min(reader->capacity, PIECE_BYTES);
    const size_t columns = reader->rows.columns, values = size_max(pieces->bytes, columns);
    pieces->stride = values / columns; /* A value takes a byte at least, with what follows it. */
    pieces->capacity = size_min(reader->capacity, MOST_VALUES) / values + 1;
    TRY(NEW_ARRAY(pieces->items, pieces->capacity));
    return NEW_ARRAY(pieces->values, pieces->capacity * columns * pieces->stride);
}

/* Returns the offset behind the last line feed between two offsets, or `start` if there is none. */
static size_t behind_last_line(const struct table_reader *reader, size_t start, size_t end)
{
    while (end > start && reader->bytes[end - 1] != '\n')
        end--;
    return end;
}

/* Returns the end of the piece that begins at `start`, which is `start` if no line ends there. */
static size_t piece_end(const struct table_reader *reader, size_t start)
{
    const size_t rest = reader->used - start;
    const size_t end =
        behind_last_line(reader, start, start + size_min(rest, reader->pieces.bytes));
    const char *const feed =
        end > start || rest == 0 ? NULL : memchr(reader->bytes + start, '\n', rest);
    return feed != NULL ? (size_t)(feed + 1 - reader->bytes) : end;
}

static void cut_pieces(struct table_reader *reader)
{
    struct csv_pieces *pieces = &reader->pieces;
    const size_t values = reader->rows.columns * pieces->stride;
    size_t start = reader->next;
    for (pieces->count = 0; pieces->count < pieces->capacity; pieces->count++) {
        const size_t end = piece_end(reader, start);
        if (end == start)
            return;
        pieces->items[pieces->count] = (struct csv_piece){
            .end = end, .next = start, .values = &pieces->values[pieces->count * values]};
        start = end;
    }
}

/* Drops the pieces behind the first one that has a row that is not plain. */
static void join_pieces(struct csv_pieces *pieces)
{
    size_t p = 0;
    for (pieces->stopped = false; p < pieces->count && !pieces->stopped; p++) {
        pieces->waiting += pieces->items[p].rows;
        pieces->stopped = pieces->items[p].next < pieces->items[p].end;
    }
    pieces->count = p;
}

enum weft_status csv_parse_pieces(struct table_reader *reader)
{
    struct csv_pieces *pieces = &reader->pieces;
    const char delimiter = reader->delimiter;
    if (pieces->waiting > 0)
        return WEFT_OK;
    pieces->count = 0;
    if (pieces->stopped)
        return WEFT_OK;
    const bool cut = behind_last_line(reader, reader->next, reader->used) == reader->next;
    if (cut && !reader->ended && (reader->next > 0 || reader->used < reader->capacity))
        TRY(csv_refill(reader));
    TRY(reserve_pieces(reader));
    cut_pieces(reader);
    const struct work work = {.reader = reader,
                              .columns = reader->rows.columns,
                              .delimiter = delimiter,
                              .decimal = reader->words.decimal,
                              .direct = delimiter != reader->words.decimal && delimiter != 'e' &&
                                        delimiter != 'E' &&
                                        reader->words.missing_number_count == 0};
    parallel_for(pieces->count, 1, true, parse_pieces, &work);
    join_pieces(pieces);
    return WEFT_OK;
}

/* ---- columns ---- */

struct store {
    struct table_reader *reader;
    struct weft_table *table;
};

/* Stores the numbers of column c and returns how many pieces it got. */
static size_t store_column(const struct store *of, size_t c)
{
    const struct csv_pieces *pieces = &of->reader->pieces;
    const enum csv_rule rule = of->reader->rules[c];
    size_t p = 0, row = of->table->rows;
    if (rule != CSV_ANYTHING && rule != CSV_NUMBERS)
        return 0;
    for (; p < pieces->count; p++) {
        const struct csv_piece *piece = &pieces->items[p];
        if (piece->take > 0 && !column_put_numbers(&of->table->columns[c], row,
                                                   csv_piece_values(pieces, p, c), piece->take))
            break;
        row += piece->take;
    }
    return p;
}

static void store_piece(const void *work, size_t first, size_t count)
{
    const struct store *of = work;
    for (size_t c = first; c < first + count; c++)
        of->reader->stored[c] = store_column(of, c);
}

size_t csv_store_numbers(struct table_reader *reader, size_t most, struct weft_table *table)
{
    const struct store work = {reader, table};
    const size_t columns = table->column_count;
    size_t count = 0;
    for (size_t p = 0; p < reader->pieces.count; p++) {
        struct csv_piece *piece = &reader->pieces.items[p];
        piece->take = size_min(piece->rows - piece->taken, most - count);
        count += piece->take;
    }
    const size_t step = size_max(columns / (parallel_threads() * 8), 1);
    parallel_for(columns, step, count * columns >= SHARED_VALUES, store_piece, &work);
    return count;
}

void csv_leave_pieces(struct table_reader *reader, size_t count)
{
    struct csv_pieces *pieces = &reader->pieces;
    for (size_t p = 0; p < pieces->count; p++)
        pieces->items[p].taken += pieces->items[p].take;
    pieces->waiting -= count;
    reader->line += count;
    if (pieces->waiting == 0 && pieces->count > 0)
        reader->next = pieces->items[pieces->count - 1].next;
}
