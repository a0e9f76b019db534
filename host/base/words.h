/* A word that must be one of a few: finding it, and telling whoever mistyped it. */
#ifndef WEFT_BASE_WORDS_H
#define WEFT_BASE_WORDS_H

#include "base/status.h"

/* The position of `word` in `words` [count]; `count` where it is not there. */
size_t words_find(const char *word, const char *const *words, size_t count);

/* "sgd, momentum, adam" */
void words_join(const char *const *words, size_t count, char *text, size_t size);

/* Writes and returns `did you mean X? Known: X, Y, Z`, or `known: X, Y, Z` if no word is near. */
enum { WORDS_HINT_SIZE = 1024 };
const char *words_hint(const char *word, const char *const *words, size_t count,
                       char hint[WORDS_HINT_SIZE]);

#endif
