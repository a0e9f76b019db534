/* Recognizes texts that are not categories: dates, times and sentences. */
#ifndef WEFT_DATA_TEXT_KIND_H
#define WEFT_DATA_TEXT_KIND_H

#include <stdbool.h>
#include <stddef.h>

/* Tells whether the text is a date, a time of day, or both: 2024-05-31, 2024/5/31, 31.05.2024,
 * 5/31/24, 20:15, 20:15:00.25, 2024-05-31T20:15:00Z, 31-May-2024 8:15 PM, May 31, 2024. */
bool text_is_date(const char *text);

/* Counts the words of a text, which blanks separate. */
size_t text_count_words(const char *text);

#endif
