/* Opens tables of text: finds out the delimiter and the header, and names the columns. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "data/csv_reader.h"
#include "data/csv_sniff.h"

enum { SNIFFED_ROWS = 100, NUMBER_NAME = 24, LEAST_BLOCK = 4 };

/* Without bounds, a gzip file of a few megabytes could take all memory with a single row. */
enum { LONGEST_ROW = 1 << 26, MOST_COLUMNS = 1 << 20 };

/* ---- the buffer ---- */

static struct csv_text text_of(const struct table_reader *reader)
{
    return (struct csv_text){reader->bytes, reader->used, reader->ended, reader->delimiter};
}

/* Makes the full buffer twice as large, because a row is longer. */
static enum weft_status enlarge(struct table_reader *reader)
{
    char *larger;
    if (reader->capacity >= LONGEST_ROW)
        return fail(WEFT_ERROR_DATA, "%s:%llu: here or below, a row is longer than %ld bytes",
                    byte_source_name(reader->source), (unsigned long long)reader->line,
                    (long)LONGEST_ROW);
    TRY(NEW_ARRAY(larger, reader->capacity * 2 + 1));
    memcpy(larger, reader->bytes, reader->used);
    memory_free(reader->bytes);
    reader->bytes = larger;
    reader->capacity *= 2;
    return WEFT_OK;
}

/* Fails if the file became shorter meanwhile: its last rows would be missing. */
static enum weft_status check_end(const struct table_reader *reader)
{
    const uint64_t got = reader->bytes_read + reader->used;
    const uint64_t file_bytes = byte_source_file_bytes(reader->source);
    if (byte_source_is_gzip(reader->source) || file_bytes == FILE_SIZE_UNKNOWN || got >= file_bytes)
        return WEFT_OK;
    return fail(
        WEFT_ERROR_IO, "%s: the file became shorter while it was read: got %llu bytes, need %llu",
        byte_source_name(reader->source), (unsigned long long)got, (unsigned long long)file_bytes);
}

enum weft_status csv_refill(struct table_reader *reader)
{
    size_t got;
    memmove(reader->bytes, reader->bytes + reader->next, reader->used - reader->next);
    reader->bytes_read += reader->next;
    reader->used -= reader->next;
    reader->next = 0;
    if (reader->used == reader->capacity)
        TRY(enlarge(reader));
    const size_t free_bytes = reader->capacity - reader->used;
    TRY(byte_source_read(reader->source, reader->bytes + reader->used, free_bytes, &got));
    reader->used += got;
    reader->ended = got < free_bytes;
    return reader->ended ? check_end(reader) : WEFT_OK;
}

/* Makes room for the rows of the buffer. */
static enum weft_status reserve_rows(struct table_reader *reader)
{
    struct csv_rows *rows = &reader->rows;
    const size_t columns = rows->columns;
    /* A row takes a byte for each value and, because it is not empty, one more. Only the last row
     * may lack its line break. */
    const size_t capacity = reader->capacity / size_max(columns, 2) + 2;
    if (reader->row_capacity >= capacity)
        return WEFT_OK;
    memory_free(rows->starts);
    memory_free(rows->ends);
    memory_free(rows->lines);
    memory_free(reader->numbers);
    rows->starts = rows->ends = NULL;
    rows->lines = NULL;
    reader->numbers = NULL;
    reader->row_capacity = capacity;
    TRY(NEW_ARRAY(rows->starts, capacity));
    TRY(NEW_ARRAY(rows->ends, (capacity + 1) * columns));
    TRY(NEW_ARRAY(rows->lines, capacity));
    return NEW_ARRAY(reader->numbers, capacity);
}

enum weft_status csv_scan(struct table_reader *reader, size_t most)
{
    const struct csv_text text = text_of(reader);
    TRY(reserve_rows(reader));
    reader->rows.next = reader->next;
    reader->rows.line = reader->line;
    csv_scan_rows(&text, size_min(most, reader->row_capacity), &reader->rows);
    return WEFT_OK;
}

