/* Bytes that grow: the arrays of a picture, and the files that the writers make. */
#ifndef WEFT_PLOT_BUFFER_H
#define WEFT_PLOT_BUFFER_H

#include "base/memory.h"

/* Zero is an empty buffer. After a failure, `status` stays, and additions do nothing. So a writer
 * adds what it likes and asks once, at the end. */
struct buffer {
    unsigned char *data; /* [used] owned */
    size_t used, capacity;
    enum weft_status status;
};

/* Append bytes or a text. After a failure, they only keep the status. */
void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_reset(struct buffer *buffer);

/* Appends one character, `bytes` long, to markup: & < > and " become entities. */
void buffer_escaped(struct buffer *buffer, const char *character, size_t bytes);

/* Adds a number with at most two decimals, without trailing zeros: "12", "-0.5", "3.14". Numbers
 * beyond 10 million end there, and NaN counts as 0. The text is the same in every locale. */
void buffer_number(struct buffer *buffer, double value);

/* Adds ` name="value"`, with the number as above. */
void buffer_attribute(struct buffer *buffer, const char *name, double value);

#endif
