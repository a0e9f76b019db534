/* A data set in memory or in a mapped file. Readers create it; splitting and training use it.
 *
 * Only the samples x may lie in a mapped file. Labels, targets and weights are always in memory, so
 * that a file that changes cannot invalidate a label that was checked. */
#ifndef WEFT_DATA_DATASET_H
#define WEFT_DATA_DATASET_H

#include "base/file_map.h"
#include "base/status.h"
#include "data/sample_rows.h"
#include "data/task.h"

/* A larger label indicates a damaged file. Such labels are rejected before names for all classes
 * are allocated. */
enum { DATASET_MOST_CLASSES = 65536 };

/* The rows that the columns of a packed table were not learned from: those that this split would
 * hold out. */
struct packed_split {
    double holdout; /* 0: none were left out */
    uint64_t seed;
    bool no_stratify;
};

struct weft_dataset {
    char *name;                     /* owned; for messages: a file, a folder or a known name */
    char *labels_name;              /* owned; the source of labels and targets for messages; NULL
                                       means `name` */
    size_t samples;                 /* N, at least 1 */
    size_t features;                /* D, at least 1 */
    size_t classes;                 /* C; 0 without labels and targets */
    float *x;                       /* [N][D] owned; finite. If `map` is set: NULL, or in the map
                                       and not to be written */
    int32_t *labels;                /* [N] owned, each 0..C-1; NULL without labels */
    float *targets;                 /* [N][C] owned; finite; NULL without targets */
    char **class_names;             /* [C] owned */
    size_t height, width, channels; /* shape of an image, whose product is D; 0 if the samples
                                       are not images */
    float *weights;                 /* [N] owned sample weights, at least 0; NULL: all are 1 */
    struct schema *schema;          /* shared: how the samples came from a table; NULL otherwise */
    struct kept_texts *kept;        /* owned: texts that go with the samples; or NULL */
    size_t unseen; /* samples that were left out because the model does not know their class */
    struct file_map *map; /* shared: the file that holds the samples, as x or as bytes; or NULL */
    const uint8_t *bytes; /* [rows][D] in the map, in place of x; or NULL */
    bool finite;          /* all samples are known to be finite, so they are not checked again */
    uint32_t *index;      /* [N] owned: with a map, sample i is row index[i]; NULL: row i */
    double *moments; /* [2][D] owned: means and variances of the features, which scale_fit would
                        compute; or NULL */
    bool packed;     /* weft pack has written the file */
    struct packed_split learned; /* of a packed table */
};

/* Allocates an empty data set for `samples` samples, with labels if `labels` is true. The caller
 * fills in x and the labels, or the targets from dataset_allocate_targets, and then calls
 * dataset_finish. Returns WEFT_ERROR_DATA if a size is 0 or too large. */
WEFT_MUST_CHECK enum weft_status dataset_allocate(const char *name, size_t samples, size_t features,
                                                  bool labels, struct weft_dataset **dataset);

/* Allocates `count` targets per sample in a data set without labels; `count` becomes its number of
 * classes. Returns WEFT_ERROR_DATA if `count` is 0 or too large. */
WEFT_MUST_CHECK enum weft_status dataset_allocate_targets(struct weft_dataset *dataset,
                                                          size_t count);

/* Sets the source of labels and targets to `path`, which error messages about them name. */
WEFT_MUST_CHECK enum weft_status dataset_name_labels(struct weft_dataset *dataset,
                                                     const char *path);

/* Returns the name that error messages about labels and targets use. */
static inline const char *dataset_labels_name(const struct weft_dataset *dataset)
{
    return dataset->labels_name != NULL ? dataset->labels_name : dataset->name;
}

/* Creates a data set whose samples are rows of `map`: floats from `x` on, or bytes from `bytes` on;
 * the other is NULL. The data set shares the map. The rest is as in dataset_allocate. */
