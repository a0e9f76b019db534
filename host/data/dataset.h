/* A data set in memory: what readers make, and what splitting and training take. */
#ifndef WEFT_DATA_DATASET_H
#define WEFT_DATA_DATASET_H

#include "base/status.h"
#include "data/task.h"

/* A label above this is a damaged file, not a class: refused before names are made for them all. */
enum { DATASET_MOST_CLASSES = 65536 };

struct weft_dataset {
    char *name;                     /* owned; for messages: a file, a folder or a known name */
    char *labels_name;              /* owned; the same of labels and targets; NULL: `name` */
    size_t samples;                 /* N, at least 1 */
    size_t features;                /* D, at least 1 */
    size_t classes;                 /* C; 0 without labels and targets */
    float *x;                       /* [N][D] owned; finite */
    int32_t *labels;                /* [N] owned, each 0..C-1; NULL without labels */
    float *targets;                 /* [N][C] owned; finite; NULL without targets */
    char **class_names;             /* [C] owned */
    size_t height, width, channels; /* of images, whose product is D; 0: no images */
};

/* An empty data set with room for the samples; labels only where asked. The caller fills x and
 * labels, or what dataset_allocate_targets adds, then calls dataset_finish. */
WEFT_MUST_CHECK enum weft_status dataset_allocate(const char *name, size_t samples, size_t features,
                                                  bool labels, struct weft_dataset **dataset);

/* Room for `count` targets of each sample of a data set without labels, which become its classes.
 */
WEFT_MUST_CHECK enum weft_status dataset_allocate_targets(struct weft_dataset *dataset,
                                                          size_t count);

/* Labels and targets come from `path`, which is at fault where they are. */
WEFT_MUST_CHECK enum weft_status dataset_name_labels(struct weft_dataset *dataset,
                                                     const char *path);

/* What to name where labels or targets are wrong. */
static inline const char *dataset_labels_name(const struct weft_dataset *dataset)
{
    return dataset->labels_name != NULL ? dataset->labels_name : dataset->name;
}

/* Checks what was filled in and sets the classes: `classes` 0 means the largest label + 1.
 * `class_names` [classes] are copied; NULL names classes by number.
 * WEFT_ERROR_DATA: a feature or a target not finite (count, first position), a label outside
 * 0..C-1. */
WEFT_MUST_CHECK enum weft_status dataset_finish(struct weft_dataset *dataset, size_t classes,
                                                const char *const *class_names);

/* What a model or a network wants of the data. */
struct dataset_needs {
    size_t features, classes;
    enum weft_task task;
};

/* WEFT_ERROR_DATA, with both numbers, unless the samples have so many features. */
WEFT_MUST_CHECK enum weft_status dataset_has_features(const struct weft_dataset *dataset,
                                                      size_t features);

/* WEFT_ERROR_DATA unless `dataset` has these features and the task's labels or targets: labels
 * below `classes`, or so many targets, of multilabel each 0 or 1; the error gives both numbers. */
WEFT_MUST_CHECK enum weft_status dataset_fits(const struct weft_dataset *dataset,
                                              const struct dataset_needs *needs);

#endif
