/* Finds out how CSV text is written from its first rows. */
#ifndef WEFT_DATA_CSV_SNIFF_H
#define WEFT_DATA_CSV_SNIFF_H

#include "data/csv_value.h"

/* Returns the delimiter that fits the first rows best. `decimal` is not a candidate. */
char csv_sniff_delimiter(const struct csv_text *text, char decimal);

/* Finds out whether the first of `rows`, which have values that are valid UTF-8, has names rather
 * than values. Unless `counts` is set, the numbers 0, 1, 2, ... are values. */
WEFT_MUST_CHECK enum weft_status csv_sniff_header(const char *bytes, const struct csv_rows *rows,
                                                  const struct csv_words *words, bool counts,
                                                  bool *header);

#endif
