/* Summarizes the epochs of one or more training runs: a mean of each value with its extremes. The
 * epochs come from logs or from a model, whose members are training runs of their own. */
#ifndef WEFT_APP_EPOCH_SUMMARY_H
#define WEFT_APP_EPOCH_SUMMARY_H

#include "epoch_log_read.h"

/* A value over the epochs, of all training runs together. */
struct value_summary {
    double *mean, *low, *high; /* [epoch_count] owned; NaN where no training has a value */
    size_t values;             /* epochs that have one */
    double least, greatest;    /* of `mean`; NaN without values */
    size_t least_at, greatest_at;
};

/* All zero is empty. */
struct epoch_summary {
    double *epochs; /* [epoch_count] owned, ascending */
    size_t epoch_count;
    struct value_summary values[LOG_VALUES];
};

/* Adds a row for each epoch that the model keeps of each member. Prints a message on failure. */
WEFT_MUST_CHECK enum weft_status epoch_rows_add_model(const struct weft_model *model,
                                                      struct log_rows *rows);

/* Fills an empty summary from rows, which are sorted by epoch. Prints a message on failure; the
 * caller resets the summary in either case. */
WEFT_MUST_CHECK enum weft_status epoch_summary_make(struct log_rows *rows,
                                                    struct epoch_summary *summary);

/* Returns the value that tells how good the model is: a score on the validation set or, without
 * one, the accuracy of training. It may have no values. */
enum log_value epoch_summary_score(const struct epoch_summary *summary);

void epoch_summary_reset(struct epoch_summary *summary);

#endif
