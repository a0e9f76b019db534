/* Creates, checks, describes and destroys data sets.
 *
 * Every finished data set is valid: it has at least one sample, finite features, and labels within
 * its classes. Later code relies on this and does not check again.
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

enum weft_status dataset_allocate_targets(struct weft_dataset *dataset, size_t count)
{
    size_t numbers;
    if (count == 0 || count > DATASET_MOST_CLASSES)
        return fail(WEFT_ERROR_DATA, "%s: targets of a sample: got %zu, need 1 to %d",
                    dataset->name, count, (int)DATASET_MOST_CLASSES);
    if (!size_multiply(dataset->samples, count, &numbers))
        return memory_exhausted(dataset->samples, count);
    dataset->classes = count;
    return NEW_ARRAY(dataset->targets, numbers);
}

enum weft_status dataset_name_labels(struct weft_dataset *dataset, const char *path)
{
    return text_copy(path, &dataset->labels_name);
}

enum weft_status dataset_allocate(const char *name, size_t samples, size_t features, bool labels,
                                  struct weft_dataset **dataset)
{
    *dataset = NULL;
    if (samples == 0 || samples > UINT32_MAX) /* The order of the samples uses 32-bit indices. */
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

/* Reports the first number of `values` [N][columns] that is not finite. `what` is "feature" or
 * "target". */
static enum weft_status fail_not_finite(const char *name, const float *values, size_t columns,
                                        const char *what, size_t count)
{
    size_t first = 0;
    while (isfinite(values[first]))
        first++;
    return fail(WEFT_ERROR_DATA,
                "%s: sample %zu, %s %zu: got %s, need a finite number (%zu such %s%s)", name,
                first / columns, what, first % columns,
                isnan(values[first])   ? "nan"
                : values[first] > 0.0f ? "inf"
                                       : "-inf",
                count, what, count == 1 ? "" : "s, this is the first");
}

static enum weft_status check_finite(const char *name, const float *values, size_t samples,
                                     size_t columns, const char *what)
{
    size_t count = 0;
    for (size_t i = 0; i < samples * columns; i++)
        count += !(fabsf(values[i]) <= FLT_MAX); /* isfinite in a form that vectorizes */
    return count == 0 ? WEFT_OK : fail_not_finite(name, values, columns, what, count);
}

/* Checks that every label is in 0 .. classes - 1. */
static enum weft_status check_labels(const struct weft_dataset *dataset, size_t classes)
{
    for (size_t i = 0; i < dataset->samples; i++)
        if (dataset->labels[i] < 0 || (size_t)dataset->labels[i] >= classes)
            return fail(WEFT_ERROR_DATA, "%s: sample %zu: label: got %ld, need 0 to %zu",
                        dataset_labels_name(dataset), i, (long)dataset->labels[i], classes - 1);
    return WEFT_OK;
}

/* Checks that every target is 0 or 1. */
static enum weft_status check_binary(const struct weft_dataset *dataset)
{
    const size_t columns = dataset->classes;
    for (size_t i = 0; i < dataset->samples * columns; i++)
        if (dataset->targets[i] != 0.0f && dataset->targets[i] != 1.0f)
            return fail(WEFT_ERROR_DATA,
                        "%s: sample %zu, label %zu: got %g, task multilabel needs 0 or 1",
                        dataset_labels_name(dataset), i / columns, i % columns,
                        (double)dataset->targets[i]);
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
    const char *labels_name = dataset_labels_name(dataset);
    TRY(check_finite(dataset->name, dataset->x, dataset->samples, dataset->features, "feature"));
    if (dataset->targets != NULL) {
        TRY(check_finite(labels_name, dataset->targets, dataset->samples, dataset->classes,
                         "target"));
        return set_class_names(dataset, dataset->classes, class_names);
    }
    if (dataset->labels == NULL)
        return WEFT_OK;
    if (classes > DATASET_MOST_CLASSES)
        return fail(WEFT_ERROR_DATA, "%s: classes: got %zu, need at most %d", labels_name, classes,
                    (int)DATASET_MOST_CLASSES);
    TRY(check_labels(dataset, classes != 0 ? classes : DATASET_MOST_CLASSES));
    if (classes == 0)
        classes = largest_label(dataset) + 1;
    return set_class_names(dataset, classes, class_names);
}

