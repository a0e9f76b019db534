/* The words for how a model was trained, in options and in its file. */
#ifndef WEFT_NETWORK_RECIPE_NAMES_H
#define WEFT_NETWORK_RECIPE_NAMES_H

#include "base/status.h"

enum { OPTIMIZERS = WEFT_OPTIMIZER_ADAMW + 1, SCHEDULES = WEFT_SCHEDULE_PLATEAU + 1 };

extern const char *const optimizer_names[OPTIMIZERS]; /* in the order of enum weft_optimizer */
extern const char *const schedule_names[SCHEDULES];   /* in the order of enum weft_schedule */

#endif
