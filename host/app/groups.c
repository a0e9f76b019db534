/* Implements groups.h. */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "message.h"

struct valued {
    const char *value; /* borrowed; NULL if it is missing */
    size_t row;
};

/* Sorts by value. Missing values come last. */
static int compare_values(const void *left, const void *right)
{
    const char *a = ((const struct valued *)left)->value;
    const char *b = ((const struct valued *)right)->value;
    if (a == NULL || b == NULL)
        return (a == NULL) - (b == NULL);
    return strcmp(a, b);
}

static char *copy_value(const char *value)
{
    const char *text = value != NULL ? value : "(missing)";
    const size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}

/* Makes the groups from sorted rows. */
static bool rows_group(const struct valued *rows, size_t samples, struct groups *groups)
{
    groups->of = calloc(samples, sizeof *groups->of);
    groups->names = calloc(samples, sizeof *groups->names);
    if (groups->of == NULL || groups->names == NULL)
        return false;
    for (size_t i = 0; i < samples; i++) {
        if (i == 0 || compare_values(&rows[i - 1], &rows[i]) != 0) {
            groups->names[groups->count] = copy_value(rows[i].value);
            if (groups->names[groups->count++] == NULL)
                return false;
        }
        groups->of[rows[i].row] = (int32_t)(groups->count - 1);
    }
    return true;
}

enum weft_status groups_make(groups_value *value, const void *column, size_t samples,
                             struct groups *groups)
{
    struct valued *rows = calloc(samples, sizeof *rows);
    *groups = (struct groups){.count = 0};
    for (size_t i = 0; rows != NULL && i < samples; i++)
        rows[i] = (struct valued){value(column, i), i};
    if (rows != NULL)
        qsort(rows, samples, sizeof *rows, compare_values);
    const bool made = rows != NULL && rows_group(rows, samples, groups);
    free(rows);
    return made ? WEFT_OK : complain(WEFT_ERROR_MEMORY, "groups: no memory");
}

void groups_reset(struct groups *groups)
{
    for (size_t g = 0; g < groups->count; g++)
        free(groups->names[g]);
    free(groups->names);
    free(groups->of);
    *groups = (struct groups){.count = 0};
}
