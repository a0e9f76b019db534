/* The state of a comparison: its worst element so far. */
#ifndef WEFT_CHECK_CHECK_RESULT_H
#define WEFT_CHECK_CHECK_RESULT_H

#include <math.h>

#include "check/check.h"

/* Starts a comparison. It has compared no element and seen no error yet. The caller fills the
 * shape. */
void result_begin(struct check_result *result, const char *name, const char *array);

/* Records an element that is worse than those before. */
void result_note_worse(struct check_result *result, size_t index, double got, double want,
                       double bound);

/* Records an element, which is right if |got - want| <= bound. If float32 cannot hold the expected
 * value, any `got` that is not finite is right too. If the expected value is NaN or the bound is
 * not finite, any `got` is right. A cheap test skips elements that are no worse than the worst one
 * so far, and most are. */
static inline void result_note(struct check_result *result, size_t index, double got, double want,
                               double bound)
{
    if (result->worst < 0.0 ||
        !(fabs(got - want) <= result->worst * bound)) /* also true for a NaN */
        result_note_worse(result, index, got, want, bound);
}

#endif
