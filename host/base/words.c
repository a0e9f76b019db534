/* A word that must be one of a few. The list of all of them is part of every refusal. */
#include "base/words.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

enum { LONGEST_LIST = 512 };

size_t words_find(const char *word, const char *const *words, size_t count)
{
    size_t position = 0;
    while (position < count && strcmp(words[position], word) != 0)
        ++position;
    return position;
}

static void join(const char *const *words, size_t count, char text[LONGEST_LIST])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && used < LONGEST_LIST; i++)
        used += (size_t)snprintf(text + used, LONGEST_LIST - used, "%s%s", i == 0 ? "" : ", ",
                                 words[i]);
}

enum weft_status words_fail(enum weft_status code, const char *subject, const char *word,
                            const char *const *words, size_t count)
{
    char known[LONGEST_LIST];
    join(words, count, known);
    const char *nearest = nearest_word(word, words, count);
    if (nearest == NULL)
        return fail(code, "%s: \"%.64s\" is unknown. Known: %s", subject, word, known);
    return fail(code, "%s: \"%.64s\" is unknown, did you mean %s? Known: %s", subject, word,
                nearest, known);
}
