/* Computes operation counts, medians, differences and the break-even. See figures.h. */
#include "bench/figures.h"

#include <math.h>
#include <stdlib.h>

double epoch_operations(const struct network *network, size_t samples)
{
    double operations = 0.0;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const double products = l > 0 ? 3.0 : 2.0;
        operations +=
            products * 2.0 * (double)samples * (double)layer->inputs * (double)layer->outputs;
    }
    return operations;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct spread spread_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return (struct spread){.median = (values[(count - 1) / 2] + values[count / 2]) / 2.0,
                           .min = values[0],
                           .max = values[count - 1]};
}

double relative_difference(double a, double b)
{
    if (!isfinite(a) || !isfinite(b))
        return (double)INFINITY;
    const double larger = fmax(fabs(a), fabs(b));
    return larger > 0.0 ? fabs(a - b) / larger : 0.0;
}

/* Solves start + first + (n - 1) later <= the same expression of the other side:
 *   n = 1 + ceil( (side.start + side.first - other.start - other.first) / (other.later - later) )
 */
double break_even_epochs(const struct running_time *side, const struct running_time *other)
{
    const double behind = side->start + side->first - other->start - other->first;
    const double gain = other->later - side->later;
    if (isnan(behind) || isnan(gain))
        return (double)NAN;
    if (behind <= 0.0 && gain >= 0.0)
        return 1.0;
    return gain > 0.0 ? 1.0 + ceil(behind / gain) : (double)INFINITY;
}
