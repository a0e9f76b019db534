/* "Did you mean": the nearest of the words that would have been valid. */
#ifndef WEFT_BASE_NEAREST_H
#define WEFT_BASE_NEAREST_H

#include <stddef.h>

/* Writes the words of `words` [count] that `word` may have meant into `list` [size], each after
 * `prefix`: "--adam or --adamw". The list is "" if no word is near. */
void nearest_words(const char *word, const char *const *words, size_t count, const char *prefix,
                   char *list, size_t size);

#endif
