/* Handles the option --device: opens the device and prints which one it is. */
#ifndef WEFT_APP_DEVICE_OPTION_H
#define WEFT_APP_DEVICE_OPTION_H

#include "options.h"

struct device_in_use {
    struct weft_device *handle;   /* owned by the code that opened it; NULL before */
    struct weft_device_info info; /* as last shown to the user */
    char why[256];                /* why it was chosen; "" if there is nothing to say */
};

/* Opens the selected device and prints one line about it to stderr, even with --quiet. Set
 * `any_device_will_do` if the command can run on any device. If the driver of an automatically
 * chosen device then ends the program, the program restarts on the CPU backend, unless the data can
 * be read only once. */
WEFT_MUST_CHECK enum weft_status device_open(const struct command_line *line,
                                             bool any_device_will_do, struct device_in_use *device);

/* Does the same for `spec`, which replaces --device. The line tells device->why, which the caller
 * has set. */
WEFT_MUST_CHECK enum weft_status device_open_spec(const struct command_line *line, const char *spec,
                                                  bool any_device_will_do,
                                                  struct device_in_use *device);

/* Opens the selected device for predictions of `samples` samples; see weft_device_choose_predict.
 */
WEFT_MUST_CHECK enum weft_status device_open_predict(const struct command_line *line,
                                                     const struct weft_model *model, size_t samples,
                                                     struct device_in_use *device);

/* Whether the user leaves the choice of the device to Weft. An engine means OpenCL. */
bool device_is_automatic(const struct command_line *line);

/* A training run that looks for its device. */
struct device_run {
    const struct weft_options *options;
    const struct weft_dataset *train;
    size_t models;    /* to train one after another */
    const char *last; /* the device that it began on, or NULL */
    bool measure;     /* whether unknown speeds may be measured */
};

/* Opens the selected device for a training run. With --device auto, it is the fastest one; see
 * weft_device_choose. */
WEFT_MUST_CHECK enum weft_status device_open_fastest(const struct command_line *line,
                                                     const struct device_run *run,
                                                     struct device_in_use *device);

/* Prints when the device was last checked, or how to check it. With --verbose it does the same for
 * tuning. With --quiet it prints nothing. */
void device_say_checked(const struct command_line *line, const struct device_in_use *device);

/* Returns the function that prints the device log with --verbose. Returns NULL without
 * --verbose. */
weft_log_function *device_log(const struct command_line *line);

/* Prints the line that identifies the device. */
void device_say(const struct weft_device_info *info);

/* Prints the device's note if it differs from the last one shown. Work on a device may reveal facts
 * that were unknown when it was opened. */
void device_say_note(struct device_in_use *device);

#endif
