/* Opening the device of --device. */
#include "device_option.h"

#include "message.h"

static void print_driver_line(void *user, const char *line)
{
    (void)user;
    say("driver", "%s", line);
}

static void print_device(const struct weft_device *device)
{
    struct weft_device_info info;
    weft_device_get_info(device, &info);
    const char *separator = info.note[0] != '\0' ? "; " : "";
    if (info.opencl)
        say("device", "%s, OpenCL device %zu of %s%s%s", info.name, info.index, info.platform,
            separator, info.note);
    else
        say("device", "%s, CPU backend%s%s", info.name, separator, info.note);
}

enum weft_status device_open(const struct command_line *line, struct weft_device **device)
{
    weft_log_function *log = option_given(line, OPTION_VERBOSE) ? print_driver_line : NULL;
    TRY(told(weft_device_create(option_value(line, OPTION_DEVICE), log, NULL, device)));
    print_device(*device);
    return WEFT_OK;
}
