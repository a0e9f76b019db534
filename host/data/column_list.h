/* Lists of columns as users write them: names or numbers from 1, separated by commas. */
#ifndef WEFT_DATA_COLUMN_LIST_H
#define WEFT_DATA_COLUMN_LIST_H

#include "data/table.h"

/* Called for each column of a list. */
typedef enum weft_status column_function(void *user, size_t column);

/* Calls `function` for each column of `list`, from left to right; NULL is an empty list. A name
 * wins over a number, and a name that contains commas wins over its parts. Stops at the first
 * failure. `option` is the static name of the option for messages.
 *
 * Returns WEFT_ERROR_USAGE for an unknown column and for an empty entry. */
WEFT_MUST_CHECK enum weft_status column_list_visit(const struct weft_table *table,
                                                   const char *option, const char *list,
                                                   column_function *function, void *user);

#endif
