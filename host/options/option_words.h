/* The names of enum values in options and in model files. Each list is in the order of its enum. */
#ifndef WEFT_OPTIONS_OPTION_WORDS_H
#define WEFT_OPTIONS_OPTION_WORDS_H

#include "options/optimizer_traits.h"

enum {
    HEADS = WEFT_HEAD_IDENTITY + 1,
    SCALES = WEFT_SCALE_GLOBAL + 1,
    INITIALIZATIONS = WEFT_INIT_UNIFORM_UNIT + 1,
    SCHEDULES = WEFT_SCHEDULE_PLATEAU + 1,
    MONITORS = WEFT_MONITOR_MACRO_F1 + 1,
    REDUCTIONS = WEFT_REDUCTION_SUM + 1,
    GEMMS = WEFT_GEMM_OWN + 1
};

extern const char *const head_names[HEADS];
extern const char *const scale_names[SCALES];
extern const char *const initialization_names[INITIALIZATIONS];
extern const char *const schedule_names[SCHEDULES];
extern const char *const monitor_names[MONITORS];
extern const char *const reduction_names[REDUCTIONS];
extern const char *const gemm_names[GEMMS];

#endif
