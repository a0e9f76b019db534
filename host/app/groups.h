/* Groups samples by the values of a column. */
#ifndef WEFT_APP_GROUPS_H
#define WEFT_APP_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "weft.h"

/* Groups in the order of their values. Missing values are the last group. */
struct groups {
    int32_t *of;  /* [N] owned: the group of each sample */
    char **names; /* [count] owned: the values */
    size_t count;
};

/* Returns the value of the column for sample `row`, valid until the next call, or NULL if it is
 * missing. */
typedef const char *groups_value(const void *column, size_t row);

/* Groups `samples` samples. Call groups_reset in either case. */
WEFT_MUST_CHECK enum weft_status groups_make(groups_value *value, const void *column,
                                             size_t samples, struct groups *groups);
void groups_reset(struct groups *groups);

#endif
