/* Options that were given and would do nothing: the user means something else. What a preset brings
 * without a use for it is no fault. */
#ifndef WEFT_APP_OPTION_USE_H
#define WEFT_APP_OPTION_USE_H

#include "options.h"

/* WEFT_ERROR_USAGE, said, for an option that these `options` of the line have no use for. */
WEFT_MUST_CHECK enum weft_status options_check_use(const struct command_line *line,
                                                   const struct weft_options *options);

/* The same for one that says what the model of --model is: it has a network already. */
WEFT_MUST_CHECK enum weft_status options_exclude_network(const struct command_line *line);

#endif
