/* Prints a plan as a table, as JSON and as a line. The JSON keys are promised to users: keys may be
 * added, but never changed. */
#include "plan_report.h"

#include <math.h>
#include <stdio.h>

#include "byte_size.h"
#include "message.h"
#include "output.h"
#include "streaming_report.h"

/* ---- numbers ---- */

static const char *format_seconds(double seconds, char text[BYTE_SIZE_TEXT])
{
    const unsigned long long whole = (unsigned long long)fmin(ceil(seconds), 1e12);
    if (seconds < 60.0)
        snprintf(text, BYTE_SIZE_TEXT, "%.2g s", seconds);
    else
        snprintf(text, BYTE_SIZE_TEXT, "%llu:%02llu:%02llu", whole / 3600, whole / 60 % 60,
                 whole % 60);
    return text;
}

/* Prints how long the training will take, as the end of a sentence. */
static void format_time(const struct plan_report *report, char *text, size_t size)
{
    const struct weft_training_plan *plan = report->plan;
    char all[BYTE_SIZE_TEXT], epoch[BYTE_SIZE_TEXT];
    if (isfinite(plan->seconds))
        snprintf(text, size, "about %s, %s per epoch at %.3g GFLOP/s, as measured on this device",
                 format_seconds(plan->seconds, all), format_seconds(plan->epoch_seconds, epoch),
                 plan->gflops);
    else
        snprintf(text, size, "unknown; 'weft bench' with the same options measures it");
}

static const char *backend_name(const struct weft_device_info *device)
{
    return device->opencl ? "opencl" : "cpu";
}

/* ---- text ---- */

static void print_layers(const struct weft_training_plan *plan)
{
    printf("layer      inputs     outputs  activation  dropout  batch norm      parameters\n");
    for (size_t l = 0; l < plan->layer_count; l++) {
        const struct weft_layer_plan *layer = &plan->layers[l];
        char dropout[BYTE_SIZE_TEXT] = "-";
        if (layer->dropout > 0.0)
            snprintf(dropout, sizeof dropout, "%.3g", layer->dropout);
        printf("%5zu  %10zu  %10zu  %-10s  %7s  %-10s  %14zu\n", l + 1, layer->inputs,
               layer->outputs,
               l + 1 < plan->layer_count ? weft_option_word("activation", layer->activation) : "-",
               dropout, layer->batch_norm ? "yes" : "-", layer->parameters);
    }
    printf("%-64s%14zu\n\n", "total", plan->parameters);
}

static void print_memory_row(const char *name, uint64_t host, uint64_t device, bool has_device)
{
    char text[BYTE_SIZE_TEXT];
    printf("%-16s  %12s", name, byte_size_format(host, text));
    if (has_device)
        printf("  %12s", byte_size_format(device, text));
    printf("\n");
}

static void print_memory(const struct plan_report *report)
{
    const struct weft_memory_plan *host = &report->plan->host, *device = &report->plan->device;
    const bool both = report->device->opencl;
    printf("memory                    host%s\n", both ? "        device" : "");
    for (int k = 0; k < WEFT_MEMORY_KINDS; k++)
        print_memory_row(weft_memory_name((enum weft_memory)k), host->bytes[k], device->bytes[k],
                         both);
    print_memory_row("total", host->total, device->total, both);
    print_memory_row("available", host->available, device->available, both);
    if (both)
        print_memory_row("largest", host->largest, device->largest, both);
    printf("\n");
}

void plan_report_text(const struct plan_report *report)
{
    const struct weft_training_plan *plan = report->plan;
    char time[160];
    print_layers(plan);
    print_memory(report);
    printf("%zu training sample%s", plan->samples, plan->samples == 1 ? "" : "s");
    if (plan->validation_samples > 0)
        printf(", %zu for validation", plan->validation_samples);
    if (plan->test_samples > 0)
        printf(", %zu for the test", plan->test_samples);
    printf("; %zu %s of up to %zu, %zu epoch%s", plan->batches,
           plan->batches == 1 ? "batch" : "batches", plan->largest, plan->epochs,
           plan->epochs == 1 ? "" : "s");
    if (report->members > 1)
        printf(", %zu members", report->members);
    format_time(report, time, sizeof time);
    printf("\n%.4g GFLOP per epoch in matrix products, preset %s, on the %s backend: %s\n",
           plan->epoch_gflop, report->options->preset, backend_name(report->device),
           report->device->name);
    if (report->ranks > 1)
        printf("%zu ranks, %zu slices of each batch; memory and device of rank 0\n", report->ranks,
               report->options->slices);
    streaming_print(report);
    printf("expected time: %s\n", time);
    printf("nothing was trained or written: --dry-run\n");
}