static enum weft_status targets_fit(const struct weft_dataset *dataset,
                                    const struct dataset_needs *needs)
{
    if (dataset->targets == NULL)
        return fail(WEFT_ERROR_DATA,
                    "%s: targets: got %s, task %s needs numbers of two dimensions, or of one and "
                    "floating-point",
                    dataset_labels_name(dataset),
                    dataset->labels != NULL ? "one label each" : "none", task_name(needs->task));
    if (dataset->classes != needs->classes)
        return fail(WEFT_ERROR_DATA, "%s: targets of a sample: got %zu, the model needs %zu",
                    dataset_labels_name(dataset), dataset->classes, needs->classes);
    return needs->task == WEFT_TASK_MULTILABEL ? check_binary(dataset) : WEFT_OK;
}

enum weft_status dataset_has_features(const struct weft_dataset *dataset, size_t features)
{
    if (dataset->features != features)
        return fail(WEFT_ERROR_DATA, "%s: features of a sample: got %zu, the model needs %zu",
                    dataset->name, dataset->features, features);
    return WEFT_OK;
}

enum weft_status dataset_fits(const struct weft_dataset *dataset, const struct dataset_needs *needs)
{
    TRY(dataset_has_features(dataset, needs->features));
    if (needs->task != WEFT_TASK_CLASSIFY)
        return targets_fit(dataset, needs);
    if (dataset->targets != NULL)
        return fail(WEFT_ERROR_DATA,
                    "%s: labels: got %zu targets for each sample, task classify needs one label: "
                    "whole numbers of one dimension",
                    dataset_labels_name(dataset), dataset->classes);
    if (dataset->labels == NULL)
        return fail(WEFT_ERROR_DATA, "%s: labels: got none, need one for each sample",
                    dataset->name);
    return check_labels(dataset, needs->classes);
}

/* ---- public functions ---- */

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

static enum weft_status fill_targets(struct weft_dataset *dataset, size_t outputs, const float *x,
                                     const float *targets)
{
    TRY(dataset_allocate_targets(dataset, outputs));
    memcpy(dataset->x, x, dataset->samples * dataset->features * sizeof *x);
    memcpy(dataset->targets, targets, dataset->samples * outputs * sizeof *targets);
    return dataset_finish(dataset, outputs, NULL);
}

enum weft_status weft_dataset_create_targets(size_t samples, size_t features, size_t outputs,
                                             const float *x, const float *targets,
                                             struct weft_dataset **dataset)
{
    *dataset = NULL;
    TRY(dataset_allocate("data set", samples, features, false, dataset));
    const enum weft_status status = fill_targets(*dataset, outputs, x, targets);
    if (status != WEFT_OK) {
        weft_dataset_destroy(*dataset);
        *dataset = NULL;
    }
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
        .labels_name = dataset_labels_name(dataset),
        .samples = dataset->samples,
        .features = dataset->features,
        .classes = dataset->classes,
        .class_names = (const char *const *)dataset->class_names,
        .x = dataset->x,
        .labels = dataset->labels,
        .targets = dataset->targets,
        .height = dataset->height,
        .width = dataset->width,
        .channels = dataset->channels,
        .weights = dataset->weights,
    };
}

void weft_dataset_destroy(struct weft_dataset *dataset)
{
    if (dataset == NULL)
        return;
    for (size_t i = 0; dataset->class_names != NULL && i < dataset->classes; i++)
        memory_free(dataset->class_names[i]);
    memory_free(dataset->class_names);
    memory_free(dataset->weights);
    memory_free(dataset->targets);
    memory_free(dataset->labels);
    memory_free(dataset->x);
    memory_free(dataset->name);
    memory_free(dataset->labels_name);
    memory_free(dataset);
}
