/* Collects the times of epochs. */
#ifndef WEFT_TRAIN_EPOCH_TIMES_H
#define WEFT_TRAIN_EPOCH_TIMES_H

#include "base/status.h"

/* All 0: no epoch yet. */
struct epoch_times {
    double *seconds; /* [capacity] owned */
    size_t count, capacity;
};

/* Adds the time of an epoch. */
WEFT_MUST_CHECK enum weft_status epoch_times_add(struct epoch_times *times, double seconds);

/* Stores median, minimum and maximum in `training`; NaN without an epoch. Sorts the times. */
void epoch_times_fill(struct epoch_times *times, struct weft_training *training);

void epoch_times_reset(struct epoch_times *times);

#endif
