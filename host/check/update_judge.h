/* The last stages of a step on trial: the gradient's factor, the update, what it keeps. */
#ifndef WEFT_CHECK_UPDATE_JUDGE_H
#define WEFT_CHECK_UPDATE_JUDGE_H

#include "check/step_trial.h"

/* clip_factor, update, average_update: see step_judge. */
void update_judge(const struct step_trial *trial, const struct step_capture *capture,
                  const struct check_sink *sink);

#endif
