/* weft_dataset.h: data sets from arrays, files and folders, and known data sets.
 *
 * CSV and TSV tables need weft_data.h, whose functions open data of every kind. The conventions of
 * weft.h apply here too. */
#ifndef WEFT_DATASET_H
#define WEFT_DATASET_H

#include "weft_options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A data set: N samples of D float32 features. Each sample has one label in 0..C-1
 * (classification), C targets (multilabel, regression), or neither (for prediction only). */
struct weft_dataset;

/* What a data set holds. Pointers are borrowed from the data set. */
struct weft_dataset_info {
    const char *name;                 /* the source of the samples, such as a file name */
    const char *labels_name;          /* the source of the labels or targets */
    size_t samples;                   /* N */
    size_t features;                  /* D */
    size_t classes;                   /* C; 0 without labels and targets */
    const char *const *class_names;   /* [C] */
    const float *x;                   /* [N][D] features before scaling; NULL if the samples stayed
                                         in a file because of `map` of the data options. In that
                                         case, use weft_dataset_read */
    const int32_t *labels;            /* [N] labels, or NULL */
    const float *targets;             /* [N][C], or NULL */
    size_t height, width, channels;   /* size of each image; 0 if the samples are not images */
    const float *weights;             /* [N] sample weights, or NULL if all are 1 */
    const char *const *feature_names; /* [D] if the data is a table, otherwise NULL */
    size_t unseen;       /* number of samples that were left out because the data was opened for a
                            model that does not know their class. Scores count each of them as a
                            wrong prediction */
    bool task_known;     /* true: the data set has labels or targets, so `task` is valid */
    enum weft_task task; /* classify for labels; multilabel for several targets that are all 0 or 1;
                            regress for other targets */
};

/* Opens data. `what` is the name of a known data set ("fashion-mnist", "xor") or the path of a file
 * or folder. A folder holds one subfolder of images per class, images without classes, or four IDX
 * files named like the files of MNIST. A file is an NPY, NPZ or LIBSVM file, or an IDX file
 * of samples without labels. CSV and TSV files need weft_data_open. Weft looks for known data sets
 * in the folders $WEFT_DATA, ./data, ~/.local/share (or $XDG_DATA_HOME) and /usr/share/datasets.
 *
 * train, test   receive the training set and the test set. If you do not need one of them, pass
 *               NULL for it. `*test` becomes NULL if the data has no test set.
 *
 * Returns WEFT_ERROR_IO for an unknown name or an unreadable file, and WEFT_ERROR_DATA for a file
 * with invalid contents. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_open(const char *what,
                                                            struct weft_dataset **train,
                                                            struct weft_dataset **test);

/* Receives the path of a file. */
typedef void weft_file_function(void *user, const char *path);

/* Lists the existing files that weft_dataset_open would read. With this list, a program can avoid
 * overwriting them.
 *
 * function   receives each path
 * user       passed to `function` */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_files(const char *what,
                                                             weft_file_function *function,
                                                             void *user);

