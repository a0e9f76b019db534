/* Prints the result of a training run on stdout, as text for people or as JSON. */
#ifndef WEFT_APP_REPORT_H
#define WEFT_APP_REPORT_H

#include "weft_ranks.h"

/* The slices of each batch that equal devices compute: first .. last. */
struct device_share {
    size_t first_rank, last_rank, first, last;
    char device[128];
};

/* Everything that a training run reports. */
struct training_report {
    const char *why; /* why the device was chosen, or "" */
    const struct weft_device_info *device;
    const struct weft_options *options;
    const struct weft_training *training;
    size_t members;    /* members of an ensemble; 0: no ensemble */
    const char *model; /* the file of the saved model, or NULL if it was not saved */
    double seconds;    /* wall time of the whole command */
    const struct weft_training_plan *plan; /* which sets were streamed */
    const struct device_share *shares;     /* [share_count]; more than one if devices differ */
    size_t share_count;
    const struct weft_ranks *ranks; /* NULL: a single process */
};

/* Print the report to stdout, as text or as JSON. */
void report_training_text(const struct training_report *report);
WEFT_MUST_CHECK enum weft_status report_training_json(const struct training_report *report);

#endif
