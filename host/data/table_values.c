/* Gives programs access to the values of a table. */
#include <assert.h>

#include "data/table.h"

size_t weft_table_rows(const struct weft_table *table)
{
    return table->rows;
}

bool weft_table_get_column(const struct weft_table *table, size_t index,
                           struct weft_table_column *column)
{
    if (index >= table->column_count)
        return false;
    const struct column *from = &table->columns[index];
    *column = (struct weft_table_column){
        .name = from->name, .text = from->kind == COLUMN_TEXT, .missing = from->missing_count};
    return true;
}

enum weft_status weft_table_find(const struct weft_table *table, const char *name, size_t *index)
{
    *index = table_column(table, name);
    if (*index < table->column_count)
        return WEFT_OK;
    return fail(WEFT_ERROR_USAGE, "%s: no column is called \"%s\"", table->name, name);
}

void weft_table_copy_numbers(const struct weft_table *table, size_t index, double *numbers)
{
    assert(index < table->column_count && table->columns[index].kind == COLUMN_NUMBER);
    column_copy_numbers(&table->columns[index], 0, table->rows, numbers);
}

const char *weft_table_text(const struct weft_table *table, size_t index, size_t row)
{
    assert(index < table->column_count && table->columns[index].kind == COLUMN_TEXT &&
           row < table->rows);
    return column_text(&table->columns[index], row);
}
