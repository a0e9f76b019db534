/* Help on stdout: options from popt's tables, defaults from the library itself. */
#ifndef WEFT_APP_HELP_H
#define WEFT_APP_HELP_H

#include <stddef.h>

#include "command.h"
#include "options.h"
#include "weft.h"

void help_print_program(const struct command *const *commands, size_t count);
WEFT_MUST_CHECK enum weft_status help_print_command(const struct command *command);

/* The value of an option that is a word; NULL: it is none. */
const char *help_word(const struct weft_options *options, enum option option);

#endif
