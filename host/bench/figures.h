/* Contains the arithmetic of a benchmark: pure functions from times to figures. */
#ifndef WEFT_BENCH_FIGURES_H
#define WEFT_BENCH_FIGURES_H

#include "network/network.h"
#include "weft_device.h"

/* Returns the number of additions and multiplications in the matrix products of an epoch of
 * `samples` samples. It counts the forward product and the weight gradient of every layer, and the
 * delta of every layer but the first. Other work is not counted. It would add a few percent, and
 * the number would depend on how operations are fused. */
double epoch_operations(const struct network *network, size_t samples);

struct spread {
    double median, min, max;
};

/* Sorts the `count` numbers, at least one, and returns their spread. */
struct spread spread_of(double *values, size_t count);

/* Returns |a - b| / max(|a|, |b|). It is 0 if both are 0, and infinite if either is not finite. */
double relative_difference(double a, double b);

/* The running time of a side: start + first epoch + (n - 1) later epochs. */
struct running_time {
    double start, first, later; /* in seconds */
};

/* Returns the smallest number of epochs after which `side` has taken no longer than `other`. It is
 * infinite if that never happens, and NaN if a time is unknown. */
double break_even_epochs(const struct running_time *side, const struct running_time *other);

#endif
