/* Tracks the worst element of a comparison. See check_result.h. */
#include "check/check_result.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void result_begin(struct check_result *result, const char *name, const char *array)
{
    memset(result, 0, sizeof *result);
    result->name = name;
    result->ok = true;
    result->worst = -1.0; /* less than the ratio of any element */
    snprintf(result->array, sizeof result->array, "%s", array);
}

/* Returns |got - want| / bound. Returns infinity if `got` should be finite and is not, or if a
 * wrong `got` has a bound of 0. */
static double error_ratio(double got, double want, double bound)
{
    const double error = fabs(got - want);
    const bool representable = fabs(want) + bound <= (double)FLT_MAX; /* false for a NaN */
    if (error == 0.0 || isnan(want) || !isfinite(bound) || (!representable && !isfinite(got)))
        return 0.0;
    return isfinite(error) && bound > 0.0 ? error / bound : HUGE_VAL;
}

void result_note_worse(struct check_result *result, size_t index, double got, double want,
                       double bound)
{
    const double ratio = error_ratio(got, want, bound);
    result->ok = result->ok && ratio <= 1.0;
    if (ratio <= result->worst)
        return;
    result->worst = ratio;
    result->index = index;
    result->got = result_number(got);
    result->want = want;
    result->bound = bound;
}
