/* Compares tables value by value. */
#ifndef WEFT_TESTS_SAME_TABLE_H
#define WEFT_TESTS_SAME_TABLE_H

#include <math.h>
#include <string.h>

#include "data/table.h"

static inline bool same_value(const struct column *a, const struct column *b, size_t row)
{
    if (column_is_missing(a, row) || column_is_missing(b, row))
        return column_is_missing(a, row) == column_is_missing(b, row);
    if (a->kind == COLUMN_TEXT)
        return strcmp(column_text(a, row), column_text(b, row)) == 0 &&
               a->texts[row] == b->texts[row]; /* words are in order of appearance */
    return column_number(a, row) == column_number(b, row);
}

/* Tells whether two tables have equal columns, values, and lines. */
static inline bool same_tables(const struct weft_table *a, const struct weft_table *b)
{
    if (a->rows != b->rows || a->column_count != b->column_count || a->named != b->named)
        return false;
    for (size_t c = 0; c < a->column_count; c++) {
        const struct column *one = &a->columns[c], *two = &b->columns[c];
        if (strcmp(one->name, two->name) != 0 || one->kind != two->kind ||
            one->missing_count != two->missing_count || one->words.count != two->words.count ||
            (one->kind == COLUMN_NUMBER && one->type != two->type))
            return false;
        for (size_t row = 0; row < a->rows; row++)
            if (!same_value(one, two, row) || table_line(a, row) != table_line(b, row))
                return false;
    }
    return true;
}

#endif
