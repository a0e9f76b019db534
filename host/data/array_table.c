/* Turns arrays into tables; see array_table.h. */
#include "data/array_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/classes.h"

enum { BLOCK_ROWS = 4096, NUMBER_SIZE = 24 };

static enum weft_status add_column(struct weft_table *table, enum column_kind kind,
                                   struct column **column)
{
    char name[NUMBER_SIZE];
    snprintf(name, sizeof name, "%zu", table->column_count + 1);
    TRY(table_add_column(table, name, kind));
    *column = &table->columns[table->column_count - 1];
    return WEFT_OK;
}

/* Copies rows first .. first + count - 1 of column c to numbers [count]. */
static enum weft_status take_block(const struct array *array, size_t c, size_t first, size_t count,
                                   double *numbers)
{
    for (size_t r = 0; r < count; r++) {
        numbers[r] = array_value(array, (first + r) * array->columns + c);
        if (isinf(numbers[r]))
            return fail(WEFT_ERROR_DATA,
                        "%s: sample %zu, feature %zu: got %s, need a finite number", array->name,
                        first + r, c, numbers[r] > 0.0 ? "inf" : "-inf");
    }
    return WEFT_OK;
}

static enum weft_status add_numbers(const struct array *array, struct weft_table *table,
                                    double *numbers)
{
    for (size_t c = 0; c < array->columns; c++) {
        struct column *column;
        TRY(add_column(table, COLUMN_NUMBER, &column));
        for (size_t first = 0; first < array->rows; first += BLOCK_ROWS) {
            const size_t count = size_min(BLOCK_ROWS, array->rows - first);
            TRY(take_block(array, c, first, count, numbers));
            TRY(column_append_numbers(column, first, numbers, count));
        }
    }
    return WEFT_OK;
}

static enum weft_status add_labels(const struct array *array, struct weft_table *table)
{
    struct column *column;
    TRY(add_column(table, COLUMN_TEXT, &column));
    for (size_t row = 0; row < array->rows; row++) {
        char text[NUMBER_TEXT_SIZE];
        number_to_text(array_value(array, row), text);
        if (classes_may_merge(array_value(array, row)))
            return fail(WEFT_ERROR_DATA, "%s: sample %zu: label: got %s, " CLASSES_NEED_SMALLER,
                        array->name, row, text);
        TRY(column_append_text(column, row, text, strlen(text)));
    }
    return WEFT_OK;
}

static enum weft_status fill(const struct array *x, const struct array *y, bool labels,
                             struct weft_table *table)
{
    double *numbers; /* [BLOCK_ROWS] */
    TRY(NEW_ARRAY(numbers, BLOCK_ROWS));
    enum weft_status status = add_numbers(x, table, numbers);
    if (status == WEFT_OK && y != NULL)
        status = labels ? add_labels(y, table) : add_numbers(y, table, numbers);
    memory_free(numbers);
    table->rows = x->rows;
    return status;
}

enum weft_status array_table(const struct array *x, const struct array *y,
                             const struct weft_data_options *options, struct weft_table **table)
{
    *table = NULL;
    if (y != NULL)
        TRY(array_same_rows(x, y));
    TRY(table_create(x->name, table));
    (*table)->named = false;
    const enum weft_status status = fill(x, y, y != NULL && array_has_labels(y, options), *table);
    if (status != WEFT_OK) {
        weft_table_destroy(*table);
        *table = NULL;
    }
    return status;
}

enum weft_status array_table_target(const struct array *x, const struct array *y, char **target)
{
    size_t size, used = 0;
    if (!size_multiply(y->columns, NUMBER_SIZE, &size))
        return memory_exhausted(y->columns, NUMBER_SIZE);
    TRY(NEW_ARRAY(*target, size));
    for (size_t c = 1; c <= y->columns; c++)
        used += (size_t)snprintf(*target + used, size - used, "%s%zu", c > 1 ? "," : "",
                                 x->columns + c);
    return WEFT_OK;
}
