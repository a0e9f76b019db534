/* "Did you mean": the names that are nearest to a mistyped word. */
#ifndef WEFT_APP_SUGGESTION_H
#define WEFT_APP_SUGGESTION_H

#include <stddef.h>

/* Writes the names at the smallest distance from `word` into `list` [size], each after `prefix`,
 * as "--epochs or --test"; "" where none is near enough to be meant. */
void suggest_names(const char *word, const char *const *names, size_t count, const char *prefix,
                   char *list, size_t size);

#endif
