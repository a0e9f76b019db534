/* This file reads two clocks. The monotonic clock measures durations; its zero is arbitrary. The
 * calendar clock gives dates. */
#define _POSIX_C_SOURCE 200809L
#include "base/file.h"

#include <stdio.h>
#include <time.h>

double clock_seconds(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void clock_date(char date[DATE_SIZE])
{
    const time_t now = time(NULL);
    struct tm day;
    if (gmtime_r(&now, &day) == NULL || strftime(date, DATE_SIZE, "%Y-%m-%d", &day) == 0)
        snprintf(date, DATE_SIZE, "1970-01-01");
}
