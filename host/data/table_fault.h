/* Errors about the values of a table: they name the file, the line and the column. */
#ifndef WEFT_DATA_TABLE_FAULT_H
#define WEFT_DATA_TABLE_FAULT_H

#include "data/table.h"

/* Fails with WEFT_ERROR_DATA: `houses.csv:17: column "price": ` and the formatted text. A source
 * without lines gives `houses.npy: row 16: column 3: `; rows are counted from 0 as samples are. */
WEFT_MUST_CHECK enum weft_status table_fault(const struct weft_table *table, size_t row,
                                             size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

enum { TABLE_VALUE_SIZE = 64 };

/* Writes a value of a column for a message: its text or its number, cut where it is long, or
 * "nothing" if it is missing. */
void table_value_text(const struct column *column, size_t row, char text[TABLE_VALUE_SIZE]);

#endif
