/* Writes values of tables into messages. */
#ifndef WEFT_DATA_TABLE_VALUE_H
#define WEFT_DATA_TABLE_VALUE_H

#include "data/table.h"

enum { TABLE_VALUE_SIZE = 64 };

/* Writes a value of a column: its text in quotes and cut where it is long, its number, or
 * "nothing" if it is missing. */
void table_value_text(const struct column *column, size_t row, char text[TABLE_VALUE_SIZE]);

#endif
