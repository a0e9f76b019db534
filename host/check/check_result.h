/* What a comparison has seen so far: its worst element. */
#ifndef WEFT_CHECK_CHECK_RESULT_H
#define WEFT_CHECK_CHECK_RESULT_H

#include <math.h>

#include "check/check.h"

/* Nothing compared yet, everything right. The shape is filled by the caller. */
void result_begin(struct check_result *result, const char *name, const char *array);

/* Takes note of an element that is worse than those before. */
void result_note_worse(struct check_result *result, size_t index, double got, double want,
                       double bound);

/* Takes note of an element, which is right where |got - want| <= bound. Where float32 cannot hold
 * what is due, anything that is not finite is right; where that is no number itself, or the bound
 * is not finite, anything is. Most elements are no worse than others, which is quickly seen. */
static inline void result_note(struct check_result *result, size_t index, double got, double want,
                               double bound)
{
    if (result->worst < 0.0 || !(fabs(got - want) <= result->worst * bound)) /* or is a NaN */
        result_note_worse(result, index, got, want, bound);
}

#endif
