/* The program's platform calls (with interrupt.c and driver_watch.c, all of them): clock, terminal,
 * standard streams, files. The library keeps its own in host/base; the program sees the library
 * through weft.h alone.
 */
#ifndef WEFT_APP_PLATFORM_H
#define WEFT_APP_PLATFORM_H

#include <stdbool.h>

/* Seconds of a clock that only goes forward. */
double platform_seconds(void);

/* Someone looks at stderr: it is a terminal that can redraw a line. */
bool platform_stderr_is_terminal(void);

/* Where stdin, stdout or stderr was closed by the caller, the next file opened would take its
 * place, and results would land in a model. Fills such holes; writing to a closed stdout still
 * fails. */
void platform_guard_streams(void);

/* Whether two names mean one file: through links of either kind, other spellings of the folder, or
 * a symbolic link to a file that is not there yet. */
bool platform_same_file(const char *a, const char *b);

#endif
