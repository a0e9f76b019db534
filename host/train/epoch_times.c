/* Implements epoch_times.h. */
#include "train/epoch_times.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 64 };

enum weft_status epoch_times_add(struct epoch_times *times, double seconds)
{
    TRY(memory_grow(&times->seconds, sizeof *times->seconds, times->count,
                    size_max(times->count + 1, FIRST_CAPACITY), &times->capacity));
    times->seconds[times->count++] = seconds;
    return WEFT_OK;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void epoch_times_fill(struct epoch_times *times, struct weft_training *training)
{
    const size_t n = times->count;
    double *seconds = times->seconds;
    training->median_epoch_seconds = (double)NAN;
    training->min_epoch_seconds = (double)NAN;
    training->max_epoch_seconds = (double)NAN;
    if (n == 0)
        return;
    qsort(seconds, n, sizeof *seconds, compare_doubles);
    training->min_epoch_seconds = seconds[0];
    training->max_epoch_seconds = seconds[n - 1];
    training->median_epoch_seconds = (seconds[(n - 1) / 2] + seconds[n / 2]) / 2.0;
}

void epoch_times_reset(struct epoch_times *times)
{
    memory_free(times->seconds);
    *times = (struct epoch_times){.count = 0};
}
