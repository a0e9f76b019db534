/* Chooses the samples of a holdout set at random. */
#ifndef WEFT_DATA_SPLIT_H
#define WEFT_DATA_SPLIT_H

#include "base/status.h"

/* How to split. */
struct split {
    size_t samples; /* N */
    double fraction;
    uint64_t seed;
    const int32_t *labels; /* [N] borrowed, at least 0: split class by class; NULL: as a whole */
    size_t classes;        /* C; larger than every label */
};

/* Sets taken [N] to true for the samples of the holdout set, and stores their number.
 *
 * Without labels, the holdout set gets round(F N) samples: the first of a random permutation. With
 * labels, each class of n samples gets a share of these seats by the method of the largest
 * remainder: floor(F n) seats at first; the seats that remain go one by one to the classes with the
 * largest remainders. A class gives up at most n - 1 samples, and at least 1 if n is 2 or more and
 * there are enough seats. Within a class, the permutation decides.
 *
 * Returns WEFT_ERROR_USAGE unless both parts get a sample. */
WEFT_MUST_CHECK enum weft_status split_choose(const struct split *split, bool *taken,
                                              size_t *count);

#endif
