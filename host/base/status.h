/* How all code reports failure.
 *
 * A function that can fail returns enum weft_status. The place that finds the fault calls fail(),
 * which stores one line for this thread and returns its code. Callers pass the code up unchanged.
 * TRY() returns early, so use it only in functions that own nothing at that point. Split a function
 * that acquires a resource in two: the outer function acquires, calls the inner one, and releases
 * once.
 */
#ifndef WEFT_BASE_STATUS_H
#define WEFT_BASE_STATUS_H

#include "weft.h"

/* Stores the formatted line and returns `code`. The line starts with the subject: `data/x.idx: byte
 * 4: ...`. */
WEFT_MUST_CHECK enum weft_status fail(enum weft_status code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails with WEFT_ERROR_USAGE because of an option. The line is `option value: ...`, or `option:
 * ...` if `value` is NULL. `option` must be static, because weft_error_option() returns it. */
WEFT_MUST_CHECK enum weft_status fail_option(const char *option, const char *value,
                                             const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fails as another process has: with its code, its line, and the option, or "" if the line is not
 * about an option. */
WEFT_MUST_CHECK enum weft_status fail_again(enum weft_status code, const char *option,
                                            const char *line);

/* Does the same as fail(), for a line that names the rank of a job that has failed. */
WEFT_MUST_CHECK enum weft_status fail_rank(enum weft_status code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum weft_status try_status_ = (call);                                                     \
        if (try_status_ != WEFT_OK)                                                                \
            return try_status_;                                                                    \
    } while (0)

#endif
