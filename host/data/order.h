/* Decides which samples each batch of an epoch contains. */
#ifndef WEFT_DATA_ORDER_H
#define WEFT_DATA_ORDER_H

#include "base/status.h"

/* How N samples are divided into batches, identically in every epoch. */
struct batch_plan {
    size_t samples; /* N */
    size_t count;   /* number of batches in an epoch, at most N */
    size_t size;    /* samples in a batch if `by_size`, else 0 */
    size_t largest; /* samples in the largest batch */
    bool by_size;   /* true: batches of `size`, the last one smaller; false: `count` nearly equal
                       batches */
};

/* Makes a plan. If `batches` is not 0, it determines the number of batches, and the first N mod
 * batches get one more sample, as in numpy.array_split. Otherwise, `batch_size` determines their
 * size. Both are limited to N. At least one of the two must not be 0. */
struct batch_plan batch_plan_make(size_t samples, size_t batches, size_t batch_size);

/* Computes the range of batch `index`: samples first .. first + count - 1 of the order. */
void batch_plan_range(const struct batch_plan *plan, size_t index, size_t *first, size_t *count);

#endif
