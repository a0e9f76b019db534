/* Splits a random holdout set from a data set; split.h describes the method. Both sets keep the
 * order of the file. */
#include "data/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "data/dataset.h"
#include "data/schema.h"

/* ---- seats for each class ---- */

/* A class and its seats in the holdout set. */
struct class_seats {
    size_t class;
    size_t samples; /* n */
    size_t seats;
    double quota;       /* the exact share: seats of all classes * n / N */
    size_t least, most; /* limits of the seats, which `least` gives up if seats run out */
};

/* Counts the samples of each class, and gives each the whole part of its quota. */
static void seats_init(const struct split *split, size_t count, struct class_seats *classes)
{
    for (size_t i = 0; i < split->samples; i++)
        classes[split->labels[i]].samples++;
    for (size_t c = 0; c < split->classes; c++) {
        struct class_seats *seats = &classes[c];
        seats->class = c;
        seats->quota = (double)count * (double)seats->samples / (double)split->samples;
        seats->least = seats->samples >= 2;
        seats->most = seats->samples >= 1 ? seats->samples - 1 : 0;
        seats->seats = size_min(size_max((size_t)floor(seats->quota), seats->least), seats->most);
    }
}

static double remainder_of(const struct class_seats *seats)
{
    return seats->quota - (double)seats->seats;
}

/* Orders by remainder, the largest first; equal ones by class. */
static int compare_remainders(const void *left, const void *right)
{
    const struct class_seats *a = left, *b = right;
    const double one = remainder_of(a), other = remainder_of(b);
    if (one != other)
        return one > other ? -1 : 1;
    return (a->class > b->class) - (a->class < b->class);
}

static size_t seats_sum(const struct class_seats *classes, size_t count)
{
    size_t sum = 0;
    for (size_t c = 0; c < count; c++)
        sum += classes[c].seats;
    return sum;
}

/* Returns the seats that a class can still get, or can still give back: down to `least`, or to none
 * if `all` is true. */
static size_t room_of(const struct class_seats *seats, bool give, bool all)
{
    if (give)
        return seats->most - size_min(seats->seats, seats->most);
    return seats->seats - size_min(seats->seats, all ? 0 : seats->least);
}

/* Gives `count` seats to classes in the order of their remainders, or takes them in the opposite
 * order. Each class gets one, and more if there are fewer classes with room than seats. Returns the
 * seats that found no place. */
static size_t seats_move(struct class_seats *classes, size_t class_count, size_t count, bool give,
                         bool all)
{
    size_t open = 0;
    for (size_t c = 0; c < class_count; c++)
        open += room_of(&classes[c], give, all) > 0;
    const size_t each = open > 0 ? size_max(1, count / open) : 0;
    for (size_t i = 0; i < class_count && count > 0; i++) {
        struct class_seats *seats = &classes[give ? i : class_count - 1 - i];
        const size_t moved = size_min(size_min(each, count), room_of(seats, give, all));
        seats->seats = give ? seats->seats + moved : seats->seats - moved;
        count -= moved;
    }
    return count;
}

/* Moves seats until they are `wanted`, or as many as the classes can give up. */
static void seats_balance(struct class_seats *classes, size_t count, size_t wanted)
{
    bool all = false;
    for (size_t sum; (sum = seats_sum(classes, count)) != wanted;) {
        const bool give = sum < wanted;
        const size_t apart = give ? wanted - sum : sum - wanted;
        qsort(classes, count, sizeof *classes, compare_remainders);
        if (seats_move(classes, count, apart, give, all) < apart)
            continue;
        if (give || all)
            return;
        all = true; /* There are fewer seats than classes of two samples. */
    }
}

/* ---- choosing ---- */

/* Takes the first samples of each class in the order of the permutation. `classes` are sorted by
 * class here. */
static void take_seats(const struct split *split, const uint32_t *order,
                       struct class_seats *classes, bool *taken)
{
    for (size_t i = 0; i < split->samples; i++) {
        struct class_seats *seats = &classes[split->labels[order[i]]];
        taken[order[i]] = seats->seats > 0;
        seats->seats -= seats->seats > 0;
    }
}

static int compare_classes(const void *left, const void *right)
{
    const struct class_seats *a = left, *b = right;
    return (a->class > b->class) - (a->class < b->class);
}

static enum weft_status choose_by_class(const struct split *split, const uint32_t *order,
                                        bool *taken, size_t *count)
{
    struct class_seats *classes; /* [C] */
    TRY(NEW_ARRAY(classes, split->classes));
    seats_init(split, *count, classes);
    seats_balance(classes, split->classes, *count);
    *count = seats_sum(classes, split->classes);
    qsort(classes, split->classes, sizeof *classes, compare_classes);
    take_seats(split, order, classes, taken);
    memory_free(classes);
    return WEFT_OK;
}

static enum weft_status check_counts(const struct split *split, size_t count)
{
    char text[NUMBER_TEXT_SIZE];
    number_to_text(split->fraction, text);
    if (count > 0 && count < split->samples)
        return WEFT_OK;
    return fail_option("holdout", text, "got sets of %zu and %zu samples, need at least 1 in each",
                       split->samples - count, count);
}

