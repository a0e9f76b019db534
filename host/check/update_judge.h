/* The last stages of a step on trial: the clip factor, the update and the weight average. */
#ifndef WEFT_CHECK_UPDATE_JUDGE_H
#define WEFT_CHECK_UPDATE_JUDGE_H

#include "check/check_result.h"
#include "check/step_capture.h"
#include "check/step_trial.h"

/* Judges clip_factor, update and average_update. See step_judge. */
void update_judge(const struct step_trial *trial, const struct step_capture *capture,
                  const struct check_sink *sink);

#endif
