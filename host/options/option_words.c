/* The names of enum values; see option_words.h. */
#include "options/option_words.h"

const char *const head_names[HEADS] = {[WEFT_HEAD_SIGMOID] = "sigmoid",
                                       [WEFT_HEAD_SOFTMAX] = "softmax",
                                       [WEFT_HEAD_IDENTITY] = "identity"};

const char *const scale_names[SCALES] = {
    [WEFT_SCALE_NONE] = "none", [WEFT_SCALE_STANDARD] = "standard", [WEFT_SCALE_GLOBAL] = "global"};

const char *const initialization_names[INITIALIZATIONS] = {[WEFT_INIT_AUTO] = "auto",
                                                           [WEFT_INIT_GLOROT] = "glorot",
                                                           [WEFT_INIT_HE] = "he",
                                                           [WEFT_INIT_LECUN] = "lecun",
                                                           [WEFT_INIT_UNIFORM] = "uniform",
                                                           [WEFT_INIT_ZEROS] = "zeros",
                                                           [WEFT_INIT_UNIFORM_ONE] = "uniform-one",
                                                           [WEFT_INIT_UNIFORM_UNIT] =
                                                               "uniform-unit"};

const char *const schedule_names[SCHEDULES] = {
    [WEFT_SCHEDULE_CONSTANT] = "constant",       [WEFT_SCHEDULE_STEP] = "step",
    [WEFT_SCHEDULE_EXPONENTIAL] = "exponential", [WEFT_SCHEDULE_COSINE] = "cosine",
    [WEFT_SCHEDULE_ONE_CYCLE] = "one-cycle",     [WEFT_SCHEDULE_PLATEAU] = "plateau"};

const char *const monitor_names[MONITORS] = {[WEFT_MONITOR_LOSS] = "loss",
                                             [WEFT_MONITOR_ACCURACY] = "accuracy",
                                             [WEFT_MONITOR_MACRO_F1] = "macro-f1"};

const char *const reduction_names[REDUCTIONS] = {
    [WEFT_REDUCTION_MEAN] = "mean", [WEFT_REDUCTION_SUM] = "sum"};

const char *const gemm_names[GEMMS] = {
    [WEFT_GEMM_AUTO] = "auto", [WEFT_GEMM_CLBLAST] = "clblast", [WEFT_GEMM_OWN] = "own"};