enum weft_status split_choose(const struct split *split, bool *taken, size_t *count)
{
    char text[NUMBER_TEXT_SIZE];
    uint32_t *order; /* [N] */
    number_to_text(split->fraction, text);
    if (!(split->fraction > 0.0 && split->fraction < 1.0))
        return fail_option("holdout", text, "the fraction must be above 0 and below 1");
    *count = (size_t)round(split->fraction * (double)split->samples);
    TRY(check_counts(split, *count));
    TRY(NEW_ARRAY(order, split->samples));
    random_permutation((struct random_stream){.seed = split->seed, .purpose = RANDOM_HOLDOUT},
                       order, split->samples);
    enum weft_status status = WEFT_OK;
    if (split->labels != NULL)
        status = choose_by_class(split, order, taken, count);
    for (size_t i = 0; split->labels == NULL && i < *count; i++)
        taken[order[i]] = true;
    memory_free(order);
    return status == WEFT_OK ? check_counts(split, *count) : status;
}

/* ---- data sets ---- */

/* Copies the samples whose `taken` [N] equals `which` to `part`, and copies the classes. Of mapped
 * samples, it copies only the places. */
static enum weft_status copy_samples(const struct weft_dataset *dataset, const bool *taken,
                                     bool which, struct weft_dataset *part)
{
    size_t row = 0;
    const size_t features = dataset->features, classes = dataset->classes;
    for (size_t i = 0; i < dataset->samples; i++) {
        if (taken[i] != which)
            continue;
        if (part->index != NULL)
            part->index[row] = dataset->index != NULL ? dataset->index[i] : (uint32_t)i;
        else
            memcpy(&part->x[row * features], &dataset->x[i * features], features * sizeof *part->x);
        if (part->labels != NULL)
            part->labels[row] = dataset->labels[i];
        if (part->weights != NULL)
            part->weights[row] = dataset->weights[i];
        if (part->targets != NULL)
            memcpy(&part->targets[row * classes], &dataset->targets[i * classes],
                   classes * sizeof *part->targets);
        row++;
    }
    return dataset_finish(part, dataset->classes, (const char *const *)dataset->class_names);
}

static enum weft_status fill_part(const struct weft_dataset *dataset, const bool *taken, bool which,
                                  struct weft_dataset *part)
{
    part->height = dataset->height;
    part->width = dataset->width;
    part->channels = dataset->channels;
    part->schema = schema_share(dataset->schema);
    TRY(dataset_name_labels(part, dataset_labels_name(dataset)));
    if (dataset->targets != NULL)
        TRY(dataset_allocate_targets(part, dataset->classes));
    if (dataset->weights != NULL)
        TRY(NEW_ARRAY(part->weights, part->samples));
    if (dataset->map != NULL)
        TRY(NEW_ARRAY(part->index, part->samples));
    return copy_samples(dataset, taken, which, part);
}

static enum weft_status make_part(const struct weft_dataset *dataset, const bool *taken, bool which,
                                  size_t count, struct weft_dataset **part)
{
    struct weft_dataset *made;
    if (dataset->map != NULL)
        TRY(dataset_map(dataset->name, count, dataset->features, dataset->labels != NULL,
                        dataset->map, dataset->x, dataset->bytes, &made));
    else
        TRY(dataset_allocate(dataset->name, count, dataset->features, dataset->labels != NULL,
                             &made));
    const enum weft_status status = fill_part(dataset, taken, which, made);
    if (status == WEFT_OK)
        *part = made;
    else
        weft_dataset_destroy(made);
    return status;
}

static enum weft_status make_parts(const struct weft_dataset *dataset, const struct split *split,
                                   bool *taken, struct weft_dataset **rest,
                                   struct weft_dataset **holdout)
{
    size_t count = 0;
    TRY(split_choose(split, taken, &count));
    TRY(make_part(dataset, taken, false, dataset->samples - count, rest));
    return make_part(dataset, taken, true, count, holdout);
}

static enum weft_status split_off(const struct weft_dataset *dataset, const struct split *split,
                                  struct weft_dataset **rest, struct weft_dataset **holdout)
{
    bool *taken; /* [N] */
    *rest = *holdout = NULL;
    TRY(NEW_ARRAY(taken, dataset->samples));
    enum weft_status status = make_parts(dataset, split, taken, rest, holdout);
    memory_free(taken);
    if (status != WEFT_OK) {
        weft_dataset_destroy(*rest);
        *rest = NULL;
    }
    return status;
}

enum weft_status weft_dataset_holdout(const struct weft_dataset *dataset, double fraction,
                                      uint64_t seed, struct weft_dataset **rest,
                                      struct weft_dataset **holdout)
{
    const struct split split = {.samples = dataset->samples, .fraction = fraction, .seed = seed};
    return split_off(dataset, &split, rest, holdout);
}

enum weft_status weft_dataset_holdout_stratified(const struct weft_dataset *dataset,
                                                 double fraction, uint64_t seed,
                                                 struct weft_dataset **rest,
                                                 struct weft_dataset **holdout)
{
    const struct split split = {.samples = dataset->samples,
                                .fraction = fraction,
                                .seed = seed,
                                .labels = dataset->labels,
                                .classes = dataset->classes};
    return split_off(dataset, &split, rest, holdout);
}
