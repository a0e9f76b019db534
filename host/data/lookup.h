/* Finds the position of a text or a number in a list of texts, such as the categories of a column
 * or the names of classes.
 *
 * Some lists hold numbers: the values of a column of numbers that are categories. There, 1, 1.0 and
 * "01" are one value. In other lists, texts are compared byte by byte.
 */
#ifndef WEFT_DATA_LOOKUP_H
#define WEFT_DATA_LOOKUP_H

#include "base/status.h"

#define LOOKUP_NONE UINT32_MAX

struct lookup_entry {
    const char *text; /* borrowed */
    double number;    /* of `text`, in a list of numbers */
    uint32_t position;
};

struct lookup {
    bool numeric;
    size_t count;
    struct lookup_entry *entries; /* [count] owned, sorted */
};

/* Prepares a lookup in texts [count], which are borrowed. A `numeric` list ignores texts that are
 * not numbers. */
WEFT_MUST_CHECK enum weft_status lookup_init(struct lookup *lookup, const char *const *texts,
                                             size_t count, bool numeric);
void lookup_reset(struct lookup *lookup);

/* Return the position of a text or of a number, or LOOKUP_NONE. */
uint32_t lookup_text(const struct lookup *lookup, const char *text);
uint32_t lookup_number(const struct lookup *lookup, double number);

#endif
