/* The arithmetic of a benchmark: pure functions from times to figures. */
#ifndef WEFT_BENCH_FIGURES_H
#define WEFT_BENCH_FIGURES_H

#include "network/network.h"
#include "weft_device.h"

/* Operations (an addition or a multiplication each) in the products of an epoch of `samples`
 * samples: the forward product and the weight gradient of every layer, the delta of every layer
 * but the first. What is not a product is not counted: it would be a few percent, and another
 * number for every way of fusing. */
double epoch_operations(const struct network *network, size_t samples);

struct spread {
    double median, min, max;
};

/* Of `count` numbers, at least one, which it sorts. */
struct spread spread_of(double *values, size_t count);

/* |a - b| / max(|a|, |b|); 0 where both are 0, infinite where either is not finite. */
double relative_difference(double a, double b);

/* How a side's time grows: start + first epoch + (n - 1) later ones. */
struct running_time {
    double start, first, later; /* seconds */
};

/* The smallest number of epochs after which `side` has been no slower than `other`; infinite where
 * it never is, NaN where a time is not known. */
double break_even_epochs(const struct running_time *side, const struct running_time *other);

#endif
