/* Judges a batch before the network reads it: its features, augmented and mixed where training does
 * so, and its dense targets. */
#ifndef WEFT_CHECK_BATCH_JUDGE_H
#define WEFT_CHECK_BATCH_JUDGE_H

#include "check/check_result.h"
#include "check/error_analysis.h"
#include "check/step_capture.h"
#include "check/step_trial.h"
#include "reference/reference.h"

/* Returns the images of a batch in the form that the reference takes. */
struct ref_images batch_images(const struct augmentation *augmentation,
                               const struct batch_draw *draw);

/* Compares x, and y and the weights of dense targets, with the expected values. Tells `sink` the
 * results "gather" and "targets". The only error is WEFT_ERROR_MEMORY. */
WEFT_MUST_CHECK enum weft_status batch_judge(const struct step_trial *trial,
                                             const struct step_capture *capture,
                                             struct precision in, const struct check_sink *sink);

#endif
