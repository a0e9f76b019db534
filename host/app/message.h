/* What the program says on stderr: errors as one line `weft: ...`, and notes.
 *
 * The rule of this room: a function that returns a status has already told the user what went
 * wrong, so callers only pass it up. Calls into the library are wrapped in told(), which says the
 * library's line. */
#ifndef WEFT_APP_MESSAGE_H
#define WEFT_APP_MESSAGE_H

#include <stddef.h>

#include "weft.h"

#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum weft_status try_status_ = (call);                                                     \
        if (try_status_ != WEFT_OK)                                                                \
            return try_status_;                                                                    \
    } while (0)

/* Prints `weft: ` and the formatted line, control characters made harmless; returns `status`. */
enum weft_status complain(enum weft_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The library's line about its last failure. An option that it is about gets the dashes with which
 * the user typed it. */
void library_line(char *text, size_t size);

/* Returns `status`, having printed library_line() if it is a failure. */
WEFT_MUST_CHECK enum weft_status told(enum weft_status status);

/* Prints `word: ` and the formatted line: something the user should know that is no error. NULL:
 * the line alone. */
void say(const char *word, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
