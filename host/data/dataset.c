/* Creates, checks, describes and destroys data sets.
 *
 * Every finished data set is valid: it has at least one sample, finite features, and labels within
 * its classes. Later code relies on this and does not check again.
 */
#include "data/dataset.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/kept_texts.h"
#include "data/lookup.h"
#include "data/schema.h"

/* Allocates the samples, unless they lie in a map. */
static enum weft_status allocate_members(struct weft_dataset *dataset, const char *name,
                                         bool labels)
{
    size_t numbers;
    if (!size_multiply(dataset->samples, dataset->features, &numbers))
        return memory_exhausted(dataset->samples, dataset->features);
    TRY(text_copy(name, &dataset->name));
    if (dataset->map == NULL)
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

static enum weft_status allocate(const char *name, size_t samples, size_t features, bool labels,
                                 struct file_map *map, struct weft_dataset **dataset)
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
    made->map = file_map_share(map);
    enum weft_status status = allocate_members(made, name, labels);
    if (status == WEFT_OK)
        *dataset = made;
    else
        weft_dataset_destroy(made);
    return status;
}

enum weft_status dataset_allocate(const char *name, size_t samples, size_t features, bool labels,
                                  struct weft_dataset **dataset)
{
    return allocate(name, samples, features, labels, NULL, dataset);
}

enum weft_status dataset_map(const char *name, size_t samples, size_t features, bool labels,
                             struct file_map *map, const float *x, const uint8_t *bytes,
                             struct weft_dataset **dataset)
{
    TRY(allocate(name, samples, features, labels, map, dataset));
    (*dataset)->x = (float *)(uintptr_t)x; /* nobody writes to a map */
    (*dataset)->bytes = bytes;
    return WEFT_OK;
}

/* ---- checks ---- */

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

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; names != NULL && i < count; i++)
        memory_free(names[i]);
    memory_free(names);
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
    TRY(dataset_check_features(dataset));
    if (dataset->targets != NULL) {
        TRY(dataset_check_targets(dataset));
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

/* ---- requirements ---- */

enum weft_status dataset_fail_unlabeled(const struct weft_dataset *dataset, const char *need)
{
    const bool files = dataset->height > 0 && dataset->kept != NULL; /* a folder of images */
    return fail(WEFT_ERROR_DATA, "%s: labels: got none, %s", dataset->name,
                files ? "need a folder of images for each class" : need);
}

/* Tells whether the classes are named by their numbers, because nobody named them. */
static bool names_are_numbers(const char *const *names, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", c);
        if (strcmp(names[c], number) != 0)
            return false;
    }
    return true;
}

bool dataset_classes_are_numbers(const struct weft_dataset *dataset)
{
    return names_are_numbers((const char *const *)dataset->class_names, dataset->classes);
}

static bool any_number(const char *const *names, size_t count)
{
    double number;
    for (size_t c = 0; c < count; c++)
        if (number_from_text(names[c], &number))
            return true;
    return false;
}

bool dataset_classes_by_position(const struct weft_dataset *dataset,
                                 const struct dataset_needs *needs)
{
    const char *const *names = (const char *const *)dataset->class_names;
    return dataset_classes_are_numbers(dataset) ||
           (names_are_numbers(needs->class_names, needs->classes) &&
            !any_number(names, dataset->classes));
}

static bool same_name(const struct weft_dataset *dataset, const struct dataset_needs *needs,
                      size_t class)
{
    return class < needs->classes && class < dataset->classes &&
           strcmp(dataset->class_names[class], needs->class_names[class]) == 0;
}

/* Checks that the classes of all samples, or all targets, have the names that the model knows.
 * Otherwise, a test set whose classes are in another order would be scored wrongly. Classes that
 * nobody named have no names to compare. */
static enum weft_status names_fit(const struct weft_dataset *dataset,
                                  const struct dataset_needs *needs)
{
    const char *const *names = (const char *const *)dataset->class_names;
    const size_t count = dataset->labels != NULL ? dataset->samples : dataset->classes;
    if (needs->class_names == NULL || dataset_classes_by_position(dataset, needs))
        return WEFT_OK;
    for (size_t i = 0; i < count; i++) {
        const size_t class = dataset->labels != NULL ? (size_t)dataset->labels[i] : i;
        if (!same_name(dataset, needs, class))
            return fail(WEFT_ERROR_DATA,
                        "%s: %s %zu is \"%.64s\", for the model it is \"%.64s\"; read or pack "
                        "these data as "
                        "the model or its training set has them",
                        dataset_labels_name(dataset), dataset->labels != NULL ? "class" : "target",
                        class, names[class],
                        class < needs->classes ? needs->class_names[class] : "unknown");
    }
    return WEFT_OK;
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
    TRY(names_fit(dataset, needs));
    return needs->task == WEFT_TASK_MULTILABEL ? check_binary(dataset) : WEFT_OK;
}

