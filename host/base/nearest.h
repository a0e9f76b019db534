/* "Did you mean": the nearest of the words that would have been valid. */
#ifndef WEFT_BASE_NEAREST_H
#define WEFT_BASE_NEAREST_H

#include <stddef.h>

/* The word of `words` [count] that is most like `word`, upper and lower case alike, hyphens and
 * underscores too; NULL where none is like it. */
const char *nearest_word(const char *word, const char *const *words, size_t count);

#endif
