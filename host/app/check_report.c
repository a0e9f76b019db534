/* The results of weft check. See check_report.h; the keys of the JSON are promised to users. */
#include "check_report.h"

#include <math.h>
#include <stdio.h>

#include "message.h"
#include "output.h"

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

enum weft_status check_report_finish(struct check_report *report,
                                     const struct weft_device_info *device,
                                     const struct weft_check *check)
{
    const bool ok = check->failed == 0;
    if (report->lost)
        return complain(WEFT_ERROR_MEMORY, "results: no memory");
    if (report->results != NULL)
        return output_json(stdout,
                           json_pack("{s:o, s:o, s:b, s:o, s:O}", "device",
                                     output_text(device->name), "driver",
                                     output_text(device->driver), "ok", (int)ok, "seconds",
                                     output_number(check->seconds), "results", report->results),
                           OUTPUT_DOUBLE);
    printf("\n%zu results, %zu wrong, %.3g s: %s, driver %s: %s\n", check->results, check->failed,
           check->seconds, device->name, device->driver,
           ok ? "computes what the reference computes" : "computes wrong results");
    return WEFT_OK;
}