/* Reads samples and their labels or targets from a pair of IDX files, plain or gzipped. The second
 * file holds labels if it is one-dimensional and its numbers are integers. Otherwise, it holds
 * targets.
 *
 * labels   path of the second file; NULL: no labels and no targets
 *
 * Errors are those of weft_dataset_open. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_read_idx(const char *images,
                                                                const char *labels,
                                                                struct weft_dataset **dataset);

/* Creates a data set for classification from arrays, which are copied.
 *
 * x         [N][D] features
 * labels    [N] labels in 0..C-1; NULL: no labels, for prediction only
 * classes   C; 0: C is the largest label + 1. The names of the classes are their numbers
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
 * targets   [N][outputs] numbers for regression, or labels (0 or 1) for multilabel. The names of
 *           the outputs are their numbers, from 0
 *
 * Returns WEFT_ERROR_DATA if there are no samples or no outputs, or if a number is not finite. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_create_targets(
    size_t samples, size_t features, size_t outputs, const float *x, const float *targets,
    struct weft_dataset **dataset);

/* Generates a data set for classification. Features are uniform between -1 and 1. The class of a
 * sample is the index of the largest of its first C features; if D < C, the class is random. Every
 * machine generates the same numbers.
 *
 * Returns WEFT_ERROR_USAGE if there are no samples or features, if there are fewer than two
 * classes, or if a size overflows. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_synthetic(size_t samples, size_t features,
                                                                 size_t classes, uint64_t seed,
                                                                 struct weft_dataset **dataset);

/* Generates a data set with `outputs` targets per sample. Its features are the same as those of
 * weft_dataset_synthetic. For WEFT_TASK_MULTILABEL, label c is 1 if feature c mod D is positive,
 * otherwise 0. For WEFT_TASK_REGRESS, target c is the product of two features: c mod D and (c + 1)
 * mod D. Labels, targets and features are counted from 0.
 *
 * Returns WEFT_ERROR_USAGE if there are no samples, features or outputs, if `task` is
 * WEFT_TASK_CLASSIFY, or if a size overflows. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_synthetic_targets(
    size_t samples, size_t features, size_t outputs, enum weft_task task, uint64_t seed,
    struct weft_dataset **dataset);

/* Splits a data set at random: `*holdout` receives round(fraction * N) samples, and `*rest`
 * receives the others. The samples are copied, and keep their order. `seed` is the random seed of
 * the split.
 *
 * Returns WEFT_ERROR_USAGE if either of these sets would be empty. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_holdout(const struct weft_dataset *dataset,
                                                               double fraction, uint64_t seed,
                                                               struct weft_dataset **rest,
                                                               struct weft_dataset **holdout);

/* Splits a data set as weft_dataset_holdout does, but class by class, so that both sets have nearly
 * the same proportions of classes. Each class keeps at least one sample in `*rest`. If a class has
 * two or more samples, at least one goes to `*holdout`, provided that `*holdout` is large enough.
 * If the data set has no labels, this function does the same as weft_dataset_holdout. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_holdout_stratified(
    const struct weft_dataset *dataset, double fraction, uint64_t seed, struct weft_dataset **rest,
    struct weft_dataset **holdout);

/* Sets sample weights. In training, the weight of a sample multiplies its loss and its gradient, as
 * a class weight does. Mean losses are still divided by the number of samples, not by the sum of
 * the weights. A sample of weight 2 adds as much to the gradient as two equal samples of weight 1.
 * Feature scaling, scores and validation ignore sample weights.
 *
 * weights   [N] weights, at least 0, not all 0; they are copied. NULL: remove all weights
 *
 * Returns WEFT_ERROR_DATA for invalid weights. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_weights(struct weft_dataset *dataset,
                                                                   const float *weights);

/* Sets the names of the classes, labels or outputs.
 *
 * names   [C] distinct UTF-8 texts, copied */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_class_names(struct weft_dataset *dataset,
                                                                       const char *const *names);

/* Declares that each sample is an image [height][width][channels]. Data sets that Weft read from
 * image files need no such call.
 *
 * Returns WEFT_ERROR_USAGE unless height * width * channels == D. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_image(struct weft_dataset *dataset,
                                                                 size_t height, size_t width,
                                                                 size_t channels);

/* Describes a data set. */
WEFT_API void weft_dataset_get_info(const struct weft_dataset *dataset,
                                    struct weft_dataset_info *info);

/* Opens a file that weft_pack wrote, and maps it: the samples stay in the file, and are read when
 * they are needed. For other kinds of files, set `map` of the data options and call weft_data_open.
 * Returns WEFT_ERROR_DATA if the file is damaged, or if weft_pack did not write it. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_map(const char *path,
                                                           struct weft_dataset **dataset);

/* Copies the features, before scaling, of `count` samples to x [count][D]. The first of them is
 * sample `first`, counted from 0. This function works for all data sets, mapped or not. Returns
 * WEFT_ERROR_USAGE if the data set has fewer than `first` + `count` samples. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_read(const struct weft_dataset *dataset,
                                                            size_t first, size_t count, float *x);

/* Releases a data set. */
WEFT_API void weft_dataset_destroy(struct weft_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
