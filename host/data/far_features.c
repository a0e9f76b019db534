/* Counts features that are far from the training set; see far_features.h. */
#include "data/far_features.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"

#define FAR_DEVIATIONS 20.0f
enum { FAR_SHARE = 10 }; /* one sample of so many */

enum weft_status far_features_init(struct far_features *far, const struct scale *scale)
{
    *far = (struct far_features){.scale = scale};
    return scale->features > 0 ? NEW_ARRAY(far->counts, scale->features) : WEFT_OK;
}

/* Counts in samples x [count][D]. */
static void count_far(struct far_features *far, const float *x, size_t count)
{
    const struct scale *scale = far->scale;
    for (size_t i = 0; i < count; i++) {
        const float *row = x + i * scale->features; /* [D] */
        for (size_t j = 0; j < scale->features; j++)
            far->counts[j] += fabsf(row[j] - scale->mean[j]) > FAR_DEVIATIONS * scale->std[j];
    }
    far->samples += count;
}

enum weft_status far_features_add(struct far_features *far, const struct weft_dataset *dataset)
{
    struct sample_reader reader;
    if (far->scale->features != dataset->features)
        return WEFT_OK;
    TRY(sample_reader_init(&reader, dataset_rows(dataset)));
    for (size_t first = 0; first < dataset->samples; first += reader.block) {
        const size_t count = size_min(reader.block, dataset->samples - first);
        count_far(far, sample_reader_lend(&reader, first, count), count);
    }
    sample_reader_reset(&reader);
    return WEFT_OK;
}

/* Returns what was subtracted from the numbers that became feature j. */
static double shift_of(const struct schema *schema, size_t j)
{
    for (size_t i = 0; schema != NULL && i < schema->column_count; i++)
        if (schema->columns[i].role == ROLE_NUMBER && schema->columns[i].feature == j)
            return schema->columns[i].shift;
    return 0.0;
}

void far_features_report(const struct far_features *far, const char *subject,
                         const struct schema *schema, struct notes notes)
{
    size_t count = 0, first = 0;
    for (size_t j = far->scale->features; j-- > 0;)
        if (far->samples > 0 && far->counts[j] * FAR_SHARE >= far->samples) {
            count++;
            first = j;
        }
    if (count == 0)
        return;
    char name[96], others[48] = "";
    if (schema != NULL)
        snprintf(name, sizeof name, "\"%.64s\"", schema->feature_names[first]);
    else
        snprintf(name, sizeof name, "%zu", first);
    if (count > 1)
        snprintf(others, sizeof others, "; so are %zu other features", count - 1);
    notes_say(notes,
              "%s: feature %s is over 20 standard deviations from the training mean %g in %zu of "
              "%zu samples%s; the unit or the order of the columns may differ",
              subject, name, shift_of(schema, first) + (double)far->scale->mean[first],
              far->counts[first], far->samples, others);
}

void far_features_reset(struct far_features *far)
{
    memory_free(far->counts);
    *far = (struct far_features){.counts = NULL};
}