/* ---- the first rows ---- */

static bool begins_with(const struct table_reader *reader, const char *bytes, size_t size)
{
    return reader->used >= size && memcmp(reader->bytes, bytes, size) == 0;
}

/* Skips the byte order mark of UTF-8, and rejects UTF-16. */
static enum weft_status take_byte_order_mark(struct table_reader *reader)
{
    const char *name = byte_source_name(reader->source);
    if (begins_with(reader, "\xef\xbb\xbf", 3))
        reader->next = 3;
    if (begins_with(reader, "\xff\xfe", 2) || begins_with(reader, "\xfe\xff", 2))
        return fail(WEFT_ERROR_DATA,
                    "%s: the text is UTF-16, need UTF-8; convert it with: iconv -f UTF-16 -t UTF-8",
                    name);
    return WEFT_OK;
}

/* Skips a first line that names the delimiter. */
static enum weft_status take_separator(struct table_reader *reader)
{
    enum { LONGEST = 10 }; /* "sep=;" in quotes, CRLF, and what follows */
    char delimiter;
    while (!reader->ended && reader->used - reader->next < LONGEST)
        TRY(csv_refill(reader));
    const size_t length =
        csv_sniff_separator(reader->bytes + reader->next, reader->used - reader->next, &delimiter);
    if (length == 0)
        return WEFT_OK;
    reader->next += length;
    reader->line++;
    reader->delimiter = reader->delimiter != 0 ? reader->delimiter : delimiter;
    return WEFT_OK;
}

/* Tells whether more bytes may complete the row that has this fault. */
static bool is_cut(const struct table_reader *reader, enum csv_fault fault)
{
    return fault == CSV_RAGGED && !reader->ended;
}

/* Reads until the buffer has at least two rows, or all of the source, and stores the number of
 * values in the first row; 0 if it has a fault. */
static enum weft_status read_first_rows(struct table_reader *reader, size_t *columns)
{
    for (;;) {
        enum csv_fault first, second = CSV_FINE;
        const struct csv_text text = text_of(reader);
        size_t next = reader->next;
        *columns = csv_count_values(&text, &next, &first);
        if (first == CSV_FINE)
            (void)csv_count_values(&text, &next, &second);
        if (!is_cut(reader, first == CSV_FINE ? second : first))
            return WEFT_OK;
        TRY(csv_refill(reader));
    }
}

/* Scans the first rows for the sniffer. */
static enum weft_status scan_first_rows(struct table_reader *reader)
{
    size_t columns, offset;
    TRY(csv_refill(reader));
    TRY(take_byte_order_mark(reader));
    TRY(take_separator(reader));
    if (reader->delimiter == 0) {
        const struct csv_text text = {reader->bytes, reader->used, reader->ended, ','};
        struct csv_text rest = text;
        rest.bytes += reader->next;
        rest.size -= reader->next;
        reader->delimiter = csv_sniff_delimiter(&rest, reader->words.decimal);
    }
    TRY(read_first_rows(reader, &columns));
    if (columns > MOST_COLUMNS)
        return fail(WEFT_ERROR_DATA, "%s: columns: got %zu, need at most %ld",
                    byte_source_name(reader->source), columns, (long)MOST_COLUMNS);
    reader->rows.columns = size_max(columns, 1);
    TRY(csv_scan(reader, SNIFFED_ROWS));
    const size_t valid = csv_valid_rows(reader, reader->rows.count, &offset);
    if (valid == 0 && reader->rows.count > 0)
        return csv_fail_byte(reader, 0, offset);
    if (reader->rows.count == 0)
        return reader->rows.fault != CSV_FINE
                   ? csv_fail_scan(reader)
                   : fail(WEFT_ERROR_DATA, "%s: no rows: got %s, need at least one row",
                          byte_source_name(reader->source),
                          reader->used == 0 ? "an empty file" : "empty lines");
    reader->rows.count = valid;
    return WEFT_OK;
}

/* ---- columns ---- */

