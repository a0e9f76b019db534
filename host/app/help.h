/* Prints help on stdout from the tables of options. */
#ifndef WEFT_APP_HELP_H
#define WEFT_APP_HELP_H

#include <stdbool.h>
#include <stddef.h>

#include "command.h"

/* Prints the commands of the program. */
void help_print_program(const struct command *const *commands, size_t count);

/* Prints the common options of a command, or all options if `all` is true. */
WEFT_MUST_CHECK enum weft_status help_print_command(const struct command *command, bool all);

#endif
