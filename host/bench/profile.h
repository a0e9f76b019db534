/* Measures the time of each operation of the training loop.
 *
 * The profile is a device of its own between the loop and the timed device. Each operation in its
 * table calls the same operation of the timed device and waits for it. It therefore works for every
 * backend. Waiting prevents operations from overlapping, which training depends on. The profile
 * shows where the time goes; the epochs of a training run show how much time that is.
 */
#ifndef WEFT_BENCH_PROFILE_H
#define WEFT_BENCH_PROFILE_H

#include "backend/backend.h"
#include "weft_device.h"

struct profile {
    struct weft_device base;       /* first member: the loop treats the profile as this device */
    struct weft_device *inner;     /* borrowed; does the work */
    const struct network *network; /* borrowed */
    double seconds[WEFT_BENCH_OPERATIONS];
};

/* Initializes a profile without any counted time. `profile` must not move in memory afterward. */
void profile_init(struct profile *profile, struct weft_device *inner,
                  const struct network *network);

/* Discards the time counted so far. */
void profile_clear(struct profile *profile);

/* Lists the operations in the order of the loop, with their times divided by `epochs`. Returns
 * their number. */
size_t profile_operations(const struct profile *profile, size_t epochs,
                          struct weft_bench_operation *operations);

#endif
