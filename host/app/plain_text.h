/* Texts from model files, drivers and file names, made fit for a terminal: no control character of
 * theirs reaches it, so that none moves the cursor, sets a title or forges a line. */
#ifndef WEFT_APP_PLAIN_TEXT_H
#define WEFT_APP_PLAIN_TEXT_H

#include <stddef.h>

/* Bytes of the control character that `text` begins with; 0: it begins with none. Those of C1
 * (U+0080 to U+009F) have two in UTF-8. */
size_t plain_text_control(const char *text);

/* Puts '?' in the place of each of their bytes. */
void plain_text_make(char *text);

/* Prints `text` on stdout, '?' in the place of each of them. */
void plain_text_print(const char *text);

/* Prints the first byte, or '?' for the control character that `text` begins with; returns how many
 * bytes that were. Not of "". */
size_t plain_text_print_one(const char *text);

#endif
