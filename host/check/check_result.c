/* Tracks the worst element of a comparison, and describes it. See check_result.h. */
#include "check/check_result.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void first_fault(void *user, const struct check_result *result)
{
    struct check_result *fault = user;
    if (!result->ok && fault->name == NULL)
        *fault = *result;
}

struct check_sink first_fault_sink(struct check_result *fault)
{
    *fault = (struct check_result){.name = NULL, .ok = true};
    return (struct check_sink){fault, first_fault};
}

void result_to_text(const struct check_result *result, char text[RESULT_TEXT_SIZE])
{
    snprintf(text, RESULT_TEXT_SIZE, "%s %s: %s, element %zu: got %.9g, need %.9g within %.3g",
             result->name, result->shape, result->array, result->index, result->got, result->want,
             result->bound);
}

void result_begin(struct check_result *result, const char *name, const char *array)
{
    memset(result, 0, sizeof *result);
    result->name = name;
    result->ok = true;
    result->worst = -1.0; /* less than the ratio of any element */
    snprintf(result->array, sizeof result->array, "%s", array);
}

void result_layer_shape(struct check_result *result, size_t layer, size_t rows, size_t columns)
{
    snprintf(result->shape, sizeof result->shape, "layer %zu: %zux%zu", layer, rows, columns);
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
