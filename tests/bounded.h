/* Checks rule 3 of "Every fault" in the contract. A file rejected because of its header must be
 * rejected in under a second and with under 16 MiB, no matter what size the header claims. Needs
 * _XOPEN_SOURCE 700 before the first include. */
#ifndef WEFT_TESTS_BOUNDED_H
#define WEFT_TESTS_BOUNDED_H

#include <sys/resource.h>

#include "base/file.h"
#include "suite.h"

struct bounds {
    double begin;
    long peak;
};

/* Returns the peak memory of this process in bytes. */
static inline long peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss * 1024L;
}

static inline struct bounds bounds_begin(void)
{
    return (struct bounds){.begin = clock_seconds(), .peak = peak_bytes()};
}

static inline void bounds_check(const struct bounds *bounds)
{
    const double seconds = clock_seconds() - bounds->begin;
    const long bytes = peak_bytes() - bounds->peak;
    ck_assert_msg(seconds < 1.0, "%g seconds", seconds);
    ck_assert_msg(bytes < 16L << 20, "%ld bytes", bytes);
}

#endif