/* Collects the names that stand in the first row. */
static enum weft_status collect_names(struct table_reader *reader, struct dictionary *given)
{
    for (size_t c = 0; c < reader->rows.columns; c++) {
        uint32_t index;
        const struct csv_value value = csv_row_value(reader->bytes, &reader->rows, 0, c);
        TRY(dictionary_add(given, value.text, value.length, &index));
    }
    return WEFT_OK;
}

/* Stores the name of a column in reader->text: the first value or, if that is empty, its number.
 * pandas names its index so, and may name other columns by numbers. */
static enum weft_status name_column(struct table_reader *reader, const struct dictionary *given,
                                    size_t c)
{
    char number[NUMBER_NAME + sizeof "column "];
    struct csv_value value = csv_row_value(reader->bytes, &reader->rows, 0, c);
    if (given->count == 0 || value.length == 0) {
        snprintf(number, sizeof number, "%zu", c + 1);
        if (dictionary_find(given, number, strlen(number)) != UINT32_MAX)
            snprintf(number, sizeof number, "column %zu", c + 1);
        value = (struct csv_value){number, strlen(number), false};
    }
    TRY(memory_grow(&reader->text, 1, 0, value.length + 1, &reader->text_capacity));
    reader->text[csv_unquote(value, reader->text)] = '\0';
    return WEFT_OK;
}

/* Adds a column to the header and to `names`, which has the columns before it. */
static enum weft_status add_column(struct table_reader *reader, const struct dictionary *given,
                                   size_t c, struct dictionary *names)
{
    uint32_t index;
    TRY(name_column(reader, given, c));
    TRY(dictionary_add(names, reader->text, strlen(reader->text), &index));
    if (index < c)
        return fail(WEFT_ERROR_DATA,
                    "%s:%llu: column \"%.200s\": columns %zu and %zu have this name; rename one",
                    byte_source_name(reader->source), (unsigned long long)reader->rows.lines[0],
                    reader->text, (size_t)index + 1, c + 1);
    return table_add_column(reader->header, reader->text, COLUMN_NUMBER);
}

static enum weft_status add_columns(struct table_reader *reader, bool named)
{
    struct dictionary given = {.words = NULL}, names = {.words = NULL};
    enum weft_status status = table_create(byte_source_name(reader->source), &reader->header);
    if (status == WEFT_OK && named)
        status = collect_names(reader, &given);
    for (size_t c = 0; c < reader->rows.columns && status == WEFT_OK; c++)
        status = add_column(reader, &given, c, &names);
    dictionary_reset(&given);
    dictionary_reset(&names);
    return status;
}

static enum weft_status skip_header(struct table_reader *reader)
{
    TRY(csv_scan(reader, 1));
    reader->next = reader->rows.next;
    reader->line = reader->rows.line;
    return WEFT_OK;
}

/* Sets the rules of the columns that the format names. */
static enum weft_status set_rules(struct table_reader *reader, const struct table_format *format)
{
    const struct weft_table *header = reader->header;
    TRY(NEW_ARRAY(reader->rules, header->column_count));
    TRY(NEW_ARRAY(reader->stored, header->column_count));
    for (size_t c = 0; c < header->column_count; c++)
        reader->rules[c] = format->chosen ? CSV_SKIPPED : CSV_ANYTHING;
    for (size_t i = 0; i < format->text_column_count; i++) {
        const size_t c = table_column(header, format->text_columns[i]);
        if (c == header->column_count)
            continue;
        reader->rules[c] = CSV_TEXTS;
        header->columns[c].kind = COLUMN_TEXT;
    }
    return WEFT_OK;
}

/* ---- opening ---- */

static enum weft_status check_format(const struct table_format *format)
{
    const char delimiter[] = {format->delimiter, '\0'}, decimal[] = {format->decimal, '\0'};
    if (format->delimiter != 0 && !csv_may_delimit(format->delimiter))
        return fail_option("delimiter", delimiter, "not a delimiter; use a comma, a tab, ; or |");
    if (format->decimal != 0 && format->decimal != '.' && format->decimal != ',')
        return fail_option("decimal", decimal, "the decimal character must be . or ,");
    if (format->decimal != 0 && format->decimal == format->delimiter)
        return fail_option("decimal", decimal,
                           "the delimiter is the same character; without --delimiter, commas "
                           "divide quoted numbers");
    return WEFT_OK;
}

