/* Says which data sets of a training run are streamed, what that takes, and what speed it allows.
 */
#ifndef WEFT_APP_STREAMING_REPORT_H
#define WEFT_APP_STREAMING_REPORT_H

#include <jansson.h>

#include "plan_report.h"

/* Whether any set is streamed. */
bool streaming_happens(const struct weft_training_plan *plan);

/* Prints the lines of --dry-run about it. */
void streaming_print(const struct plan_report *report);

/* Prints a note to stderr, and what it takes if `verbose`. */
void streaming_say(const struct plan_report *report, bool verbose);

/* Adds the keys "streamed", "staging_bytes", "epoch_copied_bytes" and "needed_bytes_per_second" to
 * an object, which may be NULL. */
void streaming_json(const struct weft_training_plan *plan, json_t *object);

#endif
