/* Implements groups.h. */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "message.h"

struct valued {
    char *value; /* owned; NULL if it is missing */
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

static char *copy_text(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}

/* Copies the values of all rows. Returns false if memory is short. */
static bool rows_fill(groups_value *value, const void *column, size_t samples, struct valued *rows)
{
    for (size_t i = 0; i < samples; i++) {
        const char *text = value(column, i);
        rows[i] = (struct valued){text != NULL ? copy_text(text) : NULL, i};
        if (text != NULL && rows[i].value == NULL)
            return false;
    }
    return true;
}

/* Makes the groups from sorted rows. Returns false if memory is short. */
static bool rows_group(const struct valued *rows, size_t samples, struct groups *groups)
{
    groups->of = calloc(samples, sizeof *groups->of);
    groups->names = calloc(samples, sizeof *groups->names);
    if (groups->of == NULL || groups->names == NULL)
        return false;
    for (size_t i = 0; i < samples; i++) {
        if (i == 0 || compare_values(&rows[i - 1], &rows[i]) != 0) {
            const char *name = rows[i].value != NULL ? rows[i].value : "(missing)";
            groups->names[groups->count] = copy_text(name);
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
    bool made = rows != NULL && rows_fill(value, column, samples, rows);
    if (made) {
        qsort(rows, samples, sizeof *rows, compare_values);
        made = rows_group(rows, samples, groups);
    }
    for (size_t i = 0; rows != NULL && i < samples; i++)
        free(rows[i].value);
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
