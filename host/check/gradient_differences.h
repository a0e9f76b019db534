/* Slopes of the loss along single parameters, from finite differences on both sides of a gradient
 * check. */
#ifndef WEFT_CHECK_GRADIENT_DIFFERENCES_H
#define WEFT_CHECK_GRADIENT_DIFFERENCES_H

#include "check/gradient_run.h"
#include "check/gradient_spans.h"

/* Returns the step h of the reference's differences. */
double gradient_reference_step(const struct gradient_run *run);

/* Computes the slope of the reference's loss along parameter `p` of `span`. *crossed becomes true
 * if the difference crosses the kink of an activation. */
WEFT_MUST_CHECK enum weft_status gradient_reference_difference(struct gradient_run *run,
                                                               const struct span *span, size_t p,
                                                               double *slope, bool *crossed);

/* Computes the slope of the device's loss along parameter `p` of `span`, the same by the reference
 * from the same floats, and how far rounding may take the two apart. */
WEFT_MUST_CHECK enum weft_status gradient_device_difference(struct gradient_run *run,
                                                            const struct span *span, size_t p,
                                                            double *got, double *want,
                                                            double *bound);

#endif
