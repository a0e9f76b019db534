/* Widths of hidden layers as text, on the command line and in model files. "128,64" lists them from
 * the input side; "none" means no hidden layers. */
#ifndef WEFT_OPTIONS_HIDDEN_TEXT_H
#define WEFT_OPTIONS_HIDDEN_TEXT_H

#include "options/option_values.h"

enum { HIDDEN_TEXT_SIZE = WEFT_MAX_HIDDEN * 11 };

extern const struct value_rule hidden_rule; /* the rule for each width */

/* Reads "none", or 1 to WEFT_MAX_HIDDEN whole numbers from 1 to 2147483647, separated by single
 * commas. Returns WEFT_ERROR_USAGE and leaves both results unchanged for anything else. */
WEFT_MUST_CHECK enum weft_status hidden_from_text(const char *text, size_t hidden[WEFT_MAX_HIDDEN],
                                                  size_t *count);

/* Writes the widths `hidden` [count], each at most 2147483647. */
void hidden_to_text(const size_t *hidden, size_t count, char text[HIDDEN_TEXT_SIZE]);

#endif
