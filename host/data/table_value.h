/* Reads numbers from texts of tables, and writes values of tables into messages. */
#ifndef WEFT_DATA_TABLE_VALUE_H
#define WEFT_DATA_TABLE_VALUE_H

#include "data/table.h"

enum { TABLE_VALUE_SIZE = 64 };

/* Writes a value of a column: its text in quotes and cut where it is long, its number, or
 * "nothing" if it is missing. */
void table_value_text(const struct column *column, size_t row, char text[TABLE_VALUE_SIZE]);

/* Reads a number from a text of a table, as a reader of text does: blanks around it are skipped,
 * and the decimal separator is that of the table. Returns false if the text is not a number. */
bool table_text_number(const struct weft_table *table, const char *text, double *number);

#endif
