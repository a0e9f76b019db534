/* Finds the words for "did you mean" messages by their optimal string alignment distance. The
 * comparison ignores case and treats underscores as hyphens. A word of three or more characters
 * that is part of a name is at most one step away from it. */
#include "base/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_LETTERS = 31, FAR = 1000 }; /* A longer word is near to no other. */

/* Copies `word` in the form that is compared: lower case, with hyphens. Returns its length. */
static size_t plain_letters(const char *word, char plain[MOST_LETTERS + 1])
{
    const size_t length = strlen(word);
    for (size_t i = 0; i <= length; i++)
        plain[i] = word[i] == '_' ? '-' : (char)tolower((unsigned char)word[i]);
    return length;
}

/* Counts the insertions, deletions, replacements and swaps of neighbors that turn `a` into `b`.
 * d[i][j] is the distance between the first i letters of a and the first j letters of b. */
static size_t edit_distance(const char *a, size_t m, const char *b, size_t n)
{
    size_t d[MOST_LETTERS + 1][MOST_LETTERS + 1];
    for (size_t i = 0; i <= m; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= n; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= m; i++)
        for (size_t j = 1; j <= n; j++) {
            const size_t replaced = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = size_min(replaced, size_min(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = size_min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[m][n];
}

static size_t unlikeness(const char *word, const char *name)
{
    char a[MOST_LETTERS + 1], b[MOST_LETTERS + 1];
    if (strlen(word) > MOST_LETTERS || strlen(name) > MOST_LETTERS)
        return FAR;
    const size_t m = plain_letters(word, a), n = plain_letters(name, b);
    const size_t distance = edit_distance(a, m, b, n);
    return m >= 3 && strstr(b, a) != NULL ? size_min(distance, 1) : distance;
}

void nearest_words(const char *word, const char *const *words, size_t count, const char *prefix,
                   char *list, size_t size)
{
    size_t best = FAR, used = 0;
    const char *nearest = "";
    list[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const size_t distance = unlikeness(word, words[i]);
        nearest = distance < best ? words[i] : nearest;
        best = size_min(best, distance);
    }
    if (word[0] == '\0' || best > 1 + strlen(word) / 4)
        return;
    used = (size_t)snprintf(list, size, "%s%s", prefix, nearest);
    for (size_t i = 0; i < count && used < size; i++) {
        const bool longer = best > 0 && strncmp(words[i], nearest, strlen(nearest)) == 0;
        if (words[i] != nearest && (longer || unlikeness(word, words[i]) == best))
            used += (size_t)snprintf(list + used, size - used, " or %s%s", prefix, words[i]);
    }
}

void weft_suggest(const char *word, const char *const *words, size_t count, const char *prefix,
                  char *list, size_t size)
{
    nearest_words(word, words, count, prefix, list, size);
}
