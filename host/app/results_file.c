/* Reads files of results. See results_file.h. */
#include "results_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "message.h"

enum { LIMIT = 1 << 28 };

/* Reads to the end of `file`. */
static enum weft_status read_all(const char *path, FILE *file, char **text, size_t *size)
{
    size_t capacity = 0, got;
    do {
        char *grown = NULL;
        if (*size == capacity) {
            capacity = capacity > 0 ? 2 * capacity : 1 << 16;
            if (capacity > LIMIT)
                return complain(WEFT_ERROR_DATA, "%s: the file is larger than %d bytes", path,
                                LIMIT / 2);
            grown = realloc(*text, capacity);
            if (grown == NULL)
                return complain(WEFT_ERROR_MEMORY, "%s: no memory", path);
            *text = grown;
        }
        errno = 0;
        got = fread(*text + *size, 1, capacity - *size, file);
        *size += got;
    } while (got > 0);
    if (ferror(file) != 0)
        return complain_errno(path, "cannot be read");
    return WEFT_OK;
}

enum weft_status results_read(const char *path, char **text, size_t *size)
{
    *text = NULL;
    *size = 0;
    errno = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return complain_errno(path, "cannot be read");
    const enum weft_status status = read_all(path, file, text, size);
    fclose(file);
    if (status != WEFT_OK) {
        free(*text);
        *text = NULL;
    }
    return status;
}

enum weft_status results_read_json(const char *path, json_t **object)
{
    char *text;
    size_t size;
    json_error_t error;
    TRY(results_read(path, &text, &size));
    *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    free(text);
    if (*object == NULL)
        return complain(WEFT_ERROR_DATA, "%s:%d: not JSON: %s", path,
                        error.line > 0 ? error.line : 1, error.text);
    if (json_is_object(*object))
        return WEFT_OK;
    json_decref(*object);
    *object = NULL;
    return complain(WEFT_ERROR_DATA,
                    "%s:1: not a JSON object; need the output of a command with --json", path);
}

double results_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}