void plan_report_line(const struct plan_report *report)
{
    const struct weft_training_plan *plan = report->plan;
    char host[BYTE_SIZE_TEXT], device[BYTE_SIZE_TEXT + 16] = "", bytes[BYTE_SIZE_TEXT], time[160];
    if (report->device->opencl)
        snprintf(device, sizeof device, ", device %s", byte_size_format(plan->device.total, bytes));
    format_time(report, time, sizeof time);
    say("plan", "%zu parameters; host %s%s; %.4g GFLOP per epoch; time %s", plan->parameters,
        byte_size_format(plan->host.total, host), device, plan->epoch_gflop, time);
}

/* ---- JSON ---- */

static json_t *layers_json(const struct weft_training_plan *plan)
{
    json_t *layers = json_array();
    for (size_t l = 0; layers != NULL && l < plan->layer_count; l++) {
        const struct weft_layer_plan *layer = &plan->layers[l];
        json_array_append_new(
            layers,
            json_pack("{s:I, s:I, s:s, s:o, s:b, s:b, s:I}", "inputs", (json_int_t)layer->inputs,
                      "outputs", (json_int_t)layer->outputs, "activation",
                      weft_option_word("activation", layer->activation), "dropout",
                      output_number(layer->dropout), "bias", (int)layer->bias, "batch_norm",
                      (int)layer->batch_norm, "parameters", (json_int_t)layer->parameters));
    }
    return layers;
}

/* Returns null for 0, which stands for a limit that is unknown. */
static json_t *limit_json(uint64_t bytes)
{
    return bytes > 0 ? json_integer((json_int_t)bytes) : json_null();
}

/* Numbers of bytes beyond 2^63 become 2^63 - 1. */
static json_int_t json_bytes(uint64_t bytes)
{
    return bytes > INT64_MAX ? INT64_MAX : (json_int_t)bytes;
}

static json_t *memory_json(const struct weft_memory_plan *memory)
{
    static const char *const keys[WEFT_MEMORY_KINDS] = {
        "samples", "parameters", "optimizer_state", "gradient", "activations", "workspace"};
    json_t *object = json_object();
    for (int k = 0; object != NULL && k < WEFT_MEMORY_KINDS; k++)
        json_object_set_new(object, keys[k], json_integer(json_bytes(memory->bytes[k])));
    if (object == NULL)
        return NULL;
    json_object_set_new(object, "total", json_integer(json_bytes(memory->total)));
    json_object_set_new(object, "available", limit_json(memory->available));
    json_object_set_new(object, "largest", json_integer(json_bytes(memory->largest)));
    json_object_set_new(object, "largest_possible", limit_json(memory->largest_possible));
    return object;
}

enum weft_status plan_report_json(const struct plan_report *report)
{
    const struct weft_training_plan *plan = report->plan;
    const struct weft_options *options = report->options;
    json_t *samples =
        json_pack("{s:I, s:I, s:I}", "train", (json_int_t)plan->samples, "validation",
                  (json_int_t)plan->validation_samples, "test", (json_int_t)plan->test_samples);
    json_t *object = json_pack(
        "{s:s, s:b, s:s, s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:o, s:o, s:o, s:o, "
        "s:o, s:o, s:b, s:o}",
        "command", "train", "dry_run", 1, "backend", backend_name(report->device), "device",
        output_text(report->device->name), "preset", options->preset, "seed",
        (json_int_t)options->seed, "epochs", (json_int_t)plan->epochs, "batches",
        (json_int_t)plan->batches, "batch_size", (json_int_t)plan->largest, "members",
        (json_int_t)report->members, "samples", samples, "layers", layers_json(plan), "parameters",
        (json_int_t)plan->parameters, "epoch_gflop", output_number(plan->epoch_gflop), "host_bytes",
        memory_json(&plan->host), "device_bytes",
        report->device->opencl ? memory_json(&plan->device) : json_null(), "gflops",
        output_number(plan->gflops), "expected_epoch_seconds", output_number(plan->epoch_seconds),
        "expected_seconds", output_number(plan->seconds), "fits", plan->fits == WEFT_OK, "refusal",
        plan->fits == WEFT_OK ? json_null() : output_text(plan->refusal));
    if (object != NULL && report->why[0] != '\0')
        json_object_set_new(object, "device_reason", output_text(report->why));
    streaming_json(plan, object);
    if (object != NULL && report->ranks > 1) {
        json_object_set_new(object, "ranks", json_integer((json_int_t)report->ranks));
        json_object_set_new(object, "slices", json_integer((json_int_t)options->slices));
    }
    return output_json(stdout, object, OUTPUT_DOUBLE);
}
