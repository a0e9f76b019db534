/* Reads the log of epochs that `weft train --log` writes: a JSON object in each line. */
#ifndef WEFT_APP_EPOCH_LOG_READ_H
#define WEFT_APP_EPOCH_LOG_READ_H

#include <stddef.h>

#include "weft.h"

enum log_value {
    LOG_ERROR,
    LOG_TRAIN_ACCURACY,
    LOG_VALIDATION_ACCURACY,
    LOG_VALIDATION_R2,
    LOG_LEARNING_RATE,
    LOG_SECONDS,
    LOG_VALUES
};

/* One line. */
struct log_row {
    long long epoch;
    long long member;          /* of an ensemble, from 1; 0 for a single model */
    double values[LOG_VALUES]; /* NaN where the log has null or nothing */
};

/* The rows of one log or several. Zero is an empty table. */
struct log_rows {
    struct log_row *rows; /* [count] owned */
    size_t count, capacity;
};

/* Adds the rows of a log. `name` is for messages.
 *
 * text   [size] the content of the file
 *
 * Returns WEFT_ERROR_DATA, with a message that names the line, if a line is no epoch, if the last
 * line is cut off, if an epoch occurs twice, or if there is no epoch. */
WEFT_MUST_CHECK enum weft_status epoch_log_parse(const char *name, const char *text, size_t size,
                                                 struct log_rows *rows);

/* Adds one row. */
WEFT_MUST_CHECK enum weft_status log_rows_add(struct log_rows *rows, const struct log_row *row);
void log_rows_reset(struct log_rows *rows);

#endif
