/* weft_dataset.h: data sets from arrays, IDX files and known data sets.
 *
 * Tables need weft_data.h, which also opens everything else. The conventions of weft.h apply here
 * too. */
#ifndef WEFT_DATASET_H
#define WEFT_DATASET_H

#include "weft_options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A data set: N samples of D float32 features. Each sample has a label 0..C-1 (classification), C
 * targets (multilabel, regression), or neither (prediction only). */
struct weft_dataset;

/* What a data set holds. Pointers are borrowed from the data set. */
struct weft_dataset_info {
    const char *name;                 /* the source of the samples, such as a file name */
    const char *labels_name;          /* the source of the labels or targets */
    size_t samples;                   /* N */
    size_t features;                  /* D */
    size_t classes;                   /* C; 0 without labels and targets */
    const char *const *class_names;   /* [C] */
    const float *x;                   /* [N][D], before scaling; NULL if `map` of the data options
                                         left the samples in a file: use weft_dataset_read */
    const int32_t *labels;            /* [N], or NULL */
    const float *targets;             /* [N][C], or NULL */
    size_t height, width, channels;   /* of images; otherwise 0 */
    const float *weights;             /* [N] sample weights, or NULL if all are 1 */
    const char *const *feature_names; /* [D] if the data is a table, otherwise NULL */
    size_t unseen;       /* number of samples that are missing here because the model for which
                            the data was opened does not know their class. Scores count each of
                            them as a wrong prediction */
    bool task_known;     /* the data set has labels or targets, so `task` is valid */
    enum weft_task task; /* classify for labels, multilabel for several columns of 0 and 1, regress
                            for other numbers */
};

/* Opens a known data set ("fashion-mnist", "xor"), a folder with the four IDX files of MNIST, or a
 * folder of images with one subfolder per class. It also opens an NPY, NPZ or LIBSVM file, and one
 * IDX file of samples without labels. Weft looks for known data sets in $WEFT_DATA, ./data, the XDG
 * data folder and /usr/share/datasets. CSV and TSV files need weft_data_open.
 *
 * train, test   receive the two sets; either may be NULL if it is not needed. `*test` becomes NULL
 *               if the data has no test set.
 *
 * Returns WEFT_ERROR_IO for an unknown name or an unreadable file, and WEFT_ERROR_DATA for a file
 * with invalid contents. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_open(const char *what,
                                                            struct weft_dataset **train,
                                                            struct weft_dataset **test);

/* Receives the path of a file. */
typedef void weft_file_function(void *user, const char *path);

/* Lists the existing files that weft_dataset_open would read, so that a program can avoid
 * overwriting them.
 *
 * function   receives each path
 * user       passed to `function` */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_files(const char *what,
                                                             weft_file_function *function,
                                                             void *user);

