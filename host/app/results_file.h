/* Reads files that commands of Weft wrote: whole, and as JSON. */
#ifndef WEFT_APP_RESULTS_FILE_H
#define WEFT_APP_RESULTS_FILE_H

#include <jansson.h>
#include <stddef.h>

#include "weft.h"

/* Reads all of a file into `*text` [*size], which the caller frees. Returns WEFT_ERROR_IO, or
 * WEFT_ERROR_DATA above 256 MiB, with a message. */
WEFT_MUST_CHECK enum weft_status results_read(const char *path, char **text, size_t *size);

/* Reads the JSON object of a file. The caller releases it. Returns WEFT_ERROR_DATA, with a message
 * that names the line, for other contents. */
WEFT_MUST_CHECK enum weft_status results_read_json(const char *path, json_t **object);

/* Returns the number under a key, or NaN for null and for anything but a number. */
double results_number(const json_t *object, const char *key);

#endif
