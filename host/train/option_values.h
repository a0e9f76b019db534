/* Values of options: read whole from text or refused, and checked where a program filled them in.
 *
 * `name` is the option's, for the message. All fail with WEFT_ERROR_USAGE and leave `*value` as it
 * was.
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
/* A number of 0 or more that devices multiply with, so that float32 must hold it. */
WEFT_MUST_CHECK enum weft_status parse_factor(const char *name, const char *text, double *value);
/* The position of `text` among `words` [count]. */
WEFT_MUST_CHECK enum weft_status parse_word(const char *name, const char *text,
                                            const char *const *words, size_t count,
                                            size_t *position);
/* "no" or "yes" */
WEFT_MUST_CHECK enum weft_status parse_truth(const char *name, const char *text, bool *value);
/* What a running mean keeps: a number of 0 to below 1, as a float, too. */
WEFT_MUST_CHECK enum weft_status parse_share(const char *name, const char *text, double *value);
/* A number of 0 to 1. */
WEFT_MUST_CHECK enum weft_status parse_part(const char *name, const char *text, double *value);
/* What the parsers of the same names let pass. */
WEFT_MUST_CHECK enum weft_status check_factor(const char *name, double value);
WEFT_MUST_CHECK enum weft_status check_share(const char *name, double value);
WEFT_MUST_CHECK enum weft_status check_part(const char *name, double value);

#endif
