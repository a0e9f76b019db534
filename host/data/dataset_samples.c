/* Samples of a data set wherever they lie: checking, loading, selecting and copying them. */
#include <float.h>
#include <math.h>

#include "base/memory.h"
#include "data/dataset.h"
#include "data/kept_texts.h"

/* ---- finite numbers ---- */

/* Numbers that are not finite. */
struct not_finite {
    size_t count;
    size_t first; /* place of the first of them */
    float value;
};

/* Looks for such numbers in values [count], which begin at place `begin`. */
static void find_not_finite(const float *values, size_t count, size_t begin,
                            struct not_finite *found)
{
    size_t bad = 0, first = 0;
    for (size_t i = 0; i < count; i++)
        bad += !(fabsf(values[i]) <= FLT_MAX); /* isfinite in a form that vectorizes */
    while (bad > 0 && isfinite(values[first]))
        first++;
    if (found->count == 0 && bad > 0)
        *found = (struct not_finite){.first = begin + first, .value = values[first]};
    found->count += bad;
}

/* Fails if a number of the matrix [N][columns] is not finite. `what` is "feature" or "target". */
static enum weft_status judge_finite(const struct not_finite *found, const char *name,
                                     size_t columns, const char *what)
{
    if (found->count == 0)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "%s: sample %zu, %s %zu: got %s, need a finite number (%zu such %s%s)", name,
                found->first / columns, what, found->first % columns,
                isnan(found->value)   ? "nan"
                : found->value > 0.0f ? "inf"
                                      : "-inf",
                found->count, what, found->count == 1 ? "" : "s, this is the first");
}

enum weft_status dataset_check_features(const struct weft_dataset *dataset)
{
    const size_t features = dataset->features;
    struct not_finite found = {.count = 0};
    struct sample_reader reader;
    if (dataset->finite || dataset->bytes != NULL || dataset->index != NULL)
        return WEFT_OK; /* bytes are finite, and a selection was checked as a whole */
    TRY(sample_reader_init(&reader, dataset_rows(dataset)));
    for (size_t first = 0; first < dataset->samples; first += reader.block) {
        const size_t count = size_min(reader.block, dataset->samples - first);
        find_not_finite(sample_reader_lend(&reader, first, count), count * features,
                        first * features, &found);
    }
    sample_reader_reset(&reader);
    return judge_finite(&found, dataset->name, features, "feature");
}

enum weft_status dataset_check_targets(const struct weft_dataset *dataset)
{
    struct not_finite found = {.count = 0};
    find_not_finite(dataset->targets, dataset->samples * dataset->classes, 0, &found);
    return judge_finite(&found, dataset_labels_name(dataset), dataset->classes, "target");
}

/* ---- mapped samples ---- */

void dataset_leave_map(struct weft_dataset *dataset)
{
    file_map_release(dataset->map);
    memory_free(dataset->index);
    dataset->map = NULL;
    dataset->bytes = NULL;
    dataset->index = NULL;
}

enum weft_status dataset_load(struct weft_dataset *dataset)
{
    const struct sample_rows rows = dataset_rows(dataset);
    float *x;
    if (dataset->map == NULL)
        return WEFT_OK;
    TRY(NEW_ARRAY(x, dataset->samples * dataset->features));
    sample_rows_gather(&rows, NULL, 0, dataset->samples, x);
    dataset_leave_map(dataset);
    dataset->x = x;
    return WEFT_OK;
}

enum weft_status dataset_select(struct weft_dataset *dataset)
{
    memory_free(dataset->moments);
    dataset->moments = NULL;
    TRY(kept_texts_select(dataset->kept, dataset->samples));
    if (dataset->map == NULL || dataset->index != NULL)
        return WEFT_OK;
    TRY(NEW_ARRAY(dataset->index, dataset->samples));
    for (size_t i = 0; i < dataset->samples; i++)
        dataset->index[i] = (uint32_t)i;
    return WEFT_OK;
}

enum weft_status weft_dataset_read(const struct weft_dataset *dataset, size_t first, size_t count,
                                   float *x)
{
    const struct sample_rows rows = dataset_rows(dataset);
    if (first > dataset->samples || count > dataset->samples - first)
        return fail(WEFT_ERROR_USAGE,
                    "%s: got first %zu and count %zu, need at most %zu samples in all",
                    dataset->name, first, count, dataset->samples);
    sample_rows_gather(&rows, NULL, first, count, x);
    return WEFT_OK;
}
