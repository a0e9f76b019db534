/* Finds out how CSV text is written from its first rows. */
#ifndef WEFT_DATA_CSV_SNIFF_H
#define WEFT_DATA_CSV_SNIFF_H

#include "data/csv_value.h"

/* Tells whether a table may have this delimiter. */
bool csv_may_delimit(char delimiter);

/* Returns the length of a first line "sep=;", which Excel reads and writes to name the delimiter,
 * and stores the delimiter; 0: bytes [size] begin with something else. The line may have quotes and
 * capitals, and it may be the last one: bytes that end behind it are all bytes of the file. */
size_t csv_sniff_separator(const char *bytes, size_t size, char *delimiter);

/* Returns the delimiter that fits the first rows best. `decimal` is a candidate only if nothing
 * else divides the rows and values are quoted. */
char csv_sniff_delimiter(const struct csv_text *text, char decimal);

/* What the first row of a table is. */
struct csv_first_row {
    bool names;  /* it has names rather than values */
    bool counts; /* it counts 0, 1, 2, ..., as pandas names columns without names */
    bool clear;  /* it counts, and can hardly be a sample like those below */
};

/* Finds out whether the first of `rows`, which have values that are valid UTF-8, has names rather
 * than values. If `doubt` is set, the numbers 0, 1, 2, ... are names only if that is clear. */
WEFT_MUST_CHECK enum weft_status csv_sniff_header(const char *bytes, const struct csv_rows *rows,
                                                  const struct csv_words *words, bool doubt,
                                                  struct csv_first_row *first);

/* Tells whether the first column has an empty name, and counts the rows below it 0, 1, 2, ..., as
 * the index of pandas does. */
bool csv_sniff_counted_index(const char *bytes, const struct csv_rows *rows);

#endif
