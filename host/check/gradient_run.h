/* Both sides of a gradient check: a device and the reference compute the gradient of a batch. */
#ifndef WEFT_CHECK_GRADIENT_RUN_H
#define WEFT_CHECK_GRADIENT_RUN_H

#include "check/check_result.h"
#include "check/step_bounds.h"
#include "check/step_capture.h"
#include "check/step_trial.h"

/* Largest number of samples in the batch. The differences run it hundreds of times. */
enum { GRADIENT_MOST_SAMPLES = 64 };

/* What to check. The `update` of the trial defines the penalties. */
struct gradient_subject {
    const struct step_trial *trial; /* borrowed; at most GRADIENT_MOST_SAMPLES samples */
    enum weft_gemm products;
    size_t directions; /* number of parameters of each tensor that get differences */
    uint64_t seed;     /* selects these parameters */
};

/* The arrays are owned. */
struct gradient_run {
    struct weft_device *device;             /* borrowed */
    const struct gradient_subject *subject; /* borrowed */
    const struct network *network;          /* borrowed */
    const struct check_sink *sink;          /* borrowed */
    struct ref_rule rule;
    struct step_capture batch; /* the batch that gradient and differences are computed from */
    double *x;                 /* [B][D] of the batch */
    double *parameters;        /* [value_count] */
    float *moved;              /* [value_count] with one parameter changed */
    float *got;                /* [parameter_count] the device's gradient */
    double *ratio;             /* [parameter_count] |got - want| / bound */
    struct ref_step step;
    struct step_bounds bounds;
    struct device_data *data;
    struct workspace *workspace;
};

/* Computes the gradient of the batch on both sides. `run` has the borrowed members; call
 * gradient_run_reset in either case. */
WEFT_MUST_CHECK enum weft_status gradient_run_compute(struct gradient_run *run);

void gradient_run_reset(struct gradient_run *run);

/* Returns the step that the device runs. */
struct step gradient_device_step(const struct gradient_run *run);

/* Returns the step that the reference runs. */
struct exact_step gradient_exact(const struct gradient_run *run);

#endif
