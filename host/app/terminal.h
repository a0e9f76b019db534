/* Describes the terminal that a stream leads to, and draws small charts there. */
#ifndef WEFT_APP_TERMINAL_H
#define WEFT_APP_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "epoch_summary.h"

struct terminal {
    size_t columns;
    bool color;   /* NO_COLOR is not set, and the terminal knows colors */
    bool unicode; /* the locale of the user has UTF-8 */
};

/* Returns false if the stream leads to no terminal, but to a file or a pipe. */
bool terminal_of(FILE *stream, struct terminal *terminal);

/* Draws the scores over the epochs in a few lines on stderr: the accuracies of validation (a line)
 * and of training (dots), or the score or the error of a regression. A name stands at the end of
 * each. Draws nothing for fewer than two epochs, or if the terminal is too narrow. */
void terminal_draw_curve(const struct terminal *terminal, const struct epoch_summary *summary);

/* Prints a matrix of confusion [classes][classes] on stdout, with shades for the share of a cell in
 * its row. Returns false, and prints nothing, if the terminal is too narrow, or if it has neither
 * colors nor Unicode. */
bool terminal_draw_confusion(const struct terminal *terminal, const size_t *counts, size_t classes);

#endif
