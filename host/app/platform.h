/* The program's platform calls (with interrupt.c, all of them): clock, terminal, standard streams,
 * files. The library keeps its own in host/base; the program sees the library through weft.h alone.
 */
#ifndef WEFT_APP_PLATFORM_H
#define WEFT_APP_PLATFORM_H

#include <stdbool.h>
#include <stdio.h>

/* Seconds of a clock that only goes forward. */
double platform_seconds(void);

/* Someone looks at stderr: it is a terminal that can redraw a line. */
bool platform_stderr_is_terminal(void);

/* Where stdin, stdout or stderr was closed by the caller, the next file opened would take its
 * place, and results would land in a model. Fills such holes; writing to a closed stdout still
 * fails. */
void platform_guard_streams(void);

/* Whether there is a file, of whatever kind, under this name. */
bool platform_file_exists(const char *path);

/* Whether two names mean one file: through links of either kind, other spellings of the folder, or
 * a symbolic link to a file that is not there yet. */
bool platform_same_file(const char *a, const char *b);

/* Where `path` is a pipe that a process reads, holds it open until the program ends: its reader
 * waits for what comes. False: `path` is a pipe that nobody reads, and opening it would wait. */
bool platform_hold_pipe(const char *path);

/* A file that is opened for writing and still holds what it held. */
struct platform_output {
    FILE *file;       /* NULL: it cannot be opened, errno says why; ENXIO: a pipe nobody reads */
    bool created;     /* it was not there before */
    bool can_be_kept; /* what it holds stays until platform_empty: a file, not a stream */
};

/* Opens `path`, and makes it where it is not there. Standard output and standard error, under
 * whatever names, go on where they stand. */
struct platform_output platform_open_output(const char *path);

/* Cuts the file to 0 bytes; false, and errno, where that fails. */
bool platform_empty(FILE *file);

void platform_remove(const char *path);

#endif
