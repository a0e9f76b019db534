/* The clock that durations are measured with: it only goes forward, and begins anywhere. */
#define _POSIX_C_SOURCE 200809L
#include "base/file.h"

#include <time.h>

double clock_seconds(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
