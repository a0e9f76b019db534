/* Parses the command line: options of the program, options of the library, and an optional name.
 * popt only splits the words, and every value stays text here. The library knows which values are
 * valid, so it parses them and writes the messages. */
#ifndef WEFT_APP_OPTIONS_H
#define WEFT_APP_OPTIONS_H

#include <stddef.h>

#include "option_table.h"

enum { LOGS_LIMIT = 256 };

/* What the user typed after the name of a command. */
struct rank_job; /* rank_job.h */

struct command_line {
    const struct command *command;
    double started;                   /* platform_seconds() at program start */
    char *values[OPTION_COUNT];       /* owned; NULL if not given, "yes" for a flag */
    char *settings[WEFT_MAX_OPTIONS]; /* owned; values of the library's options, by index */
    char *name;                       /* owned; the word that is not an option, or NULL */
    char *logs[LOGS_LIMIT];           /* owned; every --log of `weft plot`, in order */
    size_t log_count;
    int argument_count;     /* what the user typed, for starting the command again */
    char **arguments;       /* borrowed; [argument_count] */
    struct rank_job *ranks; /* borrowed; NULL before the ranks of a command have joined */
};

/* Returns row `index` of both tables together, with the program's options first. Returns NULL
 * beyond the last row. */
const struct weft_option_info *option_row(size_t index);
/* Returns the value of that option on the command line, or NULL. */
const char *option_row_value(const struct command_line *line, size_t index);
/* Returns true if an option takes no value. Flags of the library can be negated with the prefix
 * `no-`. */
static inline bool option_is_flag(const struct weft_option_info *row)
{
    return row->placeholder == NULL;
}
bool option_can_be_negated(size_t index);

/* Parses the words after the program name into `line`, which is zero on entry; argv[0] is the
 * command. Prints a message and returns WEFT_ERROR_USAGE for an unknown option, an option without
 * its value, options that exclude each other, or an unexpected word. The caller calls
 * command_line_reset in either case. */
WEFT_MUST_CHECK enum weft_status command_line_parse(struct command_line *line, int argc,
                                                    const char **argv);
void command_line_reset(struct command_line *line);

/* Returns the value of an option, or NULL if it has none. */
static inline const char *option_value(const struct command_line *line, enum option option)
{
    return line->values[option];
}

/* Tells whether the command line gives an option. */
static inline bool option_given(const struct command_line *line, enum option option)
{
    return line->values[option] != NULL;
}

/* Returns the value of the library's option `name`, or NULL. */
const char *option_setting(const struct command_line *line, const char *name);

/* Adds an option that a checkpoint has. It must not be given yet. */
WEFT_MUST_CHECK enum weft_status command_line_add(struct command_line *line, size_t index,
                                                  const char *value);

/* Gets the value of a required option, or fails with a message. */
WEFT_MUST_CHECK enum weft_status option_require(const struct command_line *line, enum option option,
                                                const char **value);

/* Gets the place of the value among the words of the option. An option without words uses the
 * words of the library's option with the same name. `*value` stays unchanged if the option is not
 * given. */
WEFT_MUST_CHECK enum weft_status option_word(const struct command_line *line, enum option option,
                                             unsigned *value);

/* Gets a whole number between `least` and `most`. `*number` stays unchanged if the option is not
 * given. */
WEFT_MUST_CHECK enum weft_status option_number(const struct command_line *line, enum option option,
                                               size_t least, size_t most, size_t *number);

/* Gets a number from `least` to `most`. `*number` stays unchanged if the option is not given. */
WEFT_MUST_CHECK enum weft_status option_real(const struct command_line *line, enum option option,
                                             double least, double most, double *number);

/* Gets a number above 0 and below 1, which messages call `noun`. `*fraction` stays unchanged if the
 * option is not given. */
WEFT_MUST_CHECK enum weft_status option_fraction(const struct command_line *line,
                                                 enum option option, const char *noun,
                                                 double *fraction);

/* Resolves the library's options: first the preset from --preset (or `default`), then the given
 * options, whose order does not matter. */
WEFT_MUST_CHECK enum weft_status options_resolve(const struct command_line *line,
                                                 struct weft_options *options);

/* Reads the model of --model and resolves the given options on top of those with which it was
 * trained. Without --model, does what options_resolve does and leaves `model` alone. */
WEFT_MUST_CHECK enum weft_status options_resolve_on_model(const struct command_line *line,
                                                          struct weft_model **model,
                                                          struct weft_options *options);

/* Returns the data set of a preset, or NULL. */
const char *options_preset_data(const struct weft_options *options);

/* Creates `*model` from the options: from the file of --init-model, or with new weights. */
WEFT_MUST_CHECK enum weft_status options_make_model(const struct command_line *line,
                                                    const struct weft_options *options,
                                                    const struct weft_dataset *data,
                                                    struct weft_model **model);

#endif
