/* Reads values of options from text, and checks values that a program filled in. Every function
 * fails with WEFT_ERROR_USAGE and then leaves its results unchanged. */
#ifndef WEFT_OPTIONS_OPTION_VALUES_H
#define WEFT_OPTIONS_OPTION_VALUES_H

#include "base/status.h"

/* Ranges of numbers. Devices compute in float32, so no range includes denormals, which a device may
 * read as 0. */
enum number_range {
    NUMBER_FROM_0,        /* 0 or more */
    NUMBER_ABOVE_0,       /* above 0 */
    NUMBER_SHARE,         /* at least 0 and below 1, also as a float32 */
    NUMBER_SHARE_ABOVE_0, /* above 0 and below 1 */
    NUMBER_PART,          /* 0 to 1 */
    NUMBER_PART_ABOVE_0   /* above 0, at most 1 */
};

/* What a value must be, and how messages name it. */
struct value_rule {
    const char *option; /* name of the option */
    const char *noun;   /* what the number is, such as "rate" */
    const char *zero;   /* word for 0, which may lie outside the range, such as "auto"; or NULL */
    const char *minus;  /* word for -1 where 0 is a value, such as "auto"; or NULL */
    enum number_range range;
    uint64_t least, most; /* limits of whole numbers */
};

/* Read a number or a whole number that keeps to the rule. */
WEFT_MUST_CHECK enum weft_status value_read_number(const struct value_rule *rule, const char *text,
                                                   double *value);
WEFT_MUST_CHECK enum weft_status value_read_whole(const struct value_rule *rule, const char *text,
                                                  uint64_t *value);
/* Stores the position of `text` among `words` [count]. */
WEFT_MUST_CHECK enum weft_status value_read_word(const struct value_rule *rule, const char *text,
                                                 const char *const *words, size_t count,
                                                 unsigned *position);

/* Reads a list of 1 to `most` items, separated by commas. Calls `read` for each item with its
 * position, counted from 0. */
typedef enum weft_status value_read_item(const struct value_rule *rule, const char *text,
                                         size_t place, void *values);
WEFT_MUST_CHECK enum weft_status value_read_list(const struct value_rule *rule, const char *text,
                                                 size_t most, value_read_item *read, void *values,
                                                 size_t *count);

/* Check that a value is one that the reading functions accept. */
WEFT_MUST_CHECK enum weft_status value_check_number(const struct value_rule *rule, double value);
WEFT_MUST_CHECK enum weft_status value_check_whole(const struct value_rule *rule, uint64_t value);
WEFT_MUST_CHECK enum weft_status value_check_word(const struct value_rule *rule, unsigned value,
                                                  const char *const *words, size_t count);

#endif
