/* Binary search in sorted texts or numbers; see lookup.h. */
#include "data/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

static int compare_positions(const struct lookup_entry *a, const struct lookup_entry *b)
{
    return (a->position > b->position) - (a->position < b->position);
}

static int compare_texts(const void *left, const void *right)
{
    const struct lookup_entry *a = left, *b = right;
    const int order = strcmp(a->text, b->text);
    return order != 0 ? order : compare_positions(a, b);
}

static int compare_numbers(const void *left, const void *right)
{
    const struct lookup_entry *a = left, *b = right;
    return a->number != b->number ? (a->number > b->number) - (a->number < b->number)
                                  : compare_positions(a, b);
}

enum weft_status lookup_init(struct lookup *lookup, const char *const *texts, size_t count,
                             bool numeric)
{
    *lookup = (struct lookup){.numeric = numeric};
    TRY(NEW_ARRAY(lookup->entries, count));
    for (size_t i = 0; i < count; i++) {
        struct lookup_entry entry = {.text = texts[i], .position = (uint32_t)i};
        if (!numeric || number_from_text(texts[i], &entry.number))
            lookup->entries[lookup->count++] = entry;
    }
    qsort(lookup->entries, lookup->count, sizeof *lookup->entries,
          numeric ? compare_numbers : compare_texts);
    return WEFT_OK;
}

void lookup_reset(struct lookup *lookup)
{
    memory_free(lookup->entries);
    *lookup = (struct lookup){.count = 0};
}

/* Returns the order of an entry and of a text or, in a list of numbers, of a number. */
static int compare(const struct lookup *lookup, const struct lookup_entry *entry, const char *text,
                   double number)
{
    if (lookup->numeric)
        return (entry->number > number) - (entry->number < number);
    return strcmp(entry->text, text);
}

/* Finds the first of equal entries. */
static uint32_t search(const struct lookup *lookup, const char *text, double number)
{
    size_t low = 0, high = lookup->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(lookup, &lookup->entries[middle], text, number) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == lookup->count || compare(lookup, &lookup->entries[low], text, number) != 0)
        return LOOKUP_NONE;
    return lookup->entries[low].position;
}

uint32_t lookup_text(const struct lookup *lookup, const char *text)
{
    double number = 0.0;
    if (lookup->numeric && !number_from_text(text, &number))
        return LOOKUP_NONE;
    return search(lookup, text, number);
}

uint32_t lookup_number(const struct lookup *lookup, double number)
{
    char text[NUMBER_TEXT_SIZE] = "";
    if (!lookup->numeric)
        number_to_text(number, text);
    return search(lookup, text, number);
}
