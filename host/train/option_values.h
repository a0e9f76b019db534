/* Values of options: read whole from text or refused, and checked where a program filled them in.
 *
 * `name` is the option's, for the message. All fail with WEFT_ERROR_USAGE and leave a single
 * `*value` as it was.
 */
#ifndef WEFT_TRAIN_OPTION_VALUES_H
#define WEFT_TRAIN_OPTION_VALUES_H

#include "base/status.h"

enum { MOST_EPOCHS = 1000000000 };

/* A whole number of least to most. */
WEFT_MUST_CHECK enum weft_status parse_whole(const char *name, const char *text, uint64_t least,
                                             uint64_t most, uint64_t *value);
/* A whole number of 1 to most. */
WEFT_MUST_CHECK enum weft_status parse_count(const char *name, const char *text, uint64_t most,
                                             size_t *value);
/* A whole number of 1 to most, or 0 for "auto": the data decide. */
WEFT_MUST_CHECK enum weft_status parse_count_or_auto(const char *name, const char *text,
                                                     uint64_t most, size_t *value);
/* Numbers that an option may be; float32 holds them, for devices multiply with them. */
enum number_range {
    NUMBER_FROM_0, /* 0 or more */
    NUMBER_NORMAL, /* above 0, and no denormal */
    NUMBER_SHARE,  /* 0 to below 1, as a float, too: what a running mean keeps */
    NUMBER_SHARE_ABOVE_0,
    NUMBER_PART, /* 0 to 1 */
    NUMBER_PART_ABOVE_0
};
WEFT_MUST_CHECK enum weft_status parse_number(const char *name, const char *text,
                                              enum number_range range, double *value);
/* Numbers with commas between them: 1 to `most` of them in values [most]. */
WEFT_MUST_CHECK enum weft_status parse_numbers(const char *name, const char *text,
                                               enum number_range range, size_t most, double *values,
                                               size_t *count);
/* The position of `text` among `words` [count]. */
WEFT_MUST_CHECK enum weft_status parse_word(const char *name, const char *text,
                                            const char *const *words, size_t count,
                                            size_t *position);
/* "no" or "yes" */
WEFT_MUST_CHECK enum weft_status parse_truth(const char *name, const char *text, bool *value);
/* What parse_number lets pass. */
WEFT_MUST_CHECK enum weft_status check_number(const char *name, double value,
                                              enum number_range range);

#endif
