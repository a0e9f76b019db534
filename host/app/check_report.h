/* The results of weft check: a table, or one JSON object. */
#ifndef WEFT_APP_CHECK_REPORT_H
#define WEFT_APP_CHECK_REPORT_H

#include <jansson.h>

#include "weft_device.h"

struct check_report {
    json_t *results; /* owned; NULL: text, whose lines are printed as they come */
    bool header;     /* the table's has been printed */
    bool lost;       /* a result could not be kept */
};

/* Begin with `json` or text; end with check_report_reset. */
WEFT_MUST_CHECK enum weft_status check_report_init(struct check_report *report, bool json);
void check_report_reset(struct check_report *report);

/* A weft_check_function, `user` a struct check_report. */
void check_report_result(void *user, const struct weft_check_result *result);

/* The last line, or the object. `gradient` is NULL where none was checked. */
WEFT_MUST_CHECK enum weft_status check_report_finish(struct check_report *report,
                                                     const struct weft_device_info *device,
                                                     const struct weft_check *check,
                                                     const struct weft_gradient *gradient);

#endif
