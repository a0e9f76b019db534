/* Values of options: read whole from text or refused, and checked where a program filled them in.
 * Every function fails with WEFT_ERROR_USAGE and then leaves its results as they were. */
#ifndef WEFT_OPTIONS_OPTION_VALUES_H
#define WEFT_OPTIONS_OPTION_VALUES_H

#include "base/status.h"

/* Numbers that an option may be. Devices compute in float32, so none is a denormal, which a device
 * may read as 0. */
enum number_range {
    NUMBER_FROM_0,        /* 0 or more */
    NUMBER_ABOVE_0,       /* above 0 */
    NUMBER_SHARE,         /* at least 0 and below 1, as a float32 too */
    NUMBER_SHARE_ABOVE_0, /* above 0 and below 1 */
    NUMBER_PART,          /* 0 to 1 */
    NUMBER_PART_ABOVE_0   /* above 0, 1 at most */
};

/* What a value must be, and how messages speak of it. */
struct value_rule {
    const char *option; /* its name */
    const char *noun;   /* what the number is: "rate" */
    const char *zero;   /* the word for 0, which the range may leave out: "auto"; or NULL */
    enum number_range range;
    uint64_t least, most; /* of whole numbers */
};

WEFT_MUST_CHECK enum weft_status value_read_number(const struct value_rule *rule, const char *text,
                                                   double *value);
WEFT_MUST_CHECK enum weft_status value_read_whole(const struct value_rule *rule, const char *text,
                                                  uint64_t *value);
/* The position of `text` among `words` [count]. */
WEFT_MUST_CHECK enum weft_status value_read_word(const struct value_rule *rule, const char *text,
                                                 const char *const *words, size_t count,
                                                 unsigned *position);

/* A list with commas between its items, 1 to `most` of them. `read` is called for each item, with
 * its place from 0. */
typedef enum weft_status value_read_item(const struct value_rule *rule, const char *text,
                                         size_t place, void *values);
WEFT_MUST_CHECK enum weft_status value_read_list(const struct value_rule *rule, const char *text,
                                                 size_t most, value_read_item *read, void *values,
                                                 size_t *count);

/* What reading lets pass. */
WEFT_MUST_CHECK enum weft_status value_check_number(const struct value_rule *rule, double value);
WEFT_MUST_CHECK enum weft_status value_check_whole(const struct value_rule *rule, uint64_t value);
WEFT_MUST_CHECK enum weft_status value_check_word(const struct value_rule *rule, unsigned value,
                                                  const char *const *words, size_t count);

#endif
