/* Lists the program's own options: data, files, devices. The library defines the training options
 * (weft_option_describe). Both tables have rows of the same type. */
#ifndef WEFT_APP_OPTION_TABLE_H
#define WEFT_APP_OPTION_TABLE_H

#include "command.h"

enum option {
    OPTION_DATA, /* data */
    OPTION_IMAGES,
    OPTION_LABELS,
    OPTION_TEST,
    OPTION_HOLDOUT,
    OPTION_NO_STRATIFY,
    OPTION_TARGET, /* tables */
    OPTION_TASK,
    OPTION_IGNORE,
    OPTION_ID,
    OPTION_WEIGHT,
    OPTION_CATEGORICAL,
    OPTION_IMPUTE,
    OPTION_MISSING,
    OPTION_STRICT,
    OPTION_DELIMITER,
    OPTION_DECIMAL,
    OPTION_NO_HEADER,
    OPTION_X, /* arrays and images */
    OPTION_Y,
    OPTION_IMAGE_SIZE,
    OPTION_GRAYSCALE,
    OPTION_PART,
    OPTION_SAMPLES,
    OPTION_FEATURES,
    OPTION_PRESET, /* networks and models */
    OPTION_MODEL,
    OPTION_INIT_MODEL,
    OPTION_ENSEMBLE,
    OPTION_TEST_TIME_FLIP,
    OPTION_THOROUGH, /* measurements */
    OPTION_GRADIENT,
    OPTION_REPLAY,
    OPTION_ROUNDS,
    OPTION_PROFILE,
    OPTION_SWEEP,
    OPTION_TIME,
    OPTION_THRESHOLD, /* scores */
    OPTION_REJECT,
    OPTION_BY,
    OPTION_BOOTSTRAP,
    OPTION_METHOD, /* maps */
    OPTION_LAYER,
    OPTION_CHOOSE,
    OPTION_PERPLEXITY,
    OPTION_ITERATIONS,
    OPTION_MAP_SCALE,
    OPTION_MAP_SEED,
    OPTION_CURVE_LOG, /* pictures */
    OPTION_RESULTS,
    OPTION_TITLE,
    OPTION_THEME,
    OPTION_COUNT_SHOWN,
    OPTION_NEIGHBORS,
    OPTION_PICTURE,
    OPTION_MAP,
    OPTION_OUTPUT, /* results */
    OPTION_LOG,
    OPTION_CHECKPOINT,
    OPTION_CHECKPOINT_EVERY,
    OPTION_RESUME,
    OPTION_TIME_LIMIT,
    OPTION_BUNDLE,
    OPTION_PROBA,
    OPTION_KEEP,
    OPTION_JSON,
    OPTION_DEVICE, /* running */
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_HELP,
    OPTION_HELP_ALL,
    OPTION_COUNT
};

extern const struct weft_option_info app_options[OPTION_COUNT];

#endif
