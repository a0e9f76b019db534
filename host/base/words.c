/* Looks up a word in a list of valid words and builds hints for unknown words. */
#include "base/words.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

size_t words_find(const char *word, const char *const *words, size_t count)
{
    size_t position = 0;
    while (position < count && strcmp(words[position], word) != 0)
        ++position;
    return position;
}

static void join(const char *const *words, size_t count, const char *last, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 i == 0           ? ""
                                 : i + 1 == count ? last
                                                  : ", ",
                                 words[i]);
}

void words_join(const char *const *words, size_t count, char *text, size_t size)
{
    join(words, count, ", ", text, size);
}

void words_join_or(const char *const *words, size_t count, char *text, size_t size)
{
    join(words, count, " or ", text, size);
}

const char *words_hint(const char *word, const char *const *words, size_t count,
                       char hint[WORDS_HINT_SIZE])
{
    char known[WORDS_HINT_SIZE], near[WORDS_HINT_SIZE];
    words_join(words, count, known, sizeof known);
    nearest_words(word, words, count, "", near, sizeof near);
    if (near[0] == '\0')
        snprintf(hint, WORDS_HINT_SIZE, "known: %.*s", WORDS_HINT_SIZE - 16, known);
    else
        snprintf(hint, WORDS_HINT_SIZE, "did you mean %.200s? Known: %.*s", near,
                 WORDS_HINT_SIZE - 256, known);
    return hint;
}