WEFT_MUST_CHECK enum weft_status dataset_map(const char *name, size_t samples, size_t features,
                                             bool labels, struct file_map *map, const float *x,
                                             const uint8_t *bytes, struct weft_dataset **dataset);

/* Reads the samples of a mapped data set into memory. Does nothing if they are there. */
WEFT_MUST_CHECK enum weft_status dataset_load(struct weft_dataset *dataset);

/* Prepares a data set for leaving out samples. If it is mapped, it gets an index, which still lists
 * all samples; its texts get places. What is known about the samples as a whole is forgotten. */
WEFT_MUST_CHECK enum weft_status dataset_select(struct weft_dataset *dataset);

/* Check that all features or all targets are finite. Return WEFT_ERROR_DATA with their count and
 * the first position otherwise. dataset_finish calls them. */
WEFT_MUST_CHECK enum weft_status dataset_check_features(const struct weft_dataset *dataset);
WEFT_MUST_CHECK enum weft_status dataset_check_targets(const struct weft_dataset *dataset);

/* Releases the map. The data set then has no samples. */
void dataset_leave_map(struct weft_dataset *dataset);

/* Returns the samples, wherever they lie. */
static inline struct sample_rows dataset_rows(const struct weft_dataset *dataset)
{
    return (struct sample_rows){.features = dataset->features,
                                .x = dataset->x,
                                .bytes = dataset->bytes,
                                .index = dataset->index};
}

/* Checks the samples and sets the classes.
 *
 * If `classes` is 0, the number of classes is the largest label + 1. `class_names` [classes] are
 * copied; NULL names the classes by number. Returns WEFT_ERROR_DATA if a feature or target is not
 * finite (with their count and the first position), or if a label is outside 0..C-1.
 */
WEFT_MUST_CHECK enum weft_status dataset_finish(struct weft_dataset *dataset, size_t classes,
                                                const char *const *class_names);

/* Checks sample weights [N] for `dataset`. Returns WEFT_ERROR_DATA if one is negative or not
 * finite, or if all are 0. */
WEFT_MUST_CHECK enum weft_status dataset_check_weights(const struct weft_dataset *dataset,
                                                       const float *weights);

/* Tells whether the classes are named by their numbers, because nobody named them. */
bool dataset_classes_are_numbers(const struct weft_dataset *dataset);

/* The requirements of a model or a network for its data. */
struct dataset_needs {
    size_t features, classes;
    enum weft_task task;
    const char *const *class_names; /* [classes] borrowed; NULL: names are not compared */
    const struct schema *schema;    /* borrowed; NULL: columns are not compared */
};

/* Tells whether the classes correspond to those of `needs` by their positions, because nobody named
 * one side: its names are the positions, and the names of the data set are not other numbers. */
bool dataset_classes_by_position(const struct weft_dataset *dataset,
                                 const struct dataset_needs *needs);

/* Checks that the samples have the features that `needs` requires. If both come from tables, the
 * same columns must have become the same features. Returns WEFT_ERROR_DATA with both numbers
 * otherwise. */
WEFT_MUST_CHECK enum weft_status dataset_has_features(const struct weft_dataset *dataset,
                                                      const struct dataset_needs *needs);

/* Returns WEFT_ERROR_DATA for a data set without labels; `need` says what they are for. The message
 * about a folder of images says where its labels come from. */
WEFT_MUST_CHECK enum weft_status dataset_fail_unlabeled(const struct weft_dataset *dataset,
                                                        const char *need);

/* Checks that `dataset` has the features, and the labels or targets, that `needs` requires.
 *
 * For classification, labels must be below `classes`. Other tasks need `classes` targets per
 * sample, and for multilabel each target must be 0 or 1. Classes and targets must have the names
 * that the model knows, unless dataset_classes_by_position. Returns WEFT_ERROR_DATA with both
 * numbers or names otherwise.
 */
WEFT_MUST_CHECK enum weft_status dataset_fits(const struct weft_dataset *dataset,
                                              const struct dataset_needs *needs);

#endif
