/* The option --device: opening the device, and saying which one it is. */
#ifndef WEFT_APP_DEVICE_OPTION_H
#define WEFT_APP_DEVICE_OPTION_H

#include "options.h"

/* Opens the device that was asked for and prints one line about it to stderr, with --quiet too. */
WEFT_MUST_CHECK enum weft_status device_open(const struct command_line *line,
                                             struct weft_device **device);

#endif
