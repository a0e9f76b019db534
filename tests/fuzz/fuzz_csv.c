/* Fuzzes the reader of CSV text.
 *
 * The first byte of the input chooses the format, the rest is the file. The expected result comes
 * from a second parser, which goes through the text byte by byte and keeps every value as a string
 * (naive_csv.h). The delimiter and the header are those that Weft found. A file must also give the
 * same table, or the same message, if it is read in blocks of a few bytes, a few rows at a time.
 * libFuzzer tries one size of blocks for each input, which takes a third less time; the corpus is
 * read in blocks of every size.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../same_table.h"
#include "data/csv_reader.h"
#include "fuzz_target.h"
#include "memory_files.h"
#include "naive_csv.h"

enum { LARGEST_TEXT = 1 << 14, MESSAGE = 2048 };

static struct naive naive;

/* How to read a text. */
struct how {
    struct table_format format;
    bool numbers; /* the first column must have numbers */
};

static struct how how_of(uint8_t choice)
{
    static const char *const names[] = {"a"};
    struct table_format format = {.no_header = (choice & 1) != 0};
    if ((choice & 2) != 0)
        format.decimal = ',';
    if ((choice & 4) != 0)
        format.delimiter = ';';
    if ((choice & 8) != 0) {
        format.text_columns = names;
        format.text_column_count = 1;
    }
    return (struct how){format, (choice & 16) != 0};
}

static struct byte_source *open_text(void)
{
    struct byte_source *source;
    REQUIRE(byte_source_open("text", &source) == WEFT_OK);
    return source;
}

static void choose(struct table_reader *reader, const struct how *how, struct weft_table *table)
{
    enum table_use *uses = calloc(table->column_count, sizeof *uses);
    REQUIRE(uses != NULL);
    for (size_t c = 0; c < table->column_count; c++)
        uses[c] = table->columns[c].kind == COLUMN_TEXT ? TABLE_TEXTS : TABLE_ANYTHING;
    uses[0] = how->numbers ? TABLE_NUMBERS : uses[0];
    table_reader_choose(reader, uses, table);
    free(uses);
}

/* Reads the file in blocks. The caller destroys the table, which is NULL after a failure. */
static enum weft_status read_blocks(const struct how *how, const struct csv_dialect *dialect,
                                    size_t bytes, size_t rows, struct weft_table **table)
{
    struct table_reader *reader;
    size_t got = rows;
    *table = NULL;
    enum weft_status status = csv_open(open_text(), &how->format, dialect, bytes, &reader);
    if (status != WEFT_OK)
        return status;
    REQUIRE(table_reader_table(reader, table) == WEFT_OK);
    choose(reader, how, *table);
    while (status == WEFT_OK && got == rows)
        status = table_reader_next(reader, rows, *table, &got);
    table_reader_close(reader);
    if (status == WEFT_OK)
        return WEFT_OK;
    weft_table_destroy(*table);
    *table = NULL;
    return status;
}

/* Reads a file of `size` bytes in small blocks and compares with what it gave as a whole. */
static void check_blocks(const struct how *how, const struct csv_dialect *dialect, size_t size,
                         const struct weft_table *whole, const char *message)
{
    static const size_t sizes[][2] = {{4, 1}, {5, SIZE_MAX}, {13, 2}, {64, 7}};
    const size_t count = sizeof sizes / sizeof *sizes;
    for (size_t i = FUZZING ? size % count : 0; i < count; i += FUZZING ? count : 1) {
        struct weft_table *table;
        const enum weft_status status = read_blocks(how, dialect, sizes[i][0], sizes[i][1], &table);
        REQUIRE((status == WEFT_OK) == (whole != NULL));
        if (status == WEFT_OK)
            REQUIRE(same_tables(table, whole));
        else
            REQUIRE(strcmp(weft_error(), message) == 0);
        weft_table_destroy(table);
    }
}

/* ---- the second opinion ---- */

