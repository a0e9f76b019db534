/* A word that must be one of a few: finding it, and telling whoever mistyped it. */
#ifndef WEFT_BASE_WORDS_H
#define WEFT_BASE_WORDS_H

#include "base/status.h"

/* The position of `word` in `words` [count]; `count` where it is not there. */
size_t words_find(const char *word, const char *const *words, size_t count);

/* Fails with `code` and `SUBJECT: "WORD" is unknown, did you mean X? Known: X, Y, Z`. */
WEFT_MUST_CHECK enum weft_status words_fail(enum weft_status code, const char *subject,
                                            const char *word, const char *const *words,
                                            size_t count);

#endif
