/* Opens the device that --device selects. */
#include "device_option.h"

#include <stdio.h>
#include <string.h>

#include "byte_size.h"
#include "data_options.h"
#include "driver_watch.h"
#include "message.h"
#include "weft_device.h"

/* Prints the lines of a driver log, which arrives as one text. */
static void print_log_lines(void *user, const char *text)
{
    (void)user;
    for (text += strspn(text, "\r\n"); *text != '\0'; text += strspn(text, "\r\n")) {
        size_t length = strcspn(text, "\r\n");
        say("log", "%.*s", (int)length, text);
        text += length;
    }
}

static void say_why(const struct weft_device_info *info, const char *why)
{
    const char *separator = info->note[0] != '\0' ? "; " : "";
    char reason[sizeof((struct device_in_use *)NULL)->why + 4] = "";
    if (why[0] != '\0')
        snprintf(reason, sizeof reason, " (%s)", why);
    if (info->opencl)
        say("device", "%s, OpenCL device %zu of %s%s%s%s", info->name, info->index, info->platform,
            reason, separator, info->note);
    else
        say("device", "%s, CPU backend%s%s%s", info->name, reason, separator, info->note);
}

void device_say(const struct weft_device_info *info)
{
    say_why(info, "");
}

weft_log_function *device_log(const struct command_line *line)
{
    return option_given(line, OPTION_VERBOSE) ? print_log_lines : NULL;
}

enum weft_status device_open(const struct command_line *line, bool any_device_will_do,
                             struct device_in_use *device)
{
    return device_open_spec(line, option_value(line, OPTION_DEVICE), any_device_will_do, device);
}

static bool is_automatic(const struct command_line *line, const char *spec)
{
    const char *gemm = option_setting(line, "gemm");
    return strcmp(spec, "auto") == 0 && (gemm == NULL || strcmp(gemm, "auto") == 0);
}

bool device_is_automatic(const struct command_line *line)
{
    const char *spec = option_value(line, OPTION_DEVICE);
    return is_automatic(line, spec != NULL ? spec : "auto");
}

/* A restart reads the data again. */
static void allow_restart(const struct command_line *line)
{
    if (!data_passes_once(line))
        driver_watch_may_restart();
}

enum weft_status device_open_spec(const struct command_line *line, const char *spec,
                                  bool any_device_will_do, struct device_in_use *device)
{
    uint64_t limit = 0;
    if (spec == NULL)
        spec = "auto";
    TRY(option_size(line, OPTION_DEVICE_MEMORY, &limit));
    driver_watch_begin(NULL, spec);
    if (any_device_will_do && is_automatic(line, spec))
        allow_restart(line);
    TRY(told(weft_device_create(spec, device_log(line), NULL, &device->handle)));
    weft_device_limit_memory(device->handle, limit);
    weft_device_get_info(device->handle, &device->info);
    driver_watch_begin(&device->info, spec);
    say_why(&device->info, device->why);
    return WEFT_OK;
}

enum weft_status device_open_predict(const struct command_line *line,
                                     const struct weft_model *model, size_t samples,
                                     struct device_in_use *device)
{
    const char *spec = option_value(line, OPTION_DEVICE);
    struct weft_device_choice choice;
    if (!device_is_automatic(line))
        return device_open_spec(line, spec, true, device);
    weft_device_choose_predict(model, samples, &choice);
    memcpy(device->why, choice.why, sizeof device->why);
    return device_open_spec(line, choice.device, true, device);
}

enum weft_status device_open_fastest(const struct command_line *line, const struct device_run *run,
                                     struct device_in_use *device)
{
    const char *spec = option_value(line, OPTION_DEVICE);
    struct weft_device_choice choice = {.device = "auto"};
    if (!device_is_automatic(line))
        return device_open_spec(line, spec, true, device);
    driver_watch_begin(NULL, "auto");
    allow_restart(line);
    TRY(told(weft_device_choose(run->options, run->train, run->models, run->last, run->measure,
                                &choice)));
    memcpy(device->why, choice.why, sizeof device->why);
    return device_open_spec(line, choice.device, true, device);
}

void device_say_checked(const struct command_line *line, const struct device_in_use *device)
{
    const struct weft_device_info *info = &device->info;
    if (option_given(line, OPTION_QUIET))
        return;
    if (info->checked[0] != '\0')
        say("note", "checked on %s", info->checked);
    else if (info->opencl)
        say("note", "not checked yet: weft check --device %zu", info->index);
    else
        say("note", "not checked yet: weft check --device cpu");
    if (!info->opencl || !option_given(line, OPTION_VERBOSE))
        return;
    if (info->tuned[0] != '\0')
        say("note", "matrix products tuned on %s", info->tuned);
    else
        say("note",
            "matrix products not tuned: weft tune --device %zu finds the fastest kernels for a "
            "network",
            info->index);
}

void device_say_note(struct device_in_use *device)
{
    struct weft_device_info now;
    weft_device_get_info(device->handle, &now);
    if (now.note[0] != '\0' && strcmp(now.note, device->info.note) != 0)
        say("note", "%s", now.note);
    device->info = now;
}
