/* A set of distinct texts, each with an index in order of appearance. */
#ifndef WEFT_DATA_DICTIONARY_H
#define WEFT_DATA_DICTIONARY_H

#include "base/status.h"

struct dictionary_page;

/* A dictionary of zeros is empty. */
struct dictionary {
    char **words; /* [count] owned; NUL-terminated, in order of appearance */
    size_t count;
    size_t capacity;              /* words that `words` has room for */
    uint32_t *slots;              /* [slot_count] owned: a hash table of indices plus 1 */
    size_t slot_count;            /* 0 or a power of two */
    struct dictionary_page *page; /* owned: memory of the words */
};

/* Returns the index of text [length], or UINT32_MAX if it is not in the dictionary. */
uint32_t dictionary_find(const struct dictionary *dictionary, const char *text, size_t length);

/* Finds text [length], or adds a copy of it. The text must contain no NUL. Returns WEFT_ERROR_DATA
 * for more than UINT32_MAX - 1 texts. */
WEFT_MUST_CHECK enum weft_status dictionary_add(struct dictionary *dictionary, const char *text,
                                                size_t length, uint32_t *index);

/* Forgets all words and keeps some of the memory. */
void dictionary_clear(struct dictionary *dictionary);

/* Releases all memory. The dictionary is then empty. */
void dictionary_reset(struct dictionary *dictionary);

#endif
