/* Parses --sweep. */
#include "bench_sweep.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

static enum weft_status complain_syntax(const char *what, size_t length)
{
    return complain(WEFT_ERROR_USAGE,
                    "--sweep: \"%.*s\": need batch=N,N,... and hidden=N,NxN,... of at most %d",
                    (int)length, what, SWEEP_MOST);
}

/* Reads a whole number above 0 that ends at `end`. */
static bool read_number(const char *text, const char *end, size_t *number)
{
    char *stop = NULL;
    if (text == end || *text < '0' || *text > '9')
        return false;
    const unsigned long value = strtoul(text, &stop, 10);
    *number = (size_t)value;
    return stop == end && value > 0 && value < 1UL << 31;
}

static bool add_batch(struct sweep *sweep, const char *text, size_t length)
{
    return sweep->batch_count < SWEEP_MOST &&
           read_number(text, text + length, &sweep->batches[sweep->batch_count++]);
}

/* Converts "512x128" to "512,128". The library checks whether these are valid widths. */
static bool add_hidden(struct sweep *sweep, const char *text, size_t length)
{
    if (sweep->hidden_count == SWEEP_MOST || length == 0 || length >= SWEEP_TEXT)
        return false;
    char *hidden = sweep->hidden[sweep->hidden_count++];
    snprintf(hidden, SWEEP_TEXT, "%.*s", (int)length, text);
    for (char *c = hidden; *c != '\0'; c++)
        if (*c == 'x')
            *c = ',';
    return true;
}

static int compare_sizes(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Sorts the batch sizes, because the break-even is searched in ascending order. */
static void sort_batches(struct sweep *sweep)
{
    size_t kept = 0;
    qsort(sweep->batches, sweep->batch_count, sizeof *sweep->batches, compare_sizes);
    for (size_t i = 0; i < sweep->batch_count; i++)
        if (i == 0 || sweep->batches[i] != sweep->batches[i - 1])
            sweep->batches[kept++] = sweep->batches[i];
    sweep->batch_count = kept;
}

enum weft_status sweep_parse(const char *text, struct sweep *sweep)
{
    bool (*add)(struct sweep *, const char *, size_t) = NULL;
    *sweep = (struct sweep){0};
    for (;;) {
        const char *word = text;
        const size_t whole = strcspn(text, ",");
        if (strncmp(text, "batch=", 6) == 0)
            add = add_batch;
        else if (strncmp(text, "hidden=", 7) == 0)
            add = add_hidden;
        if (memchr(text, '=', whole) != NULL)
            text = strchr(text, '=') + 1;
        const size_t length = strcspn(text, ",");
        if (add == NULL || !add(sweep, text, length))
            return complain_syntax(word, whole);
        if (text[length] == '\0')
            break;
        text += length + 1;
    }
    sort_batches(sweep);
    return WEFT_OK;
}
