/* Splits a random holdout set off a data set.
 *
 * The first round(F N) entries of a random permutation select the samples of the holdout set. Both
 * sets keep the order of the file.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "data/dataset.h"

/* Copies the samples whose `taken` [N] equals `which` to `part`, and copies the classes. */
static enum weft_status copy_samples(const struct weft_dataset *dataset, const bool *taken,
                                     bool which, struct weft_dataset *part)
{
    size_t row = 0;
    const size_t features = dataset->features, classes = dataset->classes;
    for (size_t i = 0; i < dataset->samples; i++) {
        if (taken[i] != which)
            continue;
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
    TRY(dataset_name_labels(part, dataset_labels_name(dataset)));
    if (dataset->targets != NULL)
        TRY(dataset_allocate_targets(part, dataset->classes));
    if (dataset->weights != NULL)
        TRY(NEW_ARRAY(part->weights, part->samples));
    return copy_samples(dataset, taken, which, part);
}

static enum weft_status make_part(const struct weft_dataset *dataset, const bool *taken, bool which,
                                  size_t count, struct weft_dataset **part)
{
    struct weft_dataset *made;
    TRY(dataset_allocate(dataset->name, count, dataset->features, dataset->labels != NULL, &made));
    const enum weft_status status = fill_part(dataset, taken, which, made);
    if (status == WEFT_OK)
        *part = made;
    else
        weft_dataset_destroy(made);
    return status;
}

/* Sets taken [N] to true for `count` random samples. */
static enum weft_status choose(size_t samples, size_t count, uint64_t seed, bool *taken)
{
    uint32_t *order; /* [N] */
    TRY(NEW_ARRAY(order, samples));
    struct random_stream stream = {.seed = seed, .purpose = RANDOM_HOLDOUT};
    random_permutation(stream, order, samples);
    for (size_t i = 0; i < count; i++)
        taken[order[i]] = true;
    memory_free(order);
    return WEFT_OK;
}

static enum weft_status make_parts(const struct weft_dataset *dataset, size_t count, uint64_t seed,
                                   bool *taken, struct weft_dataset **rest,
                                   struct weft_dataset **holdout)
{
    TRY(choose(dataset->samples, count, seed, taken));
    TRY(make_part(dataset, taken, false, dataset->samples - count, rest));
    return make_part(dataset, taken, true, count, holdout);
}

enum weft_status weft_dataset_holdout(const struct weft_dataset *dataset, double fraction,
                                      uint64_t seed, struct weft_dataset **rest,
                                      struct weft_dataset **holdout)
{
    *rest = *holdout = NULL;
    char text[NUMBER_TEXT_SIZE];
    number_to_text(fraction, text);
    if (!(fraction > 0.0 && fraction < 1.0))
        return fail_option("holdout", text, "the fraction must be above 0 and below 1");
    size_t count = (size_t)round(fraction * (double)dataset->samples);
    if (count == 0 || count >= dataset->samples)
        return fail_option("holdout", text,
                           "got parts of %zu and %zu samples, need at least 1 in each",
                           dataset->samples - count, count);
    bool *taken; /* [N] */
    TRY(NEW_ARRAY(taken, dataset->samples));
    enum weft_status status = make_parts(dataset, count, seed, taken, rest, holdout);
    memory_free(taken);
    if (status != WEFT_OK) {
        weft_dataset_destroy(*rest);
        *rest = NULL;
    }
    return status;
}
