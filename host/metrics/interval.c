/* Implements interval.h. */
#include "metrics/interval.h"

#include <math.h>
#include <stdlib.h>

static const double normal_quantile = 1.959963984540054; /* of 0.975 */

struct weft_estimate interval_wilson(double fraction, double samples)
{
    if (!(samples > 0.0) || isnan(fraction))
        return (struct weft_estimate){fraction, (double)NAN, (double)NAN};
    const double z = normal_quantile, share = z * z / samples; /* z^2 / n */
    const double middle = (fraction + share / 2.0) / (1.0 + share);
    const double half =
        z * sqrt((fraction * (1.0 - fraction) + share / 4.0) / samples) / (1.0 + share);
    return (struct weft_estimate){fraction, fraction > 0.0 ? fmax(middle - half, 0.0) : 0.0,
                                  fraction < 1.0 ? fmin(middle + half, 1.0) : 1.0};
}

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Returns the percentile of sorted values at `rank`, a fraction of count - 1. */
static double percentile(const double *values, size_t count, double rank)
{
    const double place = rank * (double)(count - 1);
    const size_t below = (size_t)place;
    if (below + 1 >= count)
        return values[count - 1];
    return values[below] + (place - (double)below) * (values[below + 1] - values[below]);
}

void interval_percentile(double *values, size_t count, struct weft_estimate *estimate)
{
    size_t numbers = 0;
    estimate->low = estimate->high = (double)NAN;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            values[numbers++] = values[i];
    if (numbers == 0)
        return;
    qsort(values, numbers, sizeof *values, compare_doubles);
    estimate->low = percentile(values, numbers, 0.025);
    estimate->high = percentile(values, numbers, 0.975);
}
