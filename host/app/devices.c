/* Implements weft devices. It lists the OpenCL devices of this machine with the numbers that
 * --device takes, then the CPU backend. */
#include "byte_size.h"
#include "driver_watch.h"
#include "message.h"
#include "options.h"
#include "output.h"

/* Returns the day of the last passed check. */
static const char *checked(const struct weft_device_info *info)
{
    return info->checked[0] != '\0' ? info->checked : "no";
}

/* Describes an OpenCL device. If it cannot be described, a note says so, `*there` becomes false,
 * and the other devices are still listed. */
static enum weft_status describe_opencl(size_t index, struct weft_device_info *info, bool *there)
{
    const enum weft_status status = weft_device_describe(index, info);
    *there = status == WEFT_OK;
    if (status != WEFT_ERROR_DEVICE)
        return told(status);
    say("note", "OpenCL device %zu is left out: %s", index, weft_error());
    return WEFT_OK;
}

/* ---- text ---- */

static void print_opencl(const struct weft_device_info *info)
{
    char memory[BYTE_SIZE_TEXT];
    printf("%5zu  %2zu:%-2zu  %-11s  %5u  %11s  %-4s  %-10s  %s, %s, %s\n", info->index,
           info->platform_index, info->platform_device, info->type, info->compute_units,
           byte_size_format(info->global_bytes, memory), info->fp64 ? "yes" : "no", checked(info),
           info->name, info->platform, info->driver);
}

static void print_cpu(const struct weft_device_info *info)
{
    printf("%5s  %5s  %-11s  %5u  %11s  %-4s  %-10s  %s, %s\n", "cpu", "", info->type,
           info->compute_units, "", "yes", checked(info), info->name, info->platform);
}

static enum weft_status print_text(const struct weft_device_info *cpu, size_t count)
{
    struct weft_device_info info;
    bool there;
    printf("index   P:D   type         units       memory  fp64  checked     name, platform, "
           "driver\n");
    bool unchecked = cpu->checked[0] == '\0';
    for (size_t i = 0; i < count; i++) {
        TRY(describe_opencl(i, &info, &there));
        if (!there)
            continue;
        print_opencl(&info);
        unchecked = unchecked || info.checked[0] == '\0';
    }
    print_cpu(cpu);
    if (count == 0)
        say("note", "%s; --device cpu works without one", weft_device_absence());
    if (unchecked)
        say("note", "not checked: weft check --device INDEX (or cpu)");
    return WEFT_OK;
}

/* ---- JSON ---- */

static json_t *checked_json(const struct weft_device_info *info)
{
    return info->checked[0] != '\0' ? output_text(info->checked) : json_null();
}

static json_t *opencl_json(const struct weft_device_info *info)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:b, s:o}", "index",
                     (json_int_t)info->index, "platform", output_text(info->platform), "name",
                     output_text(info->name), "type", output_text(info->type), "driver",
                     output_text(info->driver), "compute_units", (json_int_t)info->compute_units,
                     "global_bytes", (json_int_t)info->global_bytes, "fp64", (int)info->fp64,
                     "checked", checked_json(info));
}

static json_t *cpu_json(const struct weft_device_info *info)
{
    return json_pack("{s:o, s:o, s:I, s:o}", "name", output_text(info->name), "driver",
                     output_text(info->driver), "compute_units", (json_int_t)info->compute_units,
                     "checked", checked_json(info));
}

static enum weft_status collect(size_t count, json_t *devices)
{
    struct weft_device_info info;
    bool there;
    for (size_t i = 0; i < count; i++) {
        TRY(describe_opencl(i, &info, &there));
        if (there)
            json_array_append_new(devices, opencl_json(&info));
    }
    return WEFT_OK;
}

static enum weft_status print_json(const struct weft_device_info *cpu, size_t count)
{
    json_t *devices = json_array();
    enum weft_status status = collect(count, devices);
    json_t *object = json_pack("{s:o, s:o}", "devices", devices, "cpu", cpu_json(cpu));
    if (status == WEFT_OK)
        return output_json(stdout, object, OUTPUT_DOUBLE);
    json_decref(object);
    return status;
}

/* ---- the command ---- */

/* Describes the CPU backend by opening it, which costs nothing. */
static enum weft_status describe_cpu(struct weft_device_info *info)
{
    struct weft_device *device = NULL;
    TRY(told(weft_device_create("cpu", NULL, NULL, &device)));
    weft_device_get_info(device, info);
    weft_device_destroy(device);
    return WEFT_OK;
}

static enum weft_status list(bool json)
{
    size_t count;
    struct weft_device_info cpu;
    driver_watch_begin(NULL, NULL);
    TRY(told(weft_device_count(&count)));
    TRY(describe_cpu(&cpu));
    return json ? print_json(&cpu, count) : print_text(&cpu, count);
}

static int run(const struct command_line *line)
{
    return (int)list(option_given(line, OPTION_JSON));
}

const struct command devices_command = {.name = "devices",
                                        .bit = COMMAND_DEVICES,
                                        .summary =
                                            "List the devices, with the day of their last check",
                                        .usage = "[OPTIONS]",
                                        .example = "weft devices --json",
                                        .run = run};
