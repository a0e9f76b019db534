/* Prints an evaluation on stdout, as text for people or as JSON. */
#ifndef WEFT_APP_EVALUATION_REPORT_H
#define WEFT_APP_EVALUATION_REPORT_H

#include "weft.h"

/* Everything that an evaluation reports. */
struct evaluation_report {
    const struct weft_evaluation *evaluation;
    const struct weft_model_info *model;         /* has the names of the classes */
    const struct weft_evaluate_options *options; /* with which it was evaluated */
    const char *by;                              /* the column of --by, or NULL */
    const char *const *group_names;              /* [group_count] its values, or NULL */
    bool plain;                                  /* no shades, even in a terminal */
};

/* Returns the score that answers how good the model is. */
size_t evaluation_main_metric(const struct weft_evaluation *evaluation);

/* Print the report to stdout, as text or as JSON. */
void evaluation_report_text(const struct evaluation_report *report);
WEFT_MUST_CHECK enum weft_status evaluation_report_json(const struct evaluation_report *report);

#endif
