/* Shows on stderr how far a command is: on a terminal, one line that redraws itself; otherwise, a
 * line of its own. At most one line per second is shown, and never the same text twice in a row.
 * Training has more to show; see progress.h. */
#ifndef WEFT_APP_STATUS_LINE_H
#define WEFT_APP_STATUS_LINE_H

#include <stdbool.h>

struct status_line {
    bool quiet;     /* show nothing */
    double shown;   /* when the last text was shown; 0: the first text is shown at once */
    char text[256]; /* the last text */
    bool bar;       /* this line is the last line of the terminal */
};

/* Shows the text, unless it comes too soon or is the same again. */
void status_line_show(struct status_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Removes the line from the terminal, so that a message can be printed. */
void status_line_wipe(struct status_line *line);

#endif
