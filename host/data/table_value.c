/* Implements table_value.h. */
#include "data/table_value.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"

void table_value_text(const struct column *column, size_t row, char text[TABLE_VALUE_SIZE])
{
    char number[NUMBER_TEXT_SIZE];
    if (column_is_missing(column, row)) {
        snprintf(text, TABLE_VALUE_SIZE, "nothing");
    } else if (column->kind == COLUMN_TEXT) {
        snprintf(text, TABLE_VALUE_SIZE, "\"%.48s\"", column_text(column, row));
    } else {
        number_to_text(column_number(column, row), number);
        snprintf(text, TABLE_VALUE_SIZE, "%s", number);
    }
}

bool table_text_number(const struct weft_table *table, const char *text, double *number)
{
    const char decimal = table->decimal != 0 ? table->decimal : '.';
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    return number_from_bytes(text, length, decimal, number);
}
