/* Reads the log of epochs. See epoch_log_read.h. */
#include "epoch_log_read.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

enum { EPOCHS_LIMIT = 10000000, MEMBERS_LIMIT = 10000 };

static const char *const keys[LOG_VALUES] = {[LOG_ERROR] = "error",
                                             [LOG_TRAIN_ACCURACY] = "train_accuracy",
                                             [LOG_VALIDATION_ACCURACY] = "validation_accuracy",
                                             [LOG_VALIDATION_R2] = "validation_r2",
                                             [LOG_LEARNING_RATE] = "learning_rate",
                                             [LOG_SECONDS] = "seconds"};

/* Where a message points to. */
struct place {
    const char *name;
    size_t line;                         /* from 1 */
    bool last;                           /* the line has no end: the file ends in it */
    long long epochs[MEMBERS_LIMIT + 1]; /* the last epoch of each member; 0: none */
};

static enum weft_status read_whole(const struct place *place, const json_t *object, const char *key,
                                   long long least, long long most, long long *number)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return complain(WEFT_ERROR_DATA, "%s:%zu: \"%s\": missing or not a whole number",
                        place->name, place->line, key);
    *number = json_integer_value(value);
    if (*number < least || *number > most)
        return complain(WEFT_ERROR_DATA, "%s:%zu: \"%s\": got %lld, need %lld to %lld", place->name,
                        place->line, key, *number, least, most);
    return WEFT_OK;
}

static enum weft_status read_values(const struct place *place, const json_t *object,
                                    struct log_row *row)
{
    for (size_t v = 0; v < LOG_VALUES; v++) {
        const json_t *value = json_object_get(object, keys[v]);
        row->values[v] = (double)NAN;
        if (json_is_number(value))
            row->values[v] = json_number_value(value);
        else if (value != NULL && !json_is_null(value))
            return complain(WEFT_ERROR_DATA, "%s:%zu: \"%s\": neither a number nor null",
                            place->name, place->line, keys[v]);
    }
    return WEFT_OK;
}

static enum weft_status read_object(const struct place *place, const json_t *object,
                                    struct log_row *row)
{
    *row = (struct log_row){0};
    if (!json_is_object(object))
        return complain(WEFT_ERROR_DATA,
                        "%s:%zu: not a JSON object; need a log of 'weft train --log'", place->name,
                        place->line);
    TRY(read_whole(place, object, "epoch", 1, EPOCHS_LIMIT, &row->epoch));
    if (json_object_get(object, "member") != NULL)
        TRY(read_whole(place, object, "member", 1, MEMBERS_LIMIT, &row->member));
    return read_values(place, object, row);
}

static enum weft_status read_line(const struct place *place, const char *line, size_t size,
                                  struct log_row *row)
{
    json_error_t error;
    json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL && place->last)
        return complain(WEFT_ERROR_DATA,
                        "%s:%zu: the line is cut off; remove it to plot the earlier epochs",
                        place->name, place->line);
    if (object == NULL)
        return complain(WEFT_ERROR_DATA, "%s:%zu: not JSON: %s", place->name, place->line,
                        error.text);
    const enum weft_status status = read_object(place, object, row);
    json_decref(object);
    return status;
}

enum weft_status log_rows_add(struct log_rows *rows, const struct log_row *row)
{
    if (rows->count == rows->capacity) {
        const size_t capacity = rows->capacity > 0 ? 2 * rows->capacity : 64;
        struct log_row *grown = realloc(rows->rows, capacity * sizeof *grown);
        if (grown == NULL)
            return complain(WEFT_ERROR_MEMORY, "curves of %zu epochs: no memory", capacity);
        rows->rows = grown;
        rows->capacity = capacity;
    }
    rows->rows[rows->count++] = *row;
    return WEFT_OK;
}

/* Adds a row. The epochs of each member ascend. */
static enum weft_status add_row(struct place *place, struct log_rows *rows,
                                const struct log_row *row)
{
    long long *before = &place->epochs[row->member];
    if (row->epoch <= *before)
        return complain(WEFT_ERROR_DATA, "%s:%zu: epoch %lld follows epoch %lld", place->name,
                        place->line, row->epoch, *before);
    *before = row->epoch;
    return log_rows_add(rows, row);
}

enum weft_status epoch_log_parse(const char *name, const char *text, size_t size,
                                 struct log_rows *rows)
{
    const size_t first = rows->count;
    struct place place = {.name = name};
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t length = end != NULL ? (size_t)(end - text) - at : size - at;
        struct log_row row;
        place.line++;
        place.last = end == NULL;
        TRY(read_line(&place, text + at, length, &row));
        TRY(add_row(&place, rows, &row));
        at += length + 1;
    }
    if (rows->count == first)
        return complain(WEFT_ERROR_DATA, "%s: the log contains no epoch", name);
    return WEFT_OK;
}

void log_rows_reset(struct log_rows *rows)
{
    free(rows->rows);
    *rows = (struct log_rows){0};
}
