/* Prints what the program says on stderr: errors as one line `weft: ...`, and notes.
 *
 * One rule holds in all of host/app: a function that returns a failure status has already told the
 * user what went wrong, so callers only pass the status up. Calls into the library are wrapped in
 * told(), which prints the error line of the library.
 */
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

/* Prints `weft: ` and the formatted line, replaces control characters, and returns `status`. */
enum weft_status complain(enum weft_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Complains that the system refused something, with the line "SUBJECT: REASON". errno gives the
 * reason; if it is 0, `otherwise` is the reason. Returns WEFT_ERROR_MEMORY if errno is ENOMEM,
 * WEFT_ERROR_IO otherwise. */
enum weft_status complain_errno(const char *subject, const char *otherwise);

/* Complains about an unknown word, suggests similar names, or lists all `names` [count]. The line
 * begins with `subject`, such as "--theme drak". `what` says what the word should be, such as
 * "theme". Without a word (NULL), it complains that it is missing. Returns WEFT_ERROR_USAGE. */
enum weft_status complain_word(const char *subject, const char *what, const char *word,
                               const char *const *names, size_t count);

/* Copies the library's error line about its last failure. If the line is about an option, the
 * option gets the dashes that the user typed. */
void library_line(char *text, size_t size);

/* Prints library_line() if `status` is a failure. Returns `status`. */
WEFT_MUST_CHECK enum weft_status told(enum weft_status status);

/* From now on, prints nothing, but keeps the last error line: several ranks of a training run say
 * the same, and one of them says it. message_release ends that. */
void message_hold(void);
void message_hold_errors(void); /* prints notes, but no errors */
void message_release(void);

/* Returns the last error line, or "". */
const char *message_last(void);

/* Prints `word: ` and the formatted line, which is information but not an error. If `word` is NULL,
 * it prints the line alone. */
void say(const char *word, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
