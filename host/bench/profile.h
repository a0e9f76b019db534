/* The time of each operation of the training loop.
 *
 * The profile is a device of its own that stands between the loop and the device it times: its
 * table of operations calls the other one's and waits after each, so it works for every backend,
 * whatever an operation is made of there. Waiting forbids the overlap that training lives of: the
 * lines say where time goes, the epochs of training say how much it is.
 */
#ifndef WEFT_BENCH_PROFILE_H
#define WEFT_BENCH_PROFILE_H

#include "backend/backend.h"
#include "weft_device.h"

struct profile {
    struct weft_device base;       /* first: what the loop takes for its device */
    struct weft_device *inner;     /* borrowed: where the work is done */
    const struct network *network; /* borrowed */
    double seconds[WEFT_BENCH_OPERATIONS];
};

/* A profile with no time counted; `profile` must stay where it is. */
void profile_init(struct profile *profile, struct weft_device *inner,
                  const struct network *network);

/* Forgets the time counted so far. */
void profile_clear(struct profile *profile);

/* The operations in the order of the loop, their times divided by `epochs`; how many there are. */
size_t profile_operations(const struct profile *profile, size_t epochs,
                          struct weft_bench_operation *operations);

#endif
