/* Judges a training step stage by stage.
 *
 * The reference computes each operation from the very numbers that the device gave it. So no
 * rounding counts twice, a fault shows where it arises, and the result names the operation.
 */
#ifndef WEFT_CHECK_STEP_JUDGE_H
#define WEFT_CHECK_STEP_JUDGE_H

#include "check/check_result.h"
#include "check/step_capture.h"
#include "check/step_trial.h"

/* Judges every stage of a step that `capture` holds: gather, targets, dense_forward,
 * norm_statistics, norm_running, norm_forward, activation where z is kept, output_delta, loss,
 * correct, weight_gradient, bias_gradient, norm_gradient, delta, penalty_terms, clip_factor,
 * update, average_update. Stages of layers appear once for each layer. Stages that are not in use
 * do not appear. The only error is WEFT_ERROR_MEMORY. */
WEFT_MUST_CHECK enum weft_status step_judge(const struct step_trial *trial,
                                            const struct step_capture *capture,
                                            const struct check_sink *sink);

#endif
