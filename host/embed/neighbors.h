/* The exact nearest neighbors of each sample. */
#ifndef WEFT_EMBED_NEIGHBORS_H
#define WEFT_EMBED_NEIGHBORS_H

#include "backend/backend.h"
#include "embed/samples.h"
#include "embed/watch.h"

struct neighbors {
    size_t samples, count; /* N, K */
    uint32_t *index;       /* [N][K] owned; the nearest first */
    float *square;         /* [N][K] owned; squared distances */
    bool stopped;          /* the caller's function stopped the search, so some are missing */
};

/* Finds the K < N nearest neighbors of each sample. The device computes distances as matrix
 * products, a block of N x N at a time. They choose a few candidates more than K, whose distances
 * are then computed in double from the samples. A tie goes to the lower index.
 *
 * watch   is told after each thousand samples, and sooner if they take long; NULL: nobody */
WEFT_MUST_CHECK enum weft_status neighbors_find(struct weft_device *device,
                                                const struct embed_samples *samples, size_t count,
                                                struct embed_watch *watch,
                                                struct neighbors *neighbors);
void neighbors_reset(struct neighbors *neighbors);

/* Returns the bytes that neighbors_find needs on the host, its result included. */
double neighbors_bytes(size_t samples, size_t count);

#endif
