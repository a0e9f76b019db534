/* What a comparison has seen so far: its worst element. */
#ifndef WEFT_CHECK_CHECK_RESULT_H
#define WEFT_CHECK_CHECK_RESULT_H

#include "check/check.h"

/* Nothing compared yet, everything right. The shape is filled by the caller. */
void result_begin(struct check_result *result, const char *name, const char *array);

/* Takes note of an element, which is right where |got - want| <= bound. Where float32 cannot hold
 * what is due, or that is no number itself, anything that is not finite is right. */
void result_note(struct check_result *result, size_t index, double got, double want, double bound);

#endif
