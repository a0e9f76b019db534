/* Platform calls of the program, for POSIX. */
#define _POSIX_C_SOURCE 200809L
#include "platform.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double platform_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool platform_stderr_is_terminal(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
}

void platform_guard_streams(void)
{
    /* open() takes the lowest free number. stdin and stdout are opened the wrong way round, so that
     * using them fails as it would have; what is said on stderr may be lost. */
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (fcntl(descriptor, F_GETFD) == -1 && open("/dev/null", modes[descriptor]) != descriptor)
            _Exit(EXIT_FAILURE);
}
