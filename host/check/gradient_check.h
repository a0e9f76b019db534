/* A network's gradient on its own data, four ways: by the device, by the reference, and by finite
 * differences of the losses of both. */
#ifndef WEFT_CHECK_GRADIENT_CHECK_H
#define WEFT_CHECK_GRADIENT_CHECK_H

#include "check/step_trial.h"
#include "weft_device.h"

/* Largest number of samples in the batch: the differences run it hundreds of times. */
enum { GRADIENT_MOST_SAMPLES = 64 };

/* What is checked: `trial` without a scale of more than its own, `update` gives the penalties. */
struct gradient_subject {
    const struct step_trial *trial; /* borrowed; at most GRADIENT_MOST_SAMPLES samples */
    enum weft_gemm products;
    size_t directions; /* parameters of each tensor that differences are taken along */
    uint64_t seed;     /* which */
};

/* Tells "gather" and "targets", as step_judge does, then one result for each tensor and way:
 * "gradient" (each element of the device's within the bounds of a whole step),
 * "reference_difference" and "device_difference" (along `directions` parameters). `worst` [*count]
 * gets the parameters whose gradient is farthest off in their bounds, the farthest first; *count is
 * room at first, then how many there are. */
WEFT_MUST_CHECK enum weft_status gradient_check(struct weft_device *device,
                                                const struct gradient_subject *subject,
                                                const struct check_sink *sink,
                                                struct weft_parameter_gradient *worst,
                                                size_t *count);

#endif