/* Reads a pair of IDX files, plain or gzipped. The second file has labels if it is one-dimensional
 * and holds integers. Otherwise, it has targets.
 *
 * labels   may be NULL
 *
 * Errors are those of weft_dataset_open. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_read_idx(const char *images,
                                                                const char *labels,
                                                                struct weft_dataset **dataset);

/* Creates a data set for classification from arrays, which are copied.
 *
 * x         [N][D] features
 * labels    [N] in 0..C-1, or NULL for prediction only
 * classes   C, or 0 for the largest label + 1; the classes are named by their numbers
 *
 * Returns WEFT_ERROR_DATA if there are no samples, a feature is not finite, or a label is not in
 * 0..C-1. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_create(size_t samples, size_t features,
                                                              size_t classes, const float *x,
                                                              const int32_t *labels,
                                                              struct weft_dataset **dataset);

/* Creates a data set for multilabel or regression from arrays, which are copied.
 *
 * x         [N][D] features
 * targets   [N][outputs] numbers, or labels that are each 0 or 1; the outputs are named 0, 1, ...
 *
 * Returns WEFT_ERROR_DATA if there are no samples or targets, or a number is not finite. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_create_targets(
    size_t samples, size_t features, size_t outputs, const float *x, const float *targets,
    struct weft_dataset **dataset);

/* Generates a data set for classification. Features are uniform(-1, 1). The class is the index of
 * the largest of the first C features, or random if D < C. Every machine generates the same
 * numbers.
 *
 * Returns WEFT_ERROR_USAGE if there are no samples or features, if there are fewer than two
 * classes, or if a size overflows. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_synthetic(size_t samples, size_t features,
                                                                 size_t classes, uint64_t seed,
                                                                 struct weft_dataset **dataset);

/* Generates a data set with the features of weft_dataset_synthetic and `outputs` targets per
 * sample. For WEFT_TASK_MULTILABEL, label c is 1 if the feature with index c mod D is
 * positive. For WEFT_TASK_REGRESS, target c is the product of the features with the indexes c mod D
 * and (c + 1) mod D.
 *
 * Returns WEFT_ERROR_USAGE if there are no samples, features or outputs, if `task` is
 * WEFT_TASK_CLASSIFY, or if a size overflows. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_synthetic_targets(
    size_t samples, size_t features, size_t outputs, enum weft_task task, uint64_t seed,
    struct weft_dataset **dataset);

/* Splits a data set at random: `holdout` receives round(fraction * N) samples, and `rest` receives
 * the others. Both are copies and keep the order of the samples.
 *
 * Returns WEFT_ERROR_USAGE if one of the sets would be empty. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_holdout(const struct weft_dataset *dataset,
                                                               double fraction, uint64_t seed,
                                                               struct weft_dataset **rest,
                                                               struct weft_dataset **holdout);

/* Splits a data set as weft_dataset_holdout does, but class by class, so that both sets have the
 * same proportions of classes. Each class has at least one sample in `rest`. A class of two or more
 * samples also has one in `holdout`, if `holdout` is large enough. Without labels, the two
 * functions do the same thing. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_holdout_stratified(
    const struct weft_dataset *dataset, double fraction, uint64_t seed, struct weft_dataset **rest,
    struct weft_dataset **holdout);

/* Sets sample weights. In training, the weight of a sample multiplies its loss and its gradient,
 * like a class weight. Means still divide by the number of samples. A sample of weight 2 adds as
 * much to the gradient as two equal samples. Feature scaling, scores and validation ignore the
 * weights.
 *
 * weights   [N] at least 0, not all 0; copied; NULL removes them
 *
 * Returns WEFT_ERROR_DATA for invalid weights. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_weights(struct weft_dataset *dataset,
                                                                   const float *weights);

/* Sets the names of the classes, labels or outputs.
 *
 * names   [C] distinct UTF-8 texts, copied */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_class_names(struct weft_dataset *dataset,
                                                                       const char *const *names);

/* Declares that each sample is an image [height][width][channels]. Data sets that were read from
 * image files need no such call.
 *
 * Returns WEFT_ERROR_USAGE unless height * width * channels == D. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_image(struct weft_dataset *dataset,
                                                                 size_t height, size_t width,
                                                                 size_t channels);

/* Describes a data set. */
WEFT_API void weft_dataset_get_info(const struct weft_dataset *dataset,
                                    struct weft_dataset_info *info);

/* Maps a file of weft_pack. weft_data_open with `map` does the same for each kind of file that can
 * be mapped. Returns WEFT_ERROR_DATA if the file is damaged, or if weft_pack did not write it. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_map(const char *path,
                                                           struct weft_dataset **dataset);

/* Copies `count` samples, from sample `first` on, to x [count][D], before scaling. The first sample
 * is sample 0. This function works for all data sets. Returns WEFT_ERROR_USAGE if there are fewer
 * samples. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_read(const struct weft_dataset *dataset,
                                                            size_t first, size_t count, float *x);

/* Releases a data set. */
WEFT_API void weft_dataset_destroy(struct weft_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
