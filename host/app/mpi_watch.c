/* Watches for an MPI library that ends the process, for POSIX. Any thread may end it, also while
 * the line changes: a new line goes to another place than the last one. */
#define _XOPEN_SOURCE 700
#include "mpi_watch.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "weft.h"

static struct {
    char lines[2][1600];
    pid_t process; /* child processes are not watched */
} watch;
static _Atomic(const char *) last_words; /* one of the lines, or NULL */

void mpi_watch_tell(void)
{
    const char *line = atomic_exchange(&last_words, NULL);
    if (line != NULL && getpid() == watch.process)
        (void)!write(STDERR_FILENO, line, strlen(line));
}

static bool is_watched(void)
{
    return atomic_load(&last_words) != NULL && getpid() == watch.process;
}

static void at_exit(void)
{
    if (!is_watched())
        return;
    mpi_watch_tell();
    _Exit(WEFT_ERROR_DISTRIBUTED);
}

void mpi_watch_begin(const char *line)
{
    char *next = watch.lines[atomic_load(&last_words) == watch.lines[0]];
    if (watch.process == 0)
        (void)atexit(at_exit);
    watch.process = getpid();
    snprintf(next, sizeof watch.lines[0], "%s", line);
    atomic_store(&last_words, next);
}

void mpi_watch_end(void)
{
    atomic_store(&last_words, NULL);
}

/* Replaces _exit() of the C library, for all libraries. Weft itself calls _Exit(). */
__attribute__((visibility("default"))) void _exit(int code)
{
    at_exit();
    _Exit(code);
}
