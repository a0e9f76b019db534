/* Turns arrays into tables, so that a schema can shift their columns in double precision and fill
 * missing values. */
#ifndef WEFT_DATA_ARRAY_TABLE_H
#define WEFT_DATA_ARRAY_TABLE_H

#include "data/array.h"
#include "data/table.h"

/* Makes a table whose columns are named by number, from 1: the features of x, and then the columns
 * of y, if it is not NULL. NaN is missing. Labels, as array_has_labels tells, are texts, so that
 * the schema takes them for classes.
 *
 * Returns WEFT_ERROR_DATA if the numbers of samples differ, or if a feature is infinite. */
WEFT_MUST_CHECK enum weft_status array_table(const struct array *x, const struct array *y,
                                             const struct weft_data_options *options,
                                             struct weft_table **table);

/* Writes the numbers of the columns that y becomes: "785" or "3,4". Free it with memory_free. */
WEFT_MUST_CHECK enum weft_status array_table_target(const struct array *x, const struct array *y,
                                                    char **target);

#endif
