/* Runs a training step on a device and judges it. */
#ifndef WEFT_CHECK_STEP_TRIAL_RUN_H
#define WEFT_CHECK_STEP_TRIAL_RUN_H

#include "check/check_result.h"
#include "check/step_trial.h"

/* What a step leaves for the next one. Either pointer may be NULL, or the trial's own. */
struct step_outcome {
    float *parameters; /* [value_count] */
    float *state;      /* [update_states][value_count] */
};

/* Runs the trial on a device, as training does, and judges it. */
WEFT_MUST_CHECK enum weft_status step_trial_run(struct weft_device *device,
                                                const struct step_trial *trial,
                                                enum weft_gemm products,
                                                const struct step_outcome *outcome,
                                                const struct check_sink *sink);

#endif
