/* Computes a network's gradient on its own data in four ways: by the device, by the reference, and
 * by finite differences of the losses of both. */
#ifndef WEFT_CHECK_GRADIENT_CHECK_H
#define WEFT_CHECK_GRADIENT_CHECK_H

#include "check/check_result.h"
#include "check/step_trial.h"
#include "weft_device.h"

/* Largest number of samples in the batch. The differences run it hundreds of times. */
enum { GRADIENT_MOST_SAMPLES = 64 };

/* What to check. The `update` of the trial defines the penalties. */
struct gradient_subject {
    const struct step_trial *trial; /* borrowed; at most GRADIENT_MOST_SAMPLES samples */
    enum weft_gemm products;
    size_t directions; /* number of parameters of each tensor that get differences */
    uint64_t seed;     /* selects these parameters */
};

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
