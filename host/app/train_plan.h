/* Plans the training of weft train, and ends the command if the training does not fit. */
#ifndef WEFT_APP_TRAIN_PLAN_H
#define WEFT_APP_TRAIN_PLAN_H

#include "train_job.h"

/* Refuses a training that the memory of the host cannot hold, before the model is created. */
WEFT_MUST_CHECK enum weft_status train_plan_host(const struct train_job *job);

/* Plans the training on the opened device, before the model is created, unless a file has told what
 * it is. Prints the plan with --dry-run, or a line with
 * --verbose. Refuses a training that does not fit. */
WEFT_MUST_CHECK enum weft_status train_plan(struct train_job *job);

#endif
