/* Writes to stdout: values that are always valid JSON, and a check that the output arrived. Also
 * checks the names of output files. */
#ifndef WEFT_APP_OUTPUT_H
#define WEFT_APP_OUTPUT_H

#include <jansson.h>
#include <stdio.h>

#include "weft.h"

/* Returns a number, or null if the value is infinite or undefined. Like all functions here that
 * return json_t *, it returns NULL if memory runs out. */
json_t *output_number(double value);
/* Returns a string. Bytes that are not UTF-8, which file names may contain, become '?'. */
json_t *output_text(const char *text);

/* Significant digits. A double keeps any decimal number of OUTPUT_DOUBLE digits, so 0.1 stays 0.1.
 * OUTPUT_FLOAT digits identify a float exactly. */
enum { OUTPUT_DOUBLE = 15, OUTPUT_FLOAT = 9 };

/* Writes `object` as one line to `file` and releases it. If `object` is NULL, prints a message and
 * returns WEFT_ERROR_MEMORY. Write errors stay in the file until output_flush reports them. */
WEFT_MUST_CHECK enum weft_status output_json(FILE *file, json_t *object, size_t digits);

/* Refuses the name of a file that ends like another kind of file than `ending`, such as map.svg for
 * a table. `what` begins the explanation: "a map is a table". */
WEFT_MUST_CHECK enum weft_status output_check_ending(const char *path, const char *what,
                                                     const char *ending);

/* Flushes stdout. Prints a message and returns WEFT_ERROR_IO if this write or an earlier one
 * failed. */
WEFT_MUST_CHECK enum weft_status output_flush(void);

#endif
