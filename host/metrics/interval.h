/* Intervals of 95 %. */
#ifndef WEFT_METRICS_INTERVAL_H
#define WEFT_METRICS_INTERVAL_H

#include "base/status.h"

/* Returns the score interval of a fraction p of n samples (Wilson 1927):
 *     (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
 * where z is the 97.5th percentile of the normal distribution. It stays within 0..1 and makes sense
 * for few samples and for fractions near 0 and 1. NaN for n = 0 or p = NaN. */
struct weft_estimate interval_wilson(double fraction, double samples);

/* Sets low and high to the 2.5th and the 97.5th percentile of values [count], which it sorts.
 * Values that are NaN are left out; if all are, so are low and high. Percentiles between two values
 * are interpolated linearly, as in NumPy. */
void interval_percentile(double *values, size_t count, struct weft_estimate *estimate);

#endif
