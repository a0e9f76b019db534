/* "Did you mean": Levenshtein's distance, without regard to upper and lower case, hyphens and
 * underscores; a word that is part of the other is nearer than all that are not. */
#include "base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

enum {
    MOST_LETTERS = 63, /* longer words are like none */
    FAR = 64           /* what a word that is no part of the other is behind one that is */
};

/* The word in the letters that are compared; how long it is. */
static size_t plain_letters(const char *word, char *plain)
{
    const size_t length = strlen(word);
    for (size_t i = 0; i <= length; i++)
        plain[i] = word[i] == '_' ? '-' : (char)tolower((unsigned char)word[i]);
    return length;
}

/* Fewest insertions, deletions and replacements of a letter that turn `a` into `b`. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[MOST_LETTERS + 1]; /* row[j]: from the first i letters of a to the first j of b */
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = size_min(replaced, 1 + size_min(row[j], row[j - 1]));
        }
    }
    return row[b_length];
}

const char *nearest_word(const char *word, const char *const *words, size_t count)
{
    char wanted[MOST_LETTERS + 1], valid[MOST_LETTERS + 1];
    if (word[0] == '\0' || strlen(word) > MOST_LETTERS)
        return NULL;
    const size_t wanted_length = plain_letters(word, wanted);
    const char *nearest = NULL;
    size_t least = FAR + (wanted_length + 1) / 2 + 1; /* about half of the letters may be wrong */
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) > MOST_LETTERS)
            continue;
        const size_t length = plain_letters(words[i], valid);
        const bool part =
            wanted_length > 1 && (strstr(valid, wanted) != NULL || strstr(wanted, valid) != NULL);
        const size_t distance =
            (part ? 0 : FAR) + edit_distance(wanted, wanted_length, valid, length);
        if (distance < least) {
            least = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
