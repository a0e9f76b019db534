/* Watches for an MPI library that ends the process, for POSIX. Any thread may end it, also while
 * the line changes: a new line goes to another place than the last one. */
#define _XOPEN_SOURCE 700
#include "mpi_watch.h"

#include <signal.h>
#include <stdatomic.h>
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
static atomic_bool trains;

bool mpi_watch_is_armed(void)
{
    return getpid() == watch.process && atomic_load(&last_words) != NULL;
}

bool mpi_watch_trains(void)
{
    return mpi_watch_is_armed() && atomic_load(&trains);
}

/* A child of vfork() shares the memory, so it must not take the line. */
void mpi_watch_tell(void)
{
    if (getpid() != watch.process)
        return;
    const char *line = atomic_exchange(&last_words, NULL);
    if (line != NULL)
        (void)!write(STDERR_FILENO, line, strlen(line));
}

void mpi_watch_exit(void)
{
    if (!mpi_watch_is_armed())
        return;
    mpi_watch_tell();
    _Exit(WEFT_ERROR_DISTRIBUTED);
}

/* Assertions of the C library reach only the signal handler. */
static void on_abort(int number)
{
    mpi_watch_exit();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* Installs the handlers once. A device with a driver installs another one for SIGABRT, which calls
 * mpi_watch_exit(). */
static void handlers_install(void)
{
    struct sigaction action = {.sa_handler = on_abort, .sa_flags = SA_NODEFER};
    sigemptyset(&action.sa_mask);
    sigaction(SIGABRT, &action, NULL);
    (void)atexit(mpi_watch_exit);
}

void mpi_watch_begin(const char *line, bool training)
{
    char *next = watch.lines[atomic_load(&last_words) == watch.lines[0]];
    if (watch.process == 0)
        handlers_install();
    watch.process = getpid();
    snprintf(next, sizeof watch.lines[0], "%s", line);
    atomic_store(&trains, training);
    atomic_store(&last_words, next);
}

void mpi_watch_end(void)
{
    atomic_store(&last_words, NULL);
}

/* Replaces _exit() of the C library, for all libraries. Weft itself calls _Exit(). */
__attribute__((visibility("default"))) void _exit(int code)
{
    mpi_watch_exit();
    _Exit(code);
}
