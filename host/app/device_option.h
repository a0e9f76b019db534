/* The option --device: opening the device, and saying which one it is. */
#ifndef WEFT_APP_DEVICE_OPTION_H
#define WEFT_APP_DEVICE_OPTION_H

#include "options.h"

struct device_in_use {
    struct weft_device *handle;   /* owned by who opened it; NULL before */
    struct weft_device_info info; /* as the user was told last */
};

/* Opens the device that was asked for and prints one line about it to stderr, with --quiet too.
 * `any_device_will_do` for the command: should the driver of an automatic choice end the program,
 * it starts again on the CPU backend. */
WEFT_MUST_CHECK enum weft_status device_open(const struct command_line *line,
                                             bool any_device_will_do, struct device_in_use *device);

/* Prints when the device was checked, or how to check it, and with --verbose the same of tuning;
 * nothing under --quiet. */
void device_say_checked(const struct command_line *line, const struct device_in_use *device);

/* What prints the log of a device with --verbose; NULL without. */
weft_log_function *device_log(const struct command_line *line);

/* Prints the line that says which device this is. */
void device_say(const struct weft_device_info *info);

/* Prints the device's note where it is another than the user was told: work on a device may find
 * something that was not known when it was opened. */
void device_say_note(struct device_in_use *device);

#endif
