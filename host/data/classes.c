/* Renumbers labels; see classes.h. */
#include "data/classes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/kept_texts.h"
#include "data/lookup.h"

/* ---- labels from numbers ---- */

/* Distinct numbers in ascending order. */
struct distinct {
    double *numbers; /* [DATASET_MOST_CLASSES] owned */
    size_t count;
};

/* Returns the position at which `number` is or belongs. */
static size_t position_of(const struct distinct *distinct, double number)
{
    size_t low = 0, high = distinct->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (distinct->numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_known(const struct distinct *distinct, size_t position, double number)
{
    return position < distinct->count && !(distinct->numbers[position] > number);
}

static enum weft_status collect(const struct weft_dataset *dataset, const double *numbers,
                                struct distinct *distinct)
{
    for (size_t i = 0; i < dataset->samples; i++) {
        char text[NUMBER_TEXT_SIZE];
        const size_t position = position_of(distinct, numbers[i] + 0.0); /* -0 is 0 */
        const bool whole = isfinite(numbers[i]) && !(floor(numbers[i]) < numbers[i]);
        if (!whole || classes_may_merge(numbers[i])) {
            number_to_text(numbers[i], text);
            return fail(WEFT_ERROR_DATA, "%s: sample %zu: label: got %s, %s",
                        dataset_labels_name(dataset), i, text,
                        whole ? CLASSES_NEED_SMALLER : "need a whole number");
        }
        if (is_known(distinct, position, numbers[i]))
            continue;
        if (distinct->count == DATASET_MOST_CLASSES)
            return fail(WEFT_ERROR_DATA,
                        "%s: classes: got more than %d distinct labels; if they are quantities, "
                        "use --task regress",
                        dataset_labels_name(dataset), (int)DATASET_MOST_CLASSES);
        memmove(distinct->numbers + position + 1, distinct->numbers + position,
                (distinct->count - position) * sizeof *distinct->numbers);
        distinct->numbers[position] = numbers[i] + 0.0;
        distinct->count++;
    }
    return WEFT_OK;
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; names != NULL && i < count; i++)
        memory_free(names[i]);
    memory_free(names);
}

static enum weft_status name_numbers(const struct distinct *distinct, char **names)
{
    for (size_t i = 0; i < distinct->count; i++) {
        char text[NUMBER_TEXT_SIZE];
        number_to_text(distinct->numbers[i], text);
        TRY(text_copy(text, &names[i]));
    }
    return WEFT_OK;
}

/* Labels 0 .. C - 1 stay what they are, with empty classes in the gaps, as in IDX files. */
static bool are_positions(const struct weft_dataset *dataset, const double *numbers)
{
    for (size_t i = 0; i < dataset->samples; i++)
        if (!(numbers[i] >= 0.0 && numbers[i] < (double)DATASET_MOST_CLASSES) ||
            floor(numbers[i]) < numbers[i])
            return false;
    return true;
}

static enum weft_status finish_positions(struct weft_dataset *dataset, const double *numbers)
{
    for (size_t i = 0; i < dataset->samples; i++)
        dataset->labels[i] = (int32_t)numbers[i];
    return dataset_finish(dataset, 0, NULL);
}

static enum weft_status finish_distinct(struct weft_dataset *dataset, const double *numbers,
                                        struct distinct *distinct)
{
    char **names = NULL; /* [count] */
    TRY(collect(dataset, numbers, distinct));
    for (size_t i = 0; i < dataset->samples; i++)
        dataset->labels[i] = (int32_t)position_of(distinct, numbers[i]);
    TRY(NEW_ARRAY(names, distinct->count));
    enum weft_status status = name_numbers(distinct, names);
    if (status == WEFT_OK)
        status = dataset_finish(dataset, distinct->count, (const char *const *)names);
    free_names(names, distinct->count);
    return status;
}

enum weft_status classes_finish_numbers(struct weft_dataset *dataset, const double *numbers)
{
    struct distinct distinct = {.count = 0};
    if (are_positions(dataset, numbers))
        return finish_positions(dataset, numbers);
    TRY(NEW_ARRAY(distinct.numbers, DATASET_MOST_CLASSES));
    const enum weft_status status = finish_distinct(dataset, numbers, &distinct);
    memory_free(distinct.numbers);
    return status;
}

/* ---- labels that look like quantities ---- */

void classes_doubt(const struct weft_dataset *dataset, struct notes notes)
{
    enum { MANY_CLASSES = 20, FEW_SAMPLES = 5 }; /* as for the target of a table */
    if (dataset->labels == NULL || dataset->classes <= MANY_CLASSES ||
        dataset->samples >= dataset->classes * FEW_SAMPLES ||
        strspn(dataset->class_names[0], "-0123456789") == 0)
        return;
    notes_say(notes,
              "%s: got %zu different labels in %zu samples; if they are quantities, use --task "
              "regress",
              dataset_labels_name(dataset), dataset->classes, dataset->samples);
}

/* ---- classes without samples ---- */

/* Tells the user which classes remain: "27 classes, 26 of them with samples". */
static void say_dropped(const struct weft_dataset *dataset, size_t before, struct notes notes)
{
    notes_say(notes,
              "%s: %zu of %zu classes have no sample and are left out; the classes are %s to %s",
              dataset_labels_name(dataset), before - dataset->classes, before,
              dataset->class_names[0], dataset->class_names[dataset->classes - 1]);
}

/* Renumbers the labels; places [C] receives the new number of each class that has samples. */
static void renumber(struct weft_dataset *dataset, const size_t *counts, int32_t *places)
{
    const size_t before = dataset->classes;
    size_t kept = 0;
    for (size_t c = 0; c < before; c++) {
        if (counts[c] == 0) {
            memory_free(dataset->class_names[c]);
            continue;
        }
        places[c] = (int32_t)kept;
        dataset->class_names[kept++] = dataset->class_names[c];
    }
    dataset->classes = kept;
    for (size_t i = 0; i < dataset->samples; i++)
        dataset->labels[i] = places[dataset->labels[i]];
}

enum weft_status classes_drop_empty(struct weft_dataset *dataset, struct notes notes)
{
    const size_t before = dataset->classes;
    size_t *counts, empty = 0; /* counts [C] */
    int32_t *places = NULL;    /* [C] */
    if (dataset->labels == NULL)
        return WEFT_OK;
    TRY(NEW_ARRAY(counts, before));
    for (size_t i = 0; i < dataset->samples; i++)
        counts[dataset->labels[i]]++;
    for (size_t c = 0; c < before; c++)
        empty += counts[c] == 0;
    const enum weft_status status = empty > 0 ? NEW_ARRAY(places, before) : WEFT_OK;
    if (empty > 0 && status == WEFT_OK) {
        renumber(dataset, counts, places);
        say_dropped(dataset, before, notes);
    }
    memory_free(places);
    memory_free(counts);
    return status;
}

/* ---- classes of another data set ---- */

static bool same_names(const struct weft_dataset *dataset, const char *const *names, size_t classes)
{
    if (dataset->classes != classes)
        return false;
    for (size_t c = 0; c < classes; c++)
        if (strcmp(dataset->class_names[c], names[c]) != 0)
            return false;
    return true;
}

/* Makes sample `to` what sample `from` is, which comes after it. */
static void move_sample(struct weft_dataset *dataset, size_t from, size_t to)
{
    const size_t features = dataset->features;
    if (dataset->index != NULL)
        dataset->index[to] = dataset->index[from];
    else if (to < from)
        memmove(dataset->x + to * features, dataset->x + from * features,
                features * sizeof *dataset->x);
    if (dataset->weights != NULL)
        dataset->weights[to] = dataset->weights[from];
    if (dataset->kept != NULL && dataset->kept->places != NULL)
        dataset->kept->places[to] = dataset->kept->places[from];
}

/* Keeps the samples whose class has a place [C], and renumbers them. */
static void keep_known(struct weft_dataset *dataset, const uint32_t *places)
{
    size_t kept = 0;
    for (size_t i = 0; i < dataset->samples; i++) {
        const uint32_t place = places[dataset->labels[i]];
        if (place == LOOKUP_NONE)
            continue;
        move_sample(dataset, i, kept);
        dataset->labels[kept++] = (int32_t)place;
    }
    dataset->unseen += dataset->samples - kept;
    dataset->samples = kept;
}

/* Counts the samples of classes without a place, and remembers one such class. */
static size_t count_unknown(const struct weft_dataset *dataset, const uint32_t *places,
                            const char **example)
{
    size_t unknown = 0;
    for (size_t i = 0; i < dataset->samples; i++) {
        if (places[dataset->labels[i]] != LOOKUP_NONE)
            continue;
        if (unknown++ == 0)
            *example = dataset->class_names[dataset->labels[i]];
    }
    return unknown;
}

static enum weft_status map_labels(struct weft_dataset *dataset, const uint32_t *places,
                                   struct notes notes)
{
    const char *example = NULL;
    const size_t unknown = count_unknown(dataset, places, &example);
    if (unknown == dataset->samples)
        return fail(WEFT_ERROR_DATA,
                    "%s: no sample belongs to a class of the training set: got \"%.64s\"",
                    dataset_labels_name(dataset), example);
    if (unknown > 0)
        notes_say(notes,
                  "%s: %zu of %zu samples belong to classes that training never saw, such as "
                  "\"%.64s\"; they count as wrong",
                  dataset_labels_name(dataset), unknown, dataset->samples, example);
    if (unknown > 0)
        TRY(dataset_select(dataset));
    keep_known(dataset, places);
    return WEFT_OK;
}

static enum weft_status copy_names(const char *const *names, size_t classes, char **copies)
{
    for (size_t c = 0; c < classes; c++)
        TRY(text_copy(names[c], &copies[c]));
    return WEFT_OK;
}

/* Replaces the names of the classes. */
static enum weft_status take_names(struct weft_dataset *dataset, const char *const *names,
                                   size_t classes)
{
    char **copies;
    TRY(NEW_ARRAY(copies, classes));
    const enum weft_status status = copy_names(names, classes, copies);
    if (status != WEFT_OK) {
        free_names(copies, classes);
        return status;
    }
    free_names(dataset->class_names, dataset->classes);
    dataset->class_names = copies;
    dataset->classes = classes;
    return WEFT_OK;
}

static enum weft_status find_places(const struct weft_dataset *dataset, const char *const *names,
                                    size_t classes, uint32_t *places)
{
    struct lookup lookup;
    TRY(lookup_init(&lookup, names, classes, false));
    for (size_t c = 0; c < dataset->classes; c++)
        places[c] = lookup_text(&lookup, dataset->class_names[c]);
    lookup_reset(&lookup);
    return WEFT_OK;
}

enum weft_status classes_map(struct weft_dataset *dataset, const char *const *names, size_t classes,
                             struct notes notes)
{
    uint32_t *places; /* [C] */
    if (dataset->labels == NULL || same_names(dataset, names, classes))
        return WEFT_OK;
    TRY(NEW_ARRAY(places, dataset->classes));
    enum weft_status status = find_places(dataset, names, classes, places);
    if (status == WEFT_OK)
        status = map_labels(dataset, places, notes);
    if (status == WEFT_OK)
        status = take_names(dataset, names, classes);
    memory_free(places);
    return status;
}
