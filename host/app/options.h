/* The command line: options of the program, options of the library, and perhaps a name. popt only
 * splits the words: every value stays text here, so that the library, which knows what is valid,
 * parses it and words the message. */
#ifndef WEFT_APP_OPTIONS_H
#define WEFT_APP_OPTIONS_H

#include <stddef.h>

#include "option_table.h"

/* What the user typed after the name of a command. */
struct command_line {
    const struct command *command;
    double started;                   /* platform_seconds() when the program began */
    char *values[OPTION_COUNT];       /* owned; NULL if not given, "yes" for a flag */
    char *settings[WEFT_MAX_OPTIONS]; /* the same for the library's options, by index */
    char *name;                       /* owned; the word that is no option, or NULL */
};

/* Row `index` of both tables together, the program's first; NULL beyond the last. */
const struct weft_option_info *option_row(size_t index);
/* Its value on the command line, or NULL. */
const char *option_row_value(const struct command_line *line, size_t index);
/* Whether an option takes no value: the library's can be negated, with `no-` before the name. */
static inline bool option_is_flag(const struct weft_option_info *row)
{
    return row->placeholder == NULL;
}
bool option_can_be_negated(size_t index);

/* Fills `line`, already zero, from the words after the program's name: argv[0] is the command.
 * Says what is wrong and returns WEFT_ERROR_USAGE for an unknown option, one without its value,
 * options that exclude each other, or a word that is no option. End it with command_line_reset in
 * either case. */
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

/* The value of the library's option `name`, or NULL. */
const char *option_setting(const struct command_line *line, const char *name);

/* The value of an option without which the command cannot run. */
WEFT_MUST_CHECK enum weft_status option_require(const struct command_line *line, enum option option,
                                                const char **value);

/* A whole number of `least` to `most` in `*number`, which stays as it is if the option is not
 * given. */
WEFT_MUST_CHECK enum weft_status option_number(const struct command_line *line, enum option option,
                                               size_t least, size_t most, size_t *number);

/* The library's options: the preset (of --preset, else `default`), then what was given on top of
 * it, in any order. */
WEFT_MUST_CHECK enum weft_status options_resolve(const struct command_line *line,
                                                 struct weft_options *options);

/* The same on top of the options that `model` was trained with. */
WEFT_MUST_CHECK enum weft_status options_resolve_for(const struct command_line *line,
                                                     const struct weft_model *model,
                                                     struct weft_options *options);

/* The data set that belongs to a preset, or NULL. */
const char *options_preset_data(const struct weft_options *options);

/* `model` of options: from --init-model, or new. */
WEFT_MUST_CHECK enum weft_status options_make_model(const struct command_line *line,
                                                    const struct weft_options *options,
                                                    const struct weft_dataset *data,
                                                    struct weft_model **model);

#endif
