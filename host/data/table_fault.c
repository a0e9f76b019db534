/* Writes errors about the values of a table; see table_fault.h. */
#include "data/table_fault.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/number.h"

enum { REASON_SIZE = 1024 };

enum weft_status table_fault(const struct weft_table *table, size_t row, size_t column,
                             const char *format, ...)
{
    const uint64_t line = table_line(table, row);
    const char *quote = table->named ? "\"" : "";
    char reason[REASON_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (line == 0)
        return fail(WEFT_ERROR_DATA, "%s: row %zu: column %s%s%s: %s", table->name, row, quote,
                    table->columns[column].name, quote, reason);
    return fail(WEFT_ERROR_DATA, "%s:%" PRIu64 ": column %s%s%s: %s", table->name, line, quote,
                table->columns[column].name, quote, reason);
}

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
