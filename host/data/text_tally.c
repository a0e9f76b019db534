/* Decides what texts are; see text_tally.h. */
#include "data/text_tally.h"

#include <string.h>

#include "data/text_kind.h"

enum {
    SENTENCE_WORDS = 3, /* mean number of words in free text */
    MOST_PERCENT = 95   /* of the rows have a date, or a number with marks */
};

static bool same_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && memcmp(a, b, a_length) == 0;
}

/* Counts a number if its sign and unit are those of the numbers before. "3A" and "3B" are codes. */
static void add_number(struct text_tally *tally, const struct marked_number *number, size_t rows)
{
    struct marked_number *marks = &tally->marks;
    if (tally->numbers == 0)
        *marks = *number;
    if (!same_bytes(marks->sign, marks->sign_length, number->sign, number->sign_length) ||
        !same_bytes(marks->unit, marks->unit_length, number->unit, number->unit_length))
        return;
    marks->comma |= number->comma;
    marks->grouped |= number->grouped;
    marks->either |= number->either;
    tally->numbers += rows;
}

void text_tally_add(struct text_tally *tally, const char *text, size_t rows)
{
    struct marked_number number;
    tally->rows += rows;
    tally->distinct++;
    tally->dates += text_is_date(text) ? rows : 0;
    tally->words += text_count_words(text) * rows;
    if (marked_number_take(text, &number))
        add_number(tally, &number, rows);
}

static bool are_most(size_t rows, const struct text_tally *tally)
{
    return rows * 100 >= tally->rows * MOST_PERCENT;
}

const char *text_tally_reason(const struct text_tally *tally)
{
    if (are_most(tally->dates, tally))
        return REASON_DATES;
    if (tally->distinct <= FEW_CATEGORIES)
        return NULL;
    if (are_most(tally->numbers, tally) && marked_number_advice(&tally->marks) != NULL)
        return marked_number_advice(&tally->marks);
    if (tally->distinct * 2 > tally->rows && tally->words >= tally->rows * SENTENCE_WORDS)
        return REASON_FREE_TEXT;
    return tally->distinct == tally->rows ? REASON_DISTINCT : NULL;
}
