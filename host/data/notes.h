/* Lines for the user about data, such as the task that was inferred and the columns that were left
 * out. A note is not a failure: the result is still correct, but the user should know. */
#ifndef WEFT_DATA_NOTES_H
#define WEFT_DATA_NOTES_H

#include <stddef.h>

/* Receives the notes; `function` may be NULL, and then notes are dropped. */
struct notes {
    void (*function)(void *user, const char *line);
    void *user; /* borrowed */
};

/* Formats one line and passes it on without control characters. */
void notes_say(struct notes notes, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
