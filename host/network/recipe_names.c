/* The words for how a model was trained, see recipe_names.h. */
#include "network/recipe_names.h"

const char *const optimizer_names[OPTIMIZERS] = {
    [WEFT_OPTIMIZER_SGD] = "sgd",           [WEFT_OPTIMIZER_MOMENTUM] = "momentum",
    [WEFT_OPTIMIZER_NESTEROV] = "nesterov", [WEFT_OPTIMIZER_RMSPROP] = "rmsprop",
    [WEFT_OPTIMIZER_ADAM] = "adam",         [WEFT_OPTIMIZER_ADAMW] = "adamw"};

const char *const schedule_names[SCHEDULES] = {
    [WEFT_SCHEDULE_CONSTANT] = "constant",       [WEFT_SCHEDULE_STEP] = "step",
    [WEFT_SCHEDULE_EXPONENTIAL] = "exponential", [WEFT_SCHEDULE_COSINE] = "cosine",
    [WEFT_SCHEDULE_ONE_CYCLE] = "one-cycle",     [WEFT_SCHEDULE_PLATEAU] = "plateau"};