static void check_value(const struct column *column, size_t row, const struct naive_value *value,
                        char decimal)
{
    double number = (double)NAN;
    const enum naive_class class = naive_classify(value, decimal, &number);
    REQUIRE(column_is_missing(column, row) == (class == NAIVE_MISSING));
    if (class == NAIVE_MISSING)
        return;
    if (column->kind == COLUMN_TEXT) {
        REQUIRE(strlen(column_text(column, row)) == value->length);
        REQUIRE(memcmp(column_text(column, row), value->text, value->length) == 0);
        return;
    }
    REQUIRE(class == NAIVE_NUMBER);
    REQUIRE(column_number(column, row) == number);
}

/* Tells whether a column of the naive table has a text. */
static bool has_text(size_t first_row, size_t column, char decimal)
{
    double number;
    for (size_t row = first_row; row < naive.rows; row++)
        if (naive_classify(naive_at(&naive, row, column), decimal, &number) == NAIVE_TEXT)
            return true;
    return false;
}

/* Returns the column that the name "a" finds: the one of this name or else the only one whose name
 * has blanks around it. */
static size_t column_a(const struct weft_table *table)
{
    size_t found = SIZE_MAX, count = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        const char *name = table->columns[c].name, *at = name + strspn(name, " \t");
        if (strcmp(name, "a") == 0)
            return c;
        if (*at == 'a' && at[1 + strspn(at + 1, " \t")] == '\0') {
            found = c;
            count++;
        }
    }
    return count == 1 ? found : SIZE_MAX;
}

static void check_table(const struct weft_table *table, const struct how *how)
{
    const struct table_format *format = &how->format;
    const char decimal = format->decimal != 0 ? format->decimal : '.';
    const size_t first = table->named ? 1 : 0;
    REQUIRE(naive.valid && naive.rows == table->rows + first);
    REQUIRE(naive.columns == table->column_count);
    for (size_t c = 0; c < table->column_count; c++) {
        const struct column *column = &table->columns[c];
        const bool forced =
            format->text_column_count > 0 && c == column_a(table) && !(how->numbers && c == 0);
        REQUIRE((column->kind == COLUMN_TEXT) == (forced || has_text(first, c, decimal)));
        for (size_t row = 0; row < table->rows; row++)
            check_value(column, row, naive_at(&naive, row + first, c), decimal);
    }
    for (size_t row = 0; row < table->rows; row++)
        REQUIRE(table_line(table, row) == naive.lines[row + first]);
}

/* ---- the target ---- */

static void check_text(const struct how *how, const char *text, size_t size)
{
    const struct table_format *format = &how->format;
    struct table_reader *reader;
    struct weft_table *table;
    char message[MESSAGE] = "";
    enum weft_status status = csv_open(open_text(), format, NULL, CSV_BLOCK_BYTES, &reader);
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA);
    if (status != WEFT_OK) {
        REQUIRE(strstr(weft_error(), "text:") == weft_error());
        return;
    }
    const struct csv_dialect dialect = {reader->delimiter, reader->header->named};
    table_reader_close(reader);
    status = how->numbers ? read_blocks(how, NULL, CSV_BLOCK_BYTES, SIZE_MAX, &table)
                          : table_read(open_text(), format, &table);
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA);
    if (status != WEFT_OK) {
        snprintf(message, sizeof message, "%s", weft_error());
        REQUIRE(strstr(message, "text:") == message);
    }
    check_blocks(how, &dialect, size, table, message);
    naive_read(&naive, text, size, dialect.delimiter);
    if (table != NULL)
        check_table(table, how);
    else if (!how->numbers)
        REQUIRE(!naive.valid || naive.rows == (size_t)dialect.named);
    weft_table_destroy(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > LARGEST_TEXT)
        return 0;
    const struct how how = how_of(data[0]);
    memory_files_set("text", data + 1, size - 1);
    if (size < 3 || data[1] != 0x1f || data[2] != 0x8b) /* not gzip */
        check_text(&how, (const char *)data + 1, size - 1);
    memory_files_clear();
    return 0;
}
