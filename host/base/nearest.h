/* "Did you mean": finds the valid words that are nearest to a mistyped one. */
#ifndef WEFT_BASE_NEAREST_H
#define WEFT_BASE_NEAREST_H

#include <stddef.h>

/* Finds the words of `words` [count] that `word` may have meant and writes them to `list` [size].
 * Each word follows `prefix`: "--adam or --adamw". The list is "" if no word is near. */
void nearest_words(const char *word, const char *const *words, size_t count, const char *prefix,
                   char *list, size_t size);

#endif
