/* Which samples make up each batch of an epoch. */
#ifndef WEFT_DATA_ORDER_H
#define WEFT_DATA_ORDER_H

#include "base/status.h"

/* How N samples are cut into batches, the same way in every epoch. */
struct batch_plan {
    size_t samples; /* N */
    size_t count;   /* batches in an epoch, at most N */
    size_t size;    /* samples in a batch where `by_size`, else 0 */
    size_t largest; /* samples in the largest batch */
    bool by_size;   /* batches of `size`, the last one smaller; else `count` nearly equal parts */
};

/* By `batches` (numpy.array_split: the first N mod batches get one more) where it is not 0, else by
 * `batch_size`; either is cut to N. One of the two must not be 0. */
struct batch_plan batch_plan_make(size_t samples, size_t batches, size_t batch_size);

/* Batch `index` holds the samples first .. first + count - 1 of the order. */
void batch_plan_range(const struct batch_plan *plan, size_t index, size_t *first, size_t *count);

#endif
