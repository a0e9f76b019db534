/* Implements kept_texts.h. */
#include "data/kept_texts.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/dataset.h"

static enum weft_status append(const struct column *from, size_t from_row, struct column *to,
                               size_t row)
{
    char number[NUMBER_TEXT_SIZE];
    const char *text = number;
    if (column_is_missing(from, from_row))
        return column_append_missing(to, row, 1);
    if (from->kind == COLUMN_TEXT)
        text = column_text(from, from_row);
    else
        number_to_text(column_number(from, from_row), number);
    return column_append_text(to, row, text, strlen(text));
}

static enum weft_status fill(const struct weft_table *table, const size_t *places, size_t count,
                             const uint32_t *rows, size_t row_count, struct weft_table *kept)
{
    for (size_t k = 0; k < count; k++) {
        const struct column *from = &table->columns[places[k]];
        TRY(table_add_column(kept, from->name, COLUMN_TEXT));
        TRY(column_reserve(&kept->columns[k], row_count));
        for (size_t i = 0; i < row_count; i++)
            TRY(append(from, rows != NULL ? rows[i] : i, &kept->columns[k], i));
    }
    kept->rows = row_count;
    return WEFT_OK;
}

enum weft_status kept_texts_make(const struct weft_table *table, const size_t *places, size_t count,
                                 const uint32_t *rows, size_t row_count, struct weft_table **kept)
{
    TRY(table_create(table->name, kept));
    const enum weft_status status =
        fill(table, places, count, rows, rows != NULL ? row_count : table->rows, *kept);
    if (status != WEFT_OK) {
        weft_table_destroy(*kept);
        *kept = NULL;
    }
    return status;
}

/* ---- public functions ---- */

const char *weft_dataset_column(const struct weft_dataset *dataset, size_t column)
{
    const struct weft_table *kept = dataset->kept;
    return kept != NULL && column < kept->column_count ? kept->columns[column].name : NULL;
}

const char *weft_dataset_text(const struct weft_dataset *dataset, size_t column, size_t row)
{
    const struct weft_table *kept = dataset->kept;
    return kept != NULL && column < kept->column_count && row < kept->rows
               ? column_text(&kept->columns[column], row)
               : NULL;
}
