/* Prints the results of weft check. See check_report.h. The JSON keys are stable and promised to
 * users. */
#include "check_report.h"

#include <string.h>

#include <math.h>
#include <stdio.h>

#include "message.h"
#include "output.h"
#include "weft_device.h"

enum weft_status check_report_init(struct check_report *report, bool json)
{
    *report = (struct check_report){.results = json ? json_array() : NULL};
    return json && report->results == NULL ? complain(WEFT_ERROR_MEMORY, "results: no memory")
                                           : WEFT_OK;
}

void check_report_reset(struct check_report *report)
{
    json_decref(report->results);
    report->results = NULL;
}

static void print_line(struct check_report *report, const struct weft_check_result *result)
{
    if (!report->header)
        printf("%-24s  %-34s  %9s  %9s  verdict\n", "operation", "shape", "worst", "bound");
    report->header = true;
    printf("%-24s  %-34s  %9.2g  %9g  %s\n", result->name, result->shape, result->worst, 1.0,
           result->ok ? "ok" : "WRONG");
    if (!result->ok)
        printf("    %s, element %zu: got %.9g, need %.9g within %.3g\n", result->array,
               result->index, result->got, result->want, result->bound);
}

static json_t *result_json(const struct weft_check_result *result)
{
    return json_pack("{s:s, s:s, s:o, s:f, s:s, s:b, s:s, s:I, s:o, s:o, s:o}", "name",
                     result->name, "shape", result->shape, "worst", output_number(result->worst),
                     "bound", 1.0, "unit", "ratio", "ok", (int)result->ok, "array", result->array,
                     "element", (json_int_t)result->index, "got", output_number(result->got),
                     "want", output_number(result->want), "allowed", output_number(result->bound));
}

void check_report_result(void *user, const struct weft_check_result *result)
{
    struct check_report *report = user;
    if (report->results == NULL)
        print_line(report, result);
    else if (json_array_append_new(report->results, result_json(result)) != 0)
        report->lost = true;
}

static void print_worst(const struct weft_gradient *gradient)
{
    printf("\nworst gradients of %zu samples\n"
           "layer  %-16s  %12s  %14s  %14s  %14s  %14s  %8s\n",
           gradient->samples, "parameter", "value", "device", "reference", "device diff.",
           "ref. diff.", "ratio");
    for (size_t i = 0; i < gradient->worst_count; i++) {
        const struct weft_parameter_gradient *worst = &gradient->worst[i];
        char name[48];
        if (strcmp(worst->tensor, "weight") != 0)
            snprintf(name, sizeof name, "%s[%zu]", worst->tensor, worst->output);
        else
            snprintf(name, sizeof name, "weight[%zu][%zu]", worst->output, worst->input);
        printf("%5zu  %-16s  %12.5g  %14.7g  %14.7g  %14.7g  %14.7g  %8.2g\n", worst->layer, name,
               worst->value, worst->device, worst->reference, worst->device_difference,
               worst->reference_difference, worst->ratio);
    }
}

static json_t *worst_json(const struct weft_gradient *gradient)
{
    json_t *list = json_array();
    for (size_t i = 0; i < gradient->worst_count; i++) {
        const struct weft_parameter_gradient *worst = &gradient->worst[i];
        json_array_append_new(
            list,
            json_pack("{s:I, s:s, s:b, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "layer",
                      (json_int_t)worst->layer, "tensor", worst->tensor, "bias", (int)worst->bias,
                      "output", (json_int_t)worst->output, "input", (json_int_t)worst->input,
                      "value", output_number(worst->value), "device", output_number(worst->device),
                      "reference", output_number(worst->reference), "device_difference",
                      output_number(worst->device_difference), "reference_difference",
                      output_number(worst->reference_difference), "ratio",
                      output_number(worst->ratio)));
    }
    return list;
}

static json_t *report_json(struct check_report *report, const struct weft_device_info *device,
                           const struct weft_check *check, const struct weft_gradient *gradient)
{
    json_t *object =
        json_pack("{s:o, s:o, s:b, s:o, s:O}", "device", output_text(device->name), "driver",
                  output_text(device->driver), "ok", (int)(check->failed == 0), "seconds",
                  output_number(check->seconds), "results", report->results);
    if (object != NULL && gradient != NULL)
        json_object_set_new(object, "worst", worst_json(gradient));
    return object;
}

enum weft_status check_report_finish(struct check_report *report,
                                     const struct weft_device_info *device,
                                     const struct weft_check *check,
                                     const struct weft_gradient *gradient)
{
    if (report->lost)
        return complain(WEFT_ERROR_MEMORY, "results: no memory");
    if (report->results != NULL)
        return output_json(stdout, report_json(report, device, check, gradient), OUTPUT_DOUBLE);
    if (gradient != NULL)
        print_worst(gradient);
    printf("\n%zu results, %zu wrong, %.3g s: %s, driver %s: %s\n", check->results, check->failed,
           check->seconds, device->name, device->driver,
           check->failed == 0 ? "computes correct results" : "computes wrong results");
    return WEFT_OK;
}
