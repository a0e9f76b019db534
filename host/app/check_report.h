/* Reports the results of weft check as a table or as one JSON object. */
#ifndef WEFT_APP_CHECK_REPORT_H
#define WEFT_APP_CHECK_REPORT_H

#include <jansson.h>

#include "weft_device.h"

struct check_report {
    json_t *results; /* owned; NULL: text mode, which prints each result at once */
    bool header;     /* the table header has been printed */
    bool lost;       /* a result could not be stored */
};

/* Initializes a report in JSON or text. Call check_report_reset at the end. */
WEFT_MUST_CHECK enum weft_status check_report_init(struct check_report *report, bool json);
void check_report_reset(struct check_report *report);

/* Reports one result. It is a weft_check_function; `user` is a struct check_report. */
void check_report_result(void *user, const struct weft_check_result *result);

/* Prints the last line or the JSON object. `gradient` is NULL if no gradient was checked. */
WEFT_MUST_CHECK enum weft_status check_report_finish(struct check_report *report,
                                                     const struct weft_device_info *device,
                                                     const struct weft_check *check,
                                                     const struct weft_gradient *gradient);

#endif
