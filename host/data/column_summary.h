/* Summarizes a column of a table: what is missing, how many values differ, the range and the most
 * frequent values. */
#ifndef WEFT_DATA_COLUMN_SUMMARY_H
#define WEFT_DATA_COLUMN_SUMMARY_H

#include "data/table.h"

enum { COLUMN_SUMMARY_VALUES = 5 };

struct column_summary {
    size_t missing, distinct;
    double min, max, mean, std; /* of numbers, std over N; NaN for text and without values */
    size_t common_count;
    char *common[COLUMN_SUMMARY_VALUES];  /* [common_count] owned: the most frequent values; values
                                             of equal counts are in their own order */
    size_t counts[COLUMN_SUMMARY_VALUES]; /* [common_count] how often they occur */
};

/* Summarizes the first `rows` values of a column. The caller calls column_summary_reset in either
 * case. */
WEFT_MUST_CHECK enum weft_status column_summary_make(const struct column *column, size_t rows,
                                                     struct column_summary *summary);
void column_summary_reset(struct column_summary *summary);

#endif
