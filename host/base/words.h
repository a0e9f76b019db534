/* Looks up a word in a list of valid words and builds hints for a mistyped one. */
#ifndef WEFT_BASE_WORDS_H
#define WEFT_BASE_WORDS_H

#include "base/status.h"

/* Returns the position of `word` in `words` [count], or `count` if it is not in the list. */
size_t words_find(const char *word, const char *const *words, size_t count);

/* Joins the words with commas: "sgd, momentum, adam". */
void words_join(const char *const *words, size_t count, char *text, size_t size);

/* Joins the words as alternatives: "sgd, momentum or adam". */
void words_join_or(const char *const *words, size_t count, char *text, size_t size);

/* Writes and returns `did you mean X? Known: X, Y, Z`, or `known: X, Y, Z` if no word is near. */
enum { WORDS_HINT_SIZE = 1024 };
const char *words_hint(const char *word, const char *const *words, size_t count,
                       char hint[WORDS_HINT_SIZE]);

#endif
