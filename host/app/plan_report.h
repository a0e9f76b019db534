/* Prints the plan of a training: what --dry-run shows instead of training, and the line that
 * --verbose prints before a training. */
#ifndef WEFT_APP_PLAN_REPORT_H
#define WEFT_APP_PLAN_REPORT_H

#include "weft.h"

struct plan_report {
    const char *why; /* why the device was chosen, or "" */
    const struct weft_device_info *device;
    const struct weft_options *options; /* settled */
    const struct weft_training_plan *plan;
    size_t members; /* models of the ensemble, at least 1 */
    size_t ranks;   /* at least 1; memory and time are for rank 0 */
};

/* Print the report to stdout, as text or as JSON. */
void plan_report_text(const struct plan_report *report);
WEFT_MUST_CHECK enum weft_status plan_report_json(const struct plan_report *report);

/* Prints one line to stderr. */
void plan_report_line(const struct plan_report *report);

#endif
