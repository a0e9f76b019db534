/* The options of the command line. popt only splits the words: every value stays text here, so that
 * the library, which knows what is valid, parses it and words the message. */
#ifndef WEFT_APP_OPTIONS_H
#define WEFT_APP_OPTIONS_H

#include "command.h"
#include "weft.h"

enum option {
    OPTION_PRESET = 1, /* network */
    OPTION_HIDDEN,
    OPTION_ACTIVATION,
    OPTION_DROPOUT,
    OPTION_INPUT_DROPOUT,
    OPTION_BATCH_NORM,
    OPTION_NO_BATCH_NORM,
    OPTION_TASK,
    OPTION_HEAD,
    OPTION_BIAS,
    OPTION_NO_BIAS,
    OPTION_INIT_MODEL,
    OPTION_INIT,
    OPTION_INITIAL_RANGE,
    OPTION_SEED,
    OPTION_EPOCHS, /* training */
    OPTION_BATCH_SIZE,
    OPTION_BATCHES,
    OPTION_LEARNING_RATE,
    OPTION_L1,
    OPTION_L2,
    OPTION_LABEL_SMOOTHING,
    OPTION_CLASS_WEIGHT,
    OPTION_PATIENCE,
    OPTION_MONITOR,
    OPTION_MIN_DELTA,
    OPTION_SCHEDULE,
    OPTION_WARMUP,
    OPTION_RATE_FACTOR,
    OPTION_RATE_EVERY,
    OPTION_RATE_PATIENCE,
    OPTION_MIN_RATE,
    OPTION_RISE,
    OPTION_EMA,
    OPTION_OPTIMIZER,
    OPTION_MOMENTUM,
    OPTION_BETA1,
    OPTION_BETA2,
    OPTION_EPSILON,
    OPTION_WEIGHT_DECAY,
    OPTION_CLIP_NORM,
    OPTION_SHIFT,
    OPTION_FLIP,
    OPTION_NO_FLIP,
    OPTION_ERASE,
    OPTION_MIXUP,
    OPTION_SHUFFLE,
    OPTION_NO_SHUFFLE,
    OPTION_SCALE,
    OPTION_DATA, /* data */
    OPTION_IMAGES,
    OPTION_LABELS,
    OPTION_TEST,
    OPTION_HOLDOUT,
    OPTION_PART,
    OPTION_DEVICE, /* running */
    OPTION_GEMM,
    OPTION_MODEL,
    OPTION_OUTPUT,
    OPTION_LOG,
    OPTION_PROBA,
    OPTION_TEST_TIME_FLIP,
    OPTION_ENSEMBLE,
    OPTION_CHECK_EVERY,
    OPTION_BUNDLE,
    OPTION_THOROUGH,
    OPTION_REPLAY,
    OPTION_GRADIENT,
    OPTION_SAMPLES, /* measuring */
    OPTION_FEATURES,
    OPTION_ROUNDS,
    OPTION_PROFILE,
    OPTION_SWEEP,
    OPTION_TIME,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_HELP,
    OPTION_COUNT
};

/* What the user typed after the name of a command. */
struct command_line {
    const struct command *command;
    double started;             /* platform_seconds() when the program began */
    char *values[OPTION_COUNT]; /* owned; NULL where not given, "" for an option without value */
};

/* Groups of options that commands share, to be included in their tables: with a title where they
 * stand alone in the help, with NULL where they continue a group. */
extern struct poptOption network_group[], target_group[], augmentation_group[], recipe_group[],
    training_group[], source_group[], split_group[], part_group[], device_group[], common_group[];
#define OPTION_GROUP(group, title)                                                                 \
    {                                                                                              \
        NULL, '\0', POPT_ARG_INCLUDE_TABLE, (group), 0, (title), NULL                              \
    }
#define OPTION_WITH_VALUE(name, letter, option, description, value)                                \
    {                                                                                              \
        (name), (letter), POPT_ARG_STRING, NULL, (option), (description), (value)                  \
    }
#define OPTION_ALONE(name, letter, option, description)                                            \
    {                                                                                              \
        (name), (letter), POPT_ARG_NONE, NULL, (option), (description), NULL                       \
    }

/* Fills `line`, already zero, from the words after the program's name: argv[0] is the command.
 * Says what is wrong and returns WEFT_ERROR_USAGE for an unknown option, one without its value, or
 * a word that is no option. End it with command_line_reset in either case. */
WEFT_MUST_CHECK enum weft_status command_line_parse(struct command_line *line, int argc,
                                                    const char **argv);
void command_line_reset(struct command_line *line);

static inline const char *option_value(const struct command_line *line, enum option option)
{
    return line->values[option];
}

static inline bool option_given(const struct command_line *line, enum option option)
{
    return line->values[option] != NULL;
}

/* "epochs", as the table of the command has it. */
const char *option_name(const struct command_line *line, enum option option);

/* The value of an option without which the command cannot run. */
WEFT_MUST_CHECK enum weft_status option_require(const struct command_line *line, enum option option,
                                                const char **value);

/* The library's options: the preset, then whatever was given on top of it, in any order. */
WEFT_MUST_CHECK enum weft_status options_resolve(const struct command_line *line,
                                                 struct weft_options *options);

/* The same on top of `preset`, whatever --preset says. */
WEFT_MUST_CHECK enum weft_status options_resolve_from(const struct command_line *line,
                                                      const char *preset,
                                                      struct weft_options *options);

/* The task of a model that was read, and what a recipe then leaves out, as --task has it. */
void options_follow_model(const struct command_line *line, const struct weft_model_info *info,
                          struct weft_options *options);

/* A whole number of `least` to `most` in `*number`, which stays as it is where the option is not
 * given. */
WEFT_MUST_CHECK enum weft_status option_number(const struct command_line *line, enum option option,
                                               size_t least, size_t most, size_t *number);

/* WEFT_ERROR_USAGE, said, where both were given. */
WEFT_MUST_CHECK enum weft_status option_excludes(const struct command_line *line, enum option one,
                                                 enum option other);

#endif
