/* UTF-8 text in pictures: made valid, measured and shortened, without a font library. */
#ifndef WEFT_PLOT_TEXT_H
#define WEFT_PLOT_TEXT_H

#include "plot/buffer.h"

/* Reads the code point at `text`, which is not at its end, and stores the number of bytes. Bytes
 * that are not valid UTF-8, control characters and noncharacters read as U+FFFD, one at a time. */
unsigned text_code_point(const char *text, size_t *bytes);

/* Adds `text` with every code point that text_code_point replaces written as U+FFFD. */
void text_add_valid(struct buffer *buffer, const char *text);

/* Adds valid `text` with its right-to-left words in the order in which they are drawn, from left to
 * right, as the Unicode bidirectional algorithm orders a left-to-right line. It is for writers
 * without a layout engine. It does not join Arabic letters. */
void text_add_drawn(struct buffer *buffer, const char *text);

/* Returns an upper bound for the width of `text` in pixels at a font size. */
double text_width(const char *text, double size, bool bold);

/* Stores a copy of `text` that is no wider than `width`, with an ellipsis at its end if it was
 * shortened. */
void text_fit(const char *text, double size, bool bold, double width, struct buffer *fitted);

#endif
