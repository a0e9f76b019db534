/* Computes a network's gradient on its own data in four ways: by the device, by the reference, and
 * by finite differences of the losses of both. */
#ifndef WEFT_CHECK_GRADIENT_CHECK_H
#define WEFT_CHECK_GRADIENT_CHECK_H

#include "check/gradient_run.h"
#include "weft_device.h"

/* Tells `sink` "gather" and "targets", as step_judge does, then one result for each tensor and
 * method. "gradient" compares each element of the device's gradient within the bounds of a whole
 * step. "reference_difference" and "device_difference" compare differences along `directions`
 * parameters.
 *
 * `worst` [*count] receives the parameters whose gradients have the largest errors relative to
 * their bounds, the worst first. On entry *count is the capacity of `worst`, on return the number
 * of its entries. */
WEFT_MUST_CHECK enum weft_status gradient_check(struct weft_device *device,
                                                const struct gradient_subject *subject,
                                                const struct check_sink *sink,
                                                struct weft_parameter_gradient *worst,
                                                size_t *count);

#endif
