/* What the parts of schema_learn share. */
#ifndef WEFT_DATA_SCHEMA_LEARN_H
#define WEFT_DATA_SCHEMA_LEARN_H

#include "data/schema.h"

struct learning {
    struct schema *schema; /* all pointers are borrowed */
    const struct weft_table *table;
    const uint32_t *rows; /* [row_count] of the table; NULL: all */
    size_t row_count;
    enum weft_impute impute;
    struct notes notes;
    double *values; /* [row_count] workspace */
};

/* Returns the row of the table for training row `i`. */
static inline size_t learning_row(const struct learning *learning, size_t i)
{
    return learning->rows != NULL ? learning->rows[i] : i;
}

/* Stores the numbers of a column in the training rows in values [row_count]. */
void learning_numbers(const struct learning *learning, const struct column *column, double *values);

/* Learns the categories of a column, or leaves it out. A column whose role is ROLE_CATEGORY already
 * becomes a category even if it holds numbers. */
WEFT_MUST_CHECK enum weft_status learn_category(const struct learning *learning, size_t column);

/* Why a column is left out, besides the reasons of text_tally.h. */
#define REASON_CONSTANT "constant"
#define REASON_EMPTY    "empty in the training set"
#define REASON_RARE     "no text occurs often"

#endif
