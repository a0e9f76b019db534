/* Implements tables; see table.h. The columns are in column.c. */
#include "data/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/number.h"
#include "base/utf8.h"
#include "base/words.h"

enum { MESSAGE_BYTES = 1024, SHOWN_NAMES = 20 };

/* ---- creating ---- */

enum weft_status table_create(const char *name, struct weft_table **table)
{
    TRY(NEW_ARRAY(*table, 1));
    const enum weft_status status = text_copy(name, &(*table)->name);
    if (status != WEFT_OK) {
        weft_table_destroy(*table);
        *table = NULL;
    }
    return status;
}

static void column_reset(struct column *column)
{
    column_make_text(column); /* releases all values */
    memory_free(column->name);
}

void weft_table_destroy(struct weft_table *table)
{
    if (table == NULL)
        return;
    for (size_t c = 0; c < table->column_count; c++)
        column_reset(&table->columns[c]);
    memory_free(table->columns);
    memory_free(table->lines);
    memory_free(table->name);
    memory_free(table);
}

enum weft_status table_add_column(struct weft_table *table, const char *name, enum column_kind kind)
{
    char *copy;
    TRY(memory_grow(&table->columns, sizeof *table->columns, table->column_count,
                    table->column_count + 1, &table->column_capacity));
    TRY(text_copy(name, &copy));
    table->columns[table->column_count++] = (struct column){.name = copy, .kind = kind};
    return WEFT_OK;
}

void table_clear(struct weft_table *table)
{
    for (size_t c = 0; c < table->column_count; c++) {
        struct column *column = &table->columns[c];
        if (column->missing != NULL)
            memset(column->missing, 0, size_divide_up(column->capacity, 8));
        column->missing_count = 0;
        dictionary_clear(&column->words);
    }
    table->rows = 0;
    table->line_count = 0;
}

/* ---- lines ---- */

enum weft_status table_set_line(struct weft_table *table, size_t row, uint64_t line)
{
    if (table->line_count > 0) {
        const struct table_lines *last = &table->lines[table->line_count - 1];
        if (line == last->line + (row - last->row))
            return WEFT_OK;
    }
    TRY(memory_grow(&table->lines, sizeof *table->lines, table->line_count, table->line_count + 1,
                    &table->line_capacity));
    table->lines[table->line_count++] = (struct table_lines){row, line};
    return WEFT_OK;
}

uint64_t table_line(const struct weft_table *table, size_t row)
{
    size_t low = 0, high = table->line_count; /* The last entry at or before `row` is in between. */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (table->lines[middle].row <= row)
            low = middle;
        else
            high = middle;
    }
    return high == 0 ? 0 : table->lines[low].line + (row - table->lines[low].row);
}

enum weft_status table_fail(const struct weft_table *table, size_t row, size_t column,
                            const char *format, ...)
{
    char message[MESSAGE_BYTES];
    const char *name = table->columns[column].name;
    const unsigned long long line = table_line(table, row);
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(message, sizeof message, format, arguments) < 0)
        message[0] = '\0';
    va_end(arguments);
    if (line > 0)
        return fail(WEFT_ERROR_DATA, "%s:%llu: column \"%.200s\": %s", table->name, line, name,
                    message);
    return fail(WEFT_ERROR_DATA, "%s: row %zu: column \"%.200s\": %s", table->name, row + 1, name,
                message);
}

/* ---- finding columns ---- */

static size_t column_named(const struct weft_table *table, const char *name)
{
    size_t c = 0;
    while (c < table->column_count && strcmp(table->columns[c].name, name) != 0)
        c++;
    return c;
}

/* Finds the only column whose name has blanks around `name`, as in the header "a, b". */
static size_t column_with_blanks(const struct weft_table *table, const char *name)
{
    static const char blanks[] = " \t";
    const size_t length = strlen(name);
    size_t found = table->column_count;
    for (size_t c = 0; c < table->column_count; c++) {
        const char *inner = table->columns[c].name + strspn(table->columns[c].name, blanks);
        if (strncmp(inner, name, length) != 0 ||
            inner[length + strspn(inner + length, blanks)] != '\0')
            continue;
        if (found < table->column_count)
            return table->column_count;
        found = c;
    }
    return found;
}

