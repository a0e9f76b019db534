/* weft devices: the OpenCL devices of this machine, with the numbers that --device takes. */
#include "message.h"
#include "options.h"
#include "output.h"

static void print_device(const struct weft_device_info *info)
{
    printf("%5zu  %2zu:%-2zu  %-11s  %5u  %7.1f GiB  %-4s  %s, %s, %s\n", info->index,
           info->platform_index, info->platform_device, info->type, info->compute_units,
           (double)info->global_bytes / (1024.0 * 1024.0 * 1024.0), info->fp64 ? "yes" : "no",
           info->name, info->platform, info->driver);
}

static json_t *device_json(const struct weft_device_info *info)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:b}", "index", (json_int_t)info->index,
                     "platform", output_text(info->platform), "name", output_text(info->name),
                     "type", output_text(info->type), "driver", output_text(info->driver),
                     "compute_units", (json_int_t)info->compute_units, "global_bytes",
                     (json_int_t)info->global_bytes, "fp64", (int)info->fp64);
}

static enum weft_status print_text(size_t count)
{
    struct weft_device_info info;
    printf("index   P:D   type         units       memory  fp64  name, platform, driver\n");
    for (size_t i = 0; i < count; i++) {
        TRY(told(weft_device_describe(i, &info)));
        print_device(&info);
    }
    if (count == 0)
        say("note", "no OpenCL device on this machine; --device cpu works without one");
    return WEFT_OK;
}

static enum weft_status collect(size_t count, json_t *devices)
{
    struct weft_device_info info;
    for (size_t i = 0; i < count; i++) {
        TRY(told(weft_device_describe(i, &info)));
        json_array_append_new(devices, device_json(&info));
    }
    return WEFT_OK;
}

static enum weft_status print_json(size_t count)
{
    json_t *devices = json_array();
    enum weft_status status = collect(count, devices);
    json_t *object = json_pack("{s:o}", "devices", devices);
    if (status == WEFT_OK)
        return output_json(stdout, object, OUTPUT_DOUBLE);
    json_decref(object);
    return status;
}

static enum weft_status list(bool json)
{
    size_t count;
    TRY(told(weft_device_count(&count)));
    return json ? print_json(count) : print_text(count);
}

static int run(const struct command_line *line)
{
    return (int)list(option_given(line, OPTION_JSON));
}

static struct poptOption options[] = {OPTION_GROUP(common_group, "Options:"), POPT_TABLEEND};

const struct command devices_command = {.name = "devices",
                                        .summary = "Lists the OpenCL devices",
                                        .example = "weft devices --json",
                                        .options = options,
                                        .run = run};