/* Returns the size of the buffer: `block_bytes`, or less for a small file. One byte more than the
 * file has room for shows its end in the first read. */
static size_t buffer_bytes(const struct byte_source *source, size_t block_bytes)
{
    const uint64_t file_bytes = byte_source_file_bytes(source);
    if (file_bytes < block_bytes && !byte_source_is_gzip(source))
        block_bytes = (size_t)file_bytes + 1;
    return size_max(block_bytes, LEAST_BLOCK);
}

/* Finds out whether the first row has names, unless that is known. */
static enum weft_status look_at_first_row(const struct table_reader *reader,
                                          const struct table_format *format,
                                          const struct csv_dialect *dialect,
                                          struct csv_first_row *first)
{
    *first = (struct csv_first_row){.names = dialect != NULL && dialect->named};
    if (dialect != NULL)
        return WEFT_OK;
    TRY(csv_sniff_header(reader->bytes, &reader->rows, &reader->words, format->doubt_counts,
                         first));
    first->names = first->names && !format->no_header;
    first->counts = first->counts && (first->clear || !format->no_header);
    return WEFT_OK;
}

static enum weft_status open_reader(struct table_reader *reader, const struct table_format *format,
                                    const struct csv_dialect *dialect, size_t block_bytes)
{
    struct csv_first_row first;
    TRY(check_format(format));
    TRY(csv_words_init(&reader->words, format->missing,
                       format->decimal != 0 ? format->decimal : '.'));
    if (!format->chosen)
        TRY(byte_source_keep(reader->source));
    reader->capacity = buffer_bytes(reader->source, block_bytes);
    reader->delimiter = dialect != NULL ? dialect->delimiter : format->delimiter;
    reader->line = 1;
    TRY(NEW_ARRAY(reader->bytes, reader->capacity + 1));
    TRY(scan_first_rows(reader));
    TRY(look_at_first_row(reader, format, dialect, &first));
    TRY(add_columns(reader, first.names));
    reader->header->named = first.names;
    reader->header->counted = first.counts;
    reader->header->indexed =
        first.names && csv_row_value(reader->bytes, &reader->rows, 0, 0).length == 0;
    reader->header->counting_index =
        first.names && csv_sniff_counted_index(reader->bytes, &reader->rows);
    if (first.names)
        TRY(skip_header(reader));
    return set_rules(reader, format);
}

enum weft_status csv_open(struct byte_source *source, const struct table_format *format,
                          const struct csv_dialect *dialect, size_t block_bytes,
                          struct table_reader **reader)
{
    enum weft_status status = NEW_ARRAY(*reader, 1);
    if (status != WEFT_OK) {
        byte_source_close(source);
        return status;
    }
    (*reader)->source = source;
    status = open_reader(*reader, format, dialect, block_bytes);
    if (status != WEFT_OK) {
        table_reader_close(*reader);
        *reader = NULL;
    }
    return status;
}

enum weft_status table_reader_open(struct byte_source *source, const struct table_format *format,
                                   struct table_reader **reader)
{
    return csv_open(source, format, NULL, CSV_BLOCK_BYTES, reader);
}

void table_reader_close(struct table_reader *reader)
{
    if (reader == NULL)
        return;
    byte_source_close(reader->source);
    csv_words_reset(&reader->words);
    weft_table_destroy(reader->header);
    memory_free(reader->rules);
    memory_free(reader->stored);
    memory_free(reader->pieces.items);
    memory_free(reader->pieces.values);
    memory_free(reader->bytes);
    memory_free(reader->rows.starts);
    memory_free(reader->rows.ends);
    memory_free(reader->rows.lines);
    memory_free(reader->numbers);
    memory_free(reader->text);
    memory_free(reader);
}
