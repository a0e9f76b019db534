/* The data set: created, checked, described, destroyed.
 *
 * Whatever made it, a data set that leaves this room is sound: at least one sample, finite
 * features, labels inside their classes. Nothing after it checks again.
 */
#include "data/dataset.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

static enum weft_status allocate_members(struct weft_dataset *dataset, const char *name,
                                         bool labels)
{
    size_t numbers;
    if (!size_multiply(dataset->samples, dataset->features, &numbers))
        return memory_exhausted(dataset->samples, dataset->features);
    TRY(text_copy(name, &dataset->name));
    TRY(NEW_ARRAY(dataset->x, numbers));
    if (labels)
        TRY(NEW_ARRAY(dataset->labels, dataset->samples));
    return WEFT_OK;
}

enum weft_status dataset_allocate(const char *name, size_t samples, size_t features, bool labels,
                                  struct weft_dataset **dataset)
{
    *dataset = NULL;
    if (samples == 0 || samples > UINT32_MAX) /* the order of the samples is 32 bits wide */
        return fail(WEFT_ERROR_DATA, "%s: samples: got %zu, need 1 to %lu", name, samples,
                    (unsigned long)UINT32_MAX);
    if (features == 0)
        return fail(WEFT_ERROR_DATA, "%s: features: got 0, need at least 1", name);
    struct weft_dataset *made;
    TRY(NEW_ARRAY(made, 1));
    made->samples = samples;
    made->features = features;
    enum weft_status status = allocate_members(made, name, labels);
    if (status == WEFT_OK)
        *dataset = made;
    else
        weft_dataset_destroy(made);
    return status;
}

/* ---- checks ---- */

static enum weft_status fail_not_finite(const struct weft_dataset *dataset, size_t count)
{
    size_t first = 0;
    while (isfinite(dataset->x[first]))
        first++;
    return fail(WEFT_ERROR_DATA,
                "%s: sample %zu, feature %zu: got %s, need a finite number (%zu %s)", dataset->name,
                first / dataset->features, first % dataset->features,
                isnan(dataset->x[first])   ? "nan"
                : dataset->x[first] > 0.0f ? "inf"
                                           : "-inf",
                count, count == 1 ? "such feature" : "such features, this is the first");
}

static enum weft_status check_features(const struct weft_dataset *dataset)
{
    size_t count = 0;
    for (size_t i = 0; i < dataset->samples * dataset->features; i++)
        count += !(fabsf(dataset->x[i]) <= FLT_MAX); /* isfinite, in a form that vectorises */
    return count == 0 ? WEFT_OK : fail_not_finite(dataset, count);
}

/* Every label is 0 .. classes - 1. */
static enum weft_status check_labels(const struct weft_dataset *dataset, size_t classes)
{
    for (size_t i = 0; i < dataset->samples; i++)
        if (dataset->labels[i] < 0 || (size_t)dataset->labels[i] >= classes)
            return fail(WEFT_ERROR_DATA, "%s: sample %zu: label: got %ld, need 0 to %zu",
                        dataset->name, i, (long)dataset->labels[i], classes - 1);
    return WEFT_OK;
}

static size_t largest_label(const struct weft_dataset *dataset)
{
    int32_t largest = 0;
    for (size_t i = 0; i < dataset->samples; i++)
        if (dataset->labels[i] > largest)
            largest = dataset->labels[i];
    return (size_t)largest;
}

static enum weft_status set_class_names(struct weft_dataset *dataset, size_t classes,
                                        const char *const *class_names)
{
    TRY(NEW_ARRAY(dataset->class_names, classes));
    dataset->classes = classes;
    for (size_t i = 0; i < classes; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        TRY(text_copy(class_names != NULL ? class_names[i] : number, &dataset->class_names[i]));
    }
    return WEFT_OK;
}

enum weft_status dataset_finish(struct weft_dataset *dataset, size_t classes,
                                const char *const *class_names)
{
    TRY(check_features(dataset));
    if (dataset->labels == NULL)
        return WEFT_OK;
    if (classes > DATASET_MOST_CLASSES)
        return fail(WEFT_ERROR_DATA, "%s: classes: got %zu, need at most %d", dataset->name,
                    classes, (int)DATASET_MOST_CLASSES);
    TRY(check_labels(dataset, classes != 0 ? classes : DATASET_MOST_CLASSES));
    if (classes == 0)
        classes = largest_label(dataset) + 1;
    return set_class_names(dataset, classes, class_names);
}

enum weft_status dataset_fits(const struct weft_dataset *dataset, size_t features, size_t classes,
                              bool labelled)
{
    if (dataset->features != features)
        return fail(WEFT_ERROR_DATA, "%s: features of a sample: got %zu, need %zu", dataset->name,
                    dataset->features, features);
    if (labelled && dataset->labels == NULL)
        return fail(WEFT_ERROR_DATA, "%s: labels: got none, need one for each sample",
                    dataset->name);
    return dataset->labels != NULL ? check_labels(dataset, classes) : WEFT_OK;
}

/* ---- public ---- */

enum weft_status weft_dataset_create(size_t samples, size_t features, size_t classes,
                                     const float *x, const int32_t *labels,
                                     struct weft_dataset **dataset)
{
    assert(x != NULL || samples == 0 || features == 0);
    struct weft_dataset *made;
    *dataset = NULL;
    TRY(dataset_allocate("data set", samples, features, labels != NULL, &made));
    memcpy(made->x, x, samples * features * sizeof *x);
    if (labels != NULL)
        memcpy(made->labels, labels, samples * sizeof *labels);
    enum weft_status status = dataset_finish(made, classes, NULL);
    if (status == WEFT_OK)
        *dataset = made;
    else
        weft_dataset_destroy(made);
    return status;
}

enum weft_status weft_dataset_set_image(struct weft_dataset *dataset, size_t height, size_t width,
                                        size_t channels)
{
    size_t pixels = 0, numbers = 0;
    if (!size_multiply(height, width, &pixels) || !size_multiply(pixels, channels, &numbers) ||
        numbers != dataset->features)
        return fail(WEFT_ERROR_USAGE, "%s: images of %zux%zux%zu: got %zu features", dataset->name,
                    height, width, channels, dataset->features);
    dataset->height = height;
    dataset->width = width;
    dataset->channels = channels;
    return WEFT_OK;
}

void weft_dataset_get_info(const struct weft_dataset *dataset, struct weft_dataset_info *info)
{
    *info = (struct weft_dataset_info){
        .name = dataset->name,
        .samples = dataset->samples,
        .features = dataset->features,
        .classes = dataset->classes,
        .class_names = (const char *const *)dataset->class_names,
        .x = dataset->x,
        .labels = dataset->labels,
        .height = dataset->height,
        .width = dataset->width,
        .channels = dataset->channels,
    };
}

void weft_dataset_destroy(struct weft_dataset *dataset)
{
    if (dataset == NULL)
        return;
    for (size_t i = 0; dataset->class_names != NULL && i < dataset->classes; i++)
        memory_free(dataset->class_names[i]);
    memory_free(dataset->class_names);
    memory_free(dataset->labels);
    memory_free(dataset->x);
    memory_free(dataset->name);
    memory_free(dataset);
}