enum weft_status dataset_has_features(const struct weft_dataset *dataset,
                                      const struct dataset_needs *needs)
{
    if (dataset->features != needs->features)
        return fail(WEFT_ERROR_DATA, "%s: features of a sample: got %zu, the model needs %zu",
                    dataset->name, dataset->features, needs->features);
    if (needs->schema != NULL && dataset->schema != NULL &&
        !schema_equal(needs->schema, dataset->schema))
        return fail(
            WEFT_ERROR_DATA,
            "%s: the columns, their fill values or their categories differ from those of the "
            "training set; packed data fits after weft pack --schema-from MODEL",
            dataset->name);
    return WEFT_OK;
}

enum weft_status dataset_fits(const struct weft_dataset *dataset, const struct dataset_needs *needs)
{
    TRY(dataset_has_features(dataset, needs));
    if (needs->task != WEFT_TASK_CLASSIFY)
        return targets_fit(dataset, needs);
    if (dataset->targets != NULL)
        return fail(WEFT_ERROR_DATA,
                    "%s: labels: got %zu targets for each sample, task classify needs one label: "
                    "whole numbers of one dimension",
                    dataset_labels_name(dataset), dataset->classes);
    if (dataset->labels == NULL)
        return dataset_fail_unlabeled(dataset, "need one for each sample");
    TRY(check_labels(dataset, needs->classes));
    return names_fit(dataset, needs);
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

/* Copies distinct names; see lookup.h for the search. */
static enum weft_status copy_names(const struct lookup *lookup, const char *const *names,
                                   size_t count, char **copies)
{
    for (size_t c = 0; c < count; c++) {
        const uint32_t first = lookup_text(lookup, names[c]);
        if (first != c)
            return fail(WEFT_ERROR_USAGE, "class names: %lu and %zu are both \"%.64s\"",
                        (unsigned long)first, c, names[c]);
        TRY(text_copy(names[c], &copies[c]));
    }
    return WEFT_OK;
}

static enum weft_status copy_distinct_names(const char *const *names, size_t count, char **copies)
{
    struct lookup lookup;
    TRY(lookup_init(&lookup, names, count, false));
    const enum weft_status status = copy_names(&lookup, names, count, copies);
    lookup_reset(&lookup);
    return status;
}

enum weft_status weft_dataset_set_class_names(struct weft_dataset *dataset,
                                              const char *const *names)
{
    char **copies; /* [C] */
    TRY(NEW_ARRAY(copies, dataset->classes));
    const enum weft_status status = copy_distinct_names(names, dataset->classes, copies);
    if (status != WEFT_OK) {
        free_names(copies, dataset->classes);
        return status;
    }
    free_names(dataset->class_names, dataset->classes);
    dataset->class_names = copies;
    return WEFT_OK;
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

/* Finds the task of the labels or targets. Returns false if there are none. */
static bool dataset_task(const struct weft_dataset *dataset, enum weft_task *task)
{
    const size_t count = dataset->targets != NULL ? dataset->samples * dataset->classes : 0;
    bool labels = dataset->classes > 1;
    for (size_t i = 0; i < count && labels; i++)
        labels = dataset->targets[i] == 0.0f || dataset->targets[i] == 1.0f;
    *task = dataset->labels != NULL ? WEFT_TASK_CLASSIFY
            : labels                ? WEFT_TASK_MULTILABEL
                                    : WEFT_TASK_REGRESS;
    if (dataset->schema != NULL)
        *task = dataset->schema->task;
    return dataset->labels != NULL || dataset->targets != NULL;
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
        .x = dataset->index == NULL ? dataset->x : NULL,
        .labels = dataset->labels,
        .targets = dataset->targets,
        .height = dataset->height,
        .width = dataset->width,
        .channels = dataset->channels,
        .weights = dataset->weights,
        .unseen = dataset->unseen,
    };
    info->task_known = dataset_task(dataset, &info->task);
    if (dataset->schema != NULL)
        info->feature_names = (const char *const *)dataset->schema->feature_names;
}

void weft_dataset_destroy(struct weft_dataset *dataset)
{
    if (dataset == NULL)
        return;
    free_names(dataset->class_names, dataset->classes);
    schema_release(dataset->schema);
    kept_texts_destroy(dataset->kept);
    memory_free(dataset->weights);
    memory_free(dataset->targets);
    memory_free(dataset->labels);
    memory_free(dataset->moments);
    if (dataset->map == NULL)
        memory_free(dataset->x);
    dataset_leave_map(dataset);
    memory_free(dataset->name);
    memory_free(dataset->labels_name);
    memory_free(dataset);
}
