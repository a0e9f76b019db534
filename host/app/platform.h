/* Declares the program's platform calls: clock, terminal, standard streams, files. interrupt.h has
 * the rest. The library has its own in host/base. The program uses the library only through
 * weft.h. */
#ifndef WEFT_APP_PLATFORM_H
#define WEFT_APP_PLATFORM_H

#include <stdbool.h>
#include <stdio.h>

/* Returns the seconds of a monotonic clock. */
double platform_seconds(void);

/* Returns true if stderr is a terminal that can redraw a line. */
bool platform_stderr_is_terminal(void);

/* Returns the width of the terminal that the stream leads to, or 0 if it leads to a file or a pipe.
 * A terminal that does not know its width has the one of $COLUMNS, or 80. */
size_t platform_columns(FILE *stream);

/* Fills the place of stdin, stdout or stderr if the caller closed it. Otherwise the next opened
 * file would take that number, and results could land in a model. Writing to a closed stdout still
 * fails. */
void platform_guard_streams(void);

/* Returns true if a file of any kind exists under this name. */
bool platform_file_exists(const char *path);

/* Returns true if `path` is a pipe, by name or by link. */
bool platform_is_pipe(const char *path);

/* Returns true if `path` is a folder, by name or by link. */
bool platform_is_folder(const char *path);

/* Returns true if `path` is a regular file or the name of no file yet. */
bool platform_is_file_name(const char *path);

/* Returns true if both names mean the same file. It handles hard and symbolic links, other
 * spellings of the folder, and symbolic links to files that do not exist yet. */
bool platform_same_file(const char *a, const char *b);

/* Holds a pipe that has a reader open until the program ends, because its reader waits for data.
 * Returns false if `path` is a pipe without a reader, because opening it would block. */
bool platform_hold_pipe(const char *path);

/* A file opened for writing that still has its earlier contents. */
struct platform_output {
    FILE *file;       /* NULL if opening failed; errno is ENXIO for a pipe without a reader */
    bool created;     /* the file did not exist before */
    bool can_be_kept; /* a regular file, which keeps its contents until platform_empty */
};

/* Opens `path`, and creates the file if needed. Standard output and standard error, under any name,
 * continue at their current position. */
struct platform_output platform_open_output(const char *path);

/* Truncates the file to 0 bytes. Returns false and sets errno if that fails. */
bool platform_empty(FILE *file);

/* Returns the position in the file, in bytes. */
long long platform_position(FILE *file);

/* Returns true if the first `bytes` bytes of the file are there and end with a line. */
bool platform_ends_line(const char *path, long long bytes);

/* Truncates the file to `bytes` bytes and goes on there. Returns false and sets errno if that
 * fails. */
bool platform_cut(FILE *file, long long bytes);

/* Waits until what was written to the file is on the disk. Returns false and sets errno if that
 * fails. */
bool platform_sync(FILE *file);

/* Removes a file if it exists. */
void platform_remove(const char *path);

/* Returns the name of this machine. */
const char *platform_host(void);

/* Waits, or until a signal arrives. */
void platform_wait(unsigned seconds);

/* Ends the process with this exit code after `seconds`, and prints `line` before, unless the
 * function is called again. 0 seconds mean never. */
void platform_limit(unsigned seconds, const char *line, int code);

#endif
