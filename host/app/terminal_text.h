/* Makes texts from model files, drivers and file names safe for a terminal. None of their control
 * characters reaches it, so no text can move the cursor, set a title or forge a line. */
#ifndef WEFT_APP_TERMINAL_TEXT_H
#define WEFT_APP_TERMINAL_TEXT_H

#include <stddef.h>

/* Returns the size in bytes of the control character at the start of `text`, or 0 if there is none.
 * C1 control characters (U+0080 to U+009F) have two bytes in UTF-8. */
size_t terminal_text_control(const char *text);

/* Replaces each byte of the control characters in `text` with '?'. */
void terminal_text_make(char *text);

/* Prints `text` on stdout, with '?' instead of each control character. */
void terminal_text_print(const char *text);

/* Prints the first byte, or '?' for a control character at the start of `text`. Returns the number
 * of bytes read. `text` must not be empty. */
size_t terminal_text_print_one(const char *text);

#endif
