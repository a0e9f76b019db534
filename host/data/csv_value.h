/* Tells what a value of CSV text is: a number, missing, or a text. */
#ifndef WEFT_DATA_CSV_VALUE_H
#define WEFT_DATA_CSV_VALUE_H

#include "data/csv_scan.h"
#include "data/dictionary.h"

/* The words for missing values, and the decimal point. */
struct csv_words {
    char decimal;
    struct dictionary missing;
    double *missing_numbers; /* [missing_number_count] owned: words such as -999, as numbers */
    size_t missing_number_count;
};

/* Takes the words from a list separated by commas; NULL means the default words. The caller resets
 * `words` in any case. */
WEFT_MUST_CHECK enum weft_status csv_words_init(struct csv_words *words, const char *list,
                                                char decimal);
void csv_words_reset(struct csv_words *words);

enum csv_class { CSV_NUMBER, CSV_MISSING, CSV_TEXT };

/* Classifies a value, ignoring blanks around it, and stores its number, which may be infinite. */
enum csv_class csv_classify(const struct csv_words *words, struct csv_value value, double *number);

#endif
