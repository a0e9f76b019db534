/* What goes to stdout: JSON values that are always valid JSON, and the check that it arrived. */
#ifndef WEFT_APP_OUTPUT_H
#define WEFT_APP_OUTPUT_H

#include <jansson.h>
#include <stdio.h>

#include "weft.h"

/* A number, or null where it is infinite or undefined. NULL: no memory, as for all json_t here. */
json_t *output_number(double value);
/* A string; bytes that are not UTF-8 (a file name may hold any) become '?'. */
json_t *output_text(const char *text);

/* Significant digits: as many as a double always keeps (0.1 stays 0.1), and as many as give a float
 * back exactly. */
enum { OUTPUT_DOUBLE = 15, OUTPUT_FLOAT = 9 };

/* Writes `object` as one line to `file` and releases it. WEFT_ERROR_MEMORY, said, where it is NULL;
 * write errors are left in the file, for output_flush to find. */
WEFT_MUST_CHECK enum weft_status output_json(FILE *file, json_t *object, size_t digits);

/* Sends to stdout what waits in its buffer. WEFT_ERROR_IO, said, where it, or anything before,
 * could not be written. */
WEFT_MUST_CHECK enum weft_status output_flush(void);

#endif
