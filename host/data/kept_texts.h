/* Copies the texts of columns that stay with a data set, such as the groups of its samples.
 */
#ifndef WEFT_DATA_KEPT_TEXTS_H
#define WEFT_DATA_KEPT_TEXTS_H

#include "data/table.h"

/* Makes a table of texts from the columns places [count], one row for each of rows [row_count];
 * NULL: all rows. Numbers become their shortest text. The caller destroys it. */
WEFT_MUST_CHECK enum weft_status kept_texts_make(const struct weft_table *table,
                                                 const size_t *places, size_t count,
                                                 const uint32_t *rows, size_t row_count,
                                                 struct weft_table **kept);

#endif
