/* Edit distance between short words, and the list made from it. */
#include "suggestion.h"

#include <stdio.h>
#include <string.h>

enum { WORD_LIMIT = 31, FAR = 1000 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbors that turn `a` into `b` (optimal
 * string alignment): d[i][j] is the distance of the first i letters of a from the first j of b. */
static size_t distance(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b), d[WORD_LIMIT + 1][WORD_LIMIT + 1];
    if (m > WORD_LIMIT || n > WORD_LIMIT)
        return FAR;
    for (size_t i = 0; i <= m; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= n; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= m; i++)
        for (size_t j = 1; j <= n; j++) {
            size_t replaced = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = smaller(replaced, smaller(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[m][n];
}

/* As distance(), but a word that only stops early ("learn" for "learning-rate") is near as well. */
static size_t unlikeness(const char *word, const char *name)
{
    size_t length = strlen(word);
    if (length >= 3 && strncmp(word, name, length) == 0)
        return smaller(distance(word, name), 1);
    return distance(word, name);
}

void suggest_names(const char *word, const char *const *names, size_t count, const char *prefix,
                   char *list, size_t size)
{
    size_t best = FAR, length = 0;
    list[0] = '\0';
    for (size_t i = 0; i < count; i++)
        best = smaller(best, unlikeness(word, names[i]));
    if (best > 1 + strlen(word) / 3)
        return;
    for (size_t i = 0; i < count && length < size; i++)
        if (unlikeness(word, names[i]) == best)
            length += (size_t)snprintf(list + length, size - length, "%s%s%s",
                                       length > 0 ? " or " : "", prefix, names[i]);
}
