/* Checks limits before the libraries start, for POSIX with ELF.
 *
 * Shared libraries run their own code before main. On a small stack they crash there. If the
 * address space is limited, OpenBLAS requests its buffers again and again without end, because it
 * has no way to fail. Therefore the function in .preinit_array runs before all of them. It rejects
 * a stack that is too small. If memory is limited, it sets a timer that only main stops. The timer
 * counts processor time, so that a busy machine does not trigger it.
 */
#define _XOPEN_SOURCE 700
#include "startup.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "weft.h"

enum {
    STACK_LEAST = 512 << 10, /* compilers inside OpenCL drivers need this much */
    START_SECONDS = 2        /* processor time; a normal start takes a tenth of a second */
};

static bool watched;

static void give_up(const char *line)
{
    const ssize_t written = write(STDERR_FILENO, line, strlen(line));
    (void)written; /* if stderr is closed, nothing can be done */
    _Exit(WEFT_ERROR_MEMORY);
}

static void out_of_time(int number)
{
    (void)number;
    give_up("weft: memory: the libraries do not start within the limit (ulimit -v, ulimit -d): "
            "OpenBLAS needs 130 MiB for each thread; raise the limit or set OMP_NUM_THREADS=1\n");
}

static bool is_limited(int resource, rlim_t least)
{
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
           limit.rlim_cur < least;
}

static void set_timer(time_t seconds)
{
    const struct itimerval timer = {.it_value = {.tv_sec = seconds}};
    setitimer(ITIMER_PROF, &timer, NULL);
}

static void before_libraries(void)
{
    const struct sigaction action = {.sa_handler = out_of_time};
    if (is_limited(RLIMIT_STACK, STACK_LEAST))
        give_up("weft: memory: the stack is too small: got less than 512 KiB (ulimit -s), "
                "need at least 512 KiB\n");
    if (!is_limited(RLIMIT_AS, RLIM_INFINITY) && !is_limited(RLIMIT_DATA, RLIM_INFINITY))
        return;
    watched = true;
    sigaction(SIGPROF, &action, NULL);
    set_timer(START_SECONDS);
}

#if defined(__ELF__) && defined(__GNUC__)
__attribute__((section(".preinit_array"),
               used)) static void (*const first)(void) = before_libraries;
#endif

void startup_done(void)
{
    const struct sigaction action = {.sa_handler = SIG_DFL};
    if (!watched)
        return;
    set_timer(0);
    sigaction(SIGPROF, &action, NULL);
}