size_t table_column(const struct weft_table *table, const char *name)
{
    uint64_t number;
    const size_t named = column_named(table, name);
    if (named < table->column_count)
        return named;
    if (integer_from_text(name, &number) && number > 0 && number <= table->column_count)
        return (size_t)number - 1;
    return name[0] != '\0' ? column_with_blanks(table, name) : named;
}

static enum weft_status fail_unknown(const struct weft_table *table, const char *option,
                                     const char *name, const char **names)
{
    char near[MESSAGE_BYTES], known[MESSAGE_BYTES];
    for (size_t c = 0; c < table->column_count; c++)
        names[c] = table->columns[c].name;
    nearest_words(name, names, table->column_count, "", near, sizeof near);
    if (near[0] != '\0')
        return fail_option(option, name, "%s has no such column; did you mean %s?", table->name,
                           near);
    words_join(names, size_min(table->column_count, SHOWN_NAMES), known, sizeof known);
    return fail_option(option, name, "%s has no such column; it has %zu column%s: %s%s",
                       table->name, table->column_count, table->column_count == 1 ? "" : "s", known,
                       table->column_count > SHOWN_NAMES ? ", ..." : "");
}

enum weft_status table_find(const struct weft_table *table, const char *option, const char *name,
                            size_t *column)
{
    const char **names;
    *column = table_column(table, name);
    if (*column < table->column_count)
        return WEFT_OK;
    TRY(NEW_ARRAY(names, table->column_count));
    const enum weft_status status = fail_unknown(table, option, name, names);
    memory_free(names);
    return status;
}

/* ---- tables of the caller ---- */

enum weft_status weft_table_create(size_t rows, struct weft_table **table)
{
    *table = NULL;
    if (rows == 0)
        return fail(WEFT_ERROR_DATA, "table: got no rows, need at least 1");
    TRY(table_create("table", table));
    (*table)->rows = rows;
    (*table)->named = true;
    return WEFT_OK;
}

/* Adds a column; its values follow. */
static enum weft_status begin_column(struct weft_table *table, const char *name,
                                     enum column_kind kind, struct column **column)
{
    if (utf8_prefix(name, strlen(name)) != strlen(name))
        return fail(WEFT_ERROR_USAGE, "%s: the name of column %zu is not UTF-8", table->name,
                    table->column_count + 1);
    if (column_named(table, name) < table->column_count)
        return fail(WEFT_ERROR_USAGE, "%s: column \"%.200s\": the table already has this column",
                    table->name, name);
    TRY(table_add_column(table, name, kind));
    *column = &table->columns[table->column_count - 1];
    return column_reserve(*column, table->rows);
}

static enum weft_status append_texts(struct weft_table *table, const char *name,
                                     const char *const *texts)
{
    struct column *column;
    TRY(begin_column(table, name, COLUMN_TEXT, &column));
    for (size_t row = 0; row < table->rows; row++) {
        const size_t length = texts[row] != NULL ? strlen(texts[row]) : 0;
        if (length > 0 && utf8_prefix(texts[row], length) != length)
            return table_fail(table, row, table->column_count - 1, "the text is not UTF-8");
        TRY(column_append_text(column, row, texts[row], length));
    }
    return WEFT_OK;
}

static enum weft_status append_numbers(struct weft_table *table, const char *name,
                                       const double *numbers)
{
    struct column *column;
    TRY(begin_column(table, name, COLUMN_NUMBER, &column));
    return column_append_numbers(column, 0, numbers, table->rows);
}

/* Removes the columns from `columns` on. */
static void remove_columns(struct weft_table *table, size_t columns)
{
    while (table->column_count > columns)
        column_reset(&table->columns[--table->column_count]);
}

enum weft_status weft_table_add_numbers(struct weft_table *table, const char *name,
                                        const double *numbers)
{
    const size_t columns = table->column_count;
    const enum weft_status status = append_numbers(table, name, numbers);
    if (status != WEFT_OK)
        remove_columns(table, columns);
    return status;
}

enum weft_status weft_table_add_texts(struct weft_table *table, const char *name,
                                      const char *const *texts)
{
    const size_t columns = table->column_count;
    const enum weft_status status = append_texts(table, name, texts);
    if (status != WEFT_OK)
        remove_columns(table, columns);
    return status;
}
