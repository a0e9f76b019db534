/* Finds out what the texts of a column are, from all of its distinct values: dates, free text,
 * numbers with marks, names of the rows, or categories. */
#ifndef WEFT_DATA_TEXT_TALLY_H
#define WEFT_DATA_TEXT_TALLY_H

#include "data/marked_number.h"

/* Up to so many distinct texts are categories, whatever they look like. */
enum { FEW_CATEGORIES = 9 };

struct text_tally {
    size_t rows, distinct;
    size_t dates;   /* rows with a date */
    size_t words;   /* in all rows together */
    size_t numbers; /* rows with a number that has the sign and the unit of the first number */
    struct marked_number marks; /* of these numbers together */
};

/* Counts a distinct value that `rows` rows have. `text` must outlive the tally. */
void text_tally_add(struct text_tally *tally, const char *text, size_t rows);

/* Returns why the texts are no categories, or NULL. */
const char *text_tally_reason(const struct text_tally *tally);

#define REASON_DATES     "dates"
#define REASON_FREE_TEXT "free text"
#define REASON_DISTINCT  "another text in each row"

#endif
