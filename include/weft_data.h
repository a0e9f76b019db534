/* weft_data.h: functions that read, describe and pack data of any kind, above all tables.
 *
 * The conventions of weft.h apply here too. docs/tables.md explains how a table becomes a data
 * set. */
#ifndef WEFT_DATA_H
#define WEFT_DATA_H

#include "weft_dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weft_model; /* see weft_model.h */

/* What replaces missing numbers. The mean and the median are those of the training set. */
enum weft_impute {
    WEFT_IMPUTE_MEAN,
    WEFT_IMPUTE_MEDIAN,
    WEFT_IMPUTE_NONE /* nothing; a missing number is an error */
};

/* How data is read, and what the columns of a table mean. If a member is NULL, 0 or false, Weft
 * detects a value or uses a default. Strings are borrowed. A string that gives several columns
 * or words separates them by commas. A column is given by its name or, if no column has that name,
 * by its number, counted from 1. New versions add members at the end.
 *
 * Weft decides from the training set what to do with each column: the meaning of the column. A
 * column of numbers becomes one feature. A text column becomes one feature for each category, that
 * is, for each distinct value. If a column has more than 9 categories, its rare categories share
 * one feature. Weft leaves out columns of dates or free text, columns with a single value, and text
 * columns whose values all differ. A note reports each column that is left out. */
struct weft_data_options {
    size_t size; /* size of this struct; weft_data_options_init sets it */

    /* Columns of a table. */
    const char *target;      /* one or more columns to predict */
    const char *ignore;      /* columns to leave out */
    const char *id;          /* a column that identifies each sample; its text is kept for printing
                                with predictions */
    const char *weight;      /* a column of sample weights */
    const char *categorical; /* columns to read as categories, even if they hold numbers */
    const char *keep;        /* more columns whose text is kept, for printing with predictions or
                                for grouping samples; see weft_stream_text and weft_dataset_text */
    bool task_given;         /* true: use `task`; false: the target columns decide the task. Several
                                columns of 0 and 1 mean multilabel. One column of text, or of 0 and
                                1, means classify. One column of at most 20 distinct whole numbers,
                                each of which occurs at least 5 times, also means classify. Other
                                numbers mean regress */
    enum weft_task task;
    enum weft_impute impute;
    bool strict; /* true: a category that the training set does not have is an error; false: it is
                    treated like a rare category, and a note reports it */

    /* Text files: CSV and similar formats. */
    char delimiter;      /* the character between columns; 0: comma, tab, semicolon or bar, detected
                            from the file */
    char decimal;        /* decimal separator; 0: a point */
    bool no_header;      /* true: the first row has values, not names, so columns are given by
                            number */
    const char *missing; /* words that stand for a missing value; NULL: the empty word, NA, NaN,
                            null and ? */

    /* Arrays and images. */
    const char *x, *y;  /* names of the arrays of samples and of targets in an NPZ file; NULL: x and
                           y, x_train and y_train, or other common names */
    const char *labels; /* name of a second file (IDX, NPY or NPZ) that holds the labels or
                           targets */
    size_t image_height, image_width; /* size in pixels to which images are resized; 0: no resizing,
                                         so all images must have the same size */
    bool grayscale;                   /* true: turn color images gray */

    /* How a validation set is split off the training set. */
    double holdout;   /* fraction of the training set that becomes the validation set; 0: no
                         validation set */
    bool no_stratify; /* true: ignore the classes in this split; false: keep their proportions */
    uint64_t seed;    /* random seed of the split */

    /* Receives notes for the user, one line each. They report the task that Weft inferred, columns
     * that were left out, categories that the training set does not have, and so on. NULL: no
     * notes. */
    void (*note)(void *user, const char *line);
    void *user; /* passed to `note` */

    /* A model whose stored column meanings are used when a table is read. Required if training
     * starts from this model. NULL: learn the column meanings from the training set, or see
     * `like`. */
    const struct weft_model *model;

    /* True: map the file instead of reading it, if its format allows this. Weft can map files of
     * weft_pack, uncompressed IDX files of bytes, and uncompressed NPY files of bytes or float32.
     * With a mapped file, `x` of struct weft_dataset_info may be NULL; use weft_dataset_read
     * instead. If another process truncates the file before the data set is destroyed, the process
     * that mapped it gets SIGBUS. */
    bool map;

    /* A data set whose column meanings and classes are used when a table is read, such as a
     * training set that was packed earlier. NULL: use those of `model` or, if that is NULL too,
     * learn them from the training set. */
    const struct weft_dataset *like;

    /* Bytes of host memory that data may take. A file that needs more than this, and that cannot be
     * mapped, is rejected with WEFT_ERROR_MEMORY before it is read. 0: no limit. */
    uint64_t memory;

    /* True: the user has set `impute`. The value WEFT_IMPUTE_MEAN alone does not show this, because
     * it is also the default. `impute` has no effect on packed data. Packed data is therefore
     * rejected if impute_given is true, or if `impute` is not the default. */
    bool impute_given;
};

/* Fills data options with 0 and NULL. Like weft_options_init, it is a macro. Without this call,
 * functions that take data options return WEFT_ERROR_USAGE. */
#define weft_data_options_init(options) weft_data_options_init_sized((options), sizeof *(options))
WEFT_API void weft_data_options_init_sized(struct weft_data_options *options, size_t size);

/* The data sets of a training run. */
struct weft_data_sets {
    struct weft_dataset *train, *validation, *test; /* owned; NULL if there is no such set */
};

/* Opens data of any kind and splits it into a training set, a validation set and a test set. Weft
 * recognizes the format of a file by its content, not by its name. From the training set alone, it
 * learns what the columns of a table mean. The data sets store these meanings, and so do the models
 * that are created from them.
 *
 * what      a known data set, a file (CSV, TSV, NPY, NPZ, LIBSVM, IDX or from weft_pack), a folder
 *           of four IDX files, a folder with one subfolder of images per class, a folder of images
 *           without classes, or "-" for standard input; files may be gzipped
 * test      the data of the test set, in the same forms as `what`; NULL: use the test set of
 *           `what`, if it has one
 * options   how to read the data, or NULL
 * sets      receives the data sets; release them with weft_data_sets_reset
 *
 * Returns WEFT_ERROR_IO for an unknown name or an unreadable file, WEFT_ERROR_DATA for invalid
 * contents, and WEFT_ERROR_USAGE for options that do not fit the data. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_data_open(const char *what, const char *test,
                                                         const struct weft_data_options *options,
                                                         struct weft_data_sets *sets);

/* Releases the data sets. */
WEFT_API void weft_data_sets_reset(struct weft_data_sets *sets);

/* Opens data for a model. The columns of a table are matched by name with those of the table that
 * the model was trained on.
 *
 * what           the data
 * test           true: open the test set; false: open the training set; ignored if the data has
 *                only one set
 * with_targets   true: the data must have labels or targets; false: it may lack them
 *
 * Returns the errors of weft_data_open, and WEFT_ERROR_DATA if the data does not fit the model. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_data_open_for(
    const struct weft_model *model, const char *what, bool test, bool with_targets,
    const struct weft_data_options *options, struct weft_dataset **dataset);

/* Returns the text of a sample in one of the columns that `keep` of the data options lists, or NULL
 * if the value is missing. The text is borrowed from the data set. Data sets from
 * weft_data_open_for, weft_table_for and packed files have texts. If the data is packed, `keep`
 * chooses among the columns whose texts were packed.
 *
 * column   position of the column in `keep`, counted from 0 */
WEFT_API const char *weft_dataset_text(const struct weft_dataset *dataset, size_t column,
                                       size_t row);

/* Returns the name of a column, or NULL if there is no such column. `column` is numbered as in
 * weft_dataset_text. */
WEFT_API const char *weft_dataset_column(const struct weft_dataset *dataset, size_t column);

/* Data that is read block by block, so that predictions for many samples need little memory. */
struct weft_stream;

/* Opens a stream of samples for predictions. A CSV or TSV table is read block by block. Data of any
 * other kind is read whole, and becomes a single block. The parameters and errors are those of
 * weft_data_open_for, without `with_targets`. If options->note is not NULL, the options and their
 * strings must outlive the stream. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_stream_open(const struct weft_model *model,
                                                           const char *what, bool test,
                                                           const struct weft_data_options *options,
                                                           struct weft_stream **stream);

/* Reads the next block. After the last block, `note` of the data options receives lines about
 * unusual values, if any block had some.
 *
 * rows      the maximum number of samples in a block of a table; must be at least 1
 * dataset   receives the block, or NULL at the end. The stream owns the block, which stays valid
 *           until the next call
 *
 * Returns the errors of weft_data_open_for. After an error, the stream has no more blocks. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_stream_next(struct weft_stream *stream, size_t rows,
                                                           const struct weft_dataset **dataset);

/* Returns the original text of a value in the current block, or NULL if the value is missing or
 * there is no current block. The text is borrowed, and valid until the next call for this column.
 *
 * column   0: the id of the sample. For a table, the id is in the column that `id` of the data
 *          options names or, if `id` is NULL, in the id column of the training run. For a folder of
 *          images, the id is the name of the file. 1 and above: the columns of `keep`, in this
 *          order */
WEFT_API const char *weft_stream_text(const struct weft_stream *stream, size_t column, size_t row);

/* Returns the name of a column, or NULL if there is no such column. `column` is numbered as in
 * weft_stream_text. */
WEFT_API const char *weft_stream_column(const struct weft_stream *stream, size_t column);

/* Closes a stream and releases its block. */
WEFT_API void weft_stream_close(struct weft_stream *stream);

/* A table: named columns of numbers or text, with missing values. */
struct weft_table;

/* Reads a table from a file. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_read(const char *path,
                                                          const struct weft_data_options *options,
                                                          struct weft_table **table);

/* Creates a table of `rows` rows, which has no columns yet. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_create(size_t rows, struct weft_table **table);

/* These two functions add a column to a table. They copy its values.
 *
 * numbers   [rows] values; NaN stands for a missing value
 * texts     [rows] values in UTF-8; NULL stands for a missing value
 *
 * Returns WEFT_ERROR_USAGE if the table already has a column of this name. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_add_numbers(struct weft_table *table,
                                                                 const char *name,
                                                                 const double *numbers);
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_add_texts(struct weft_table *table,
                                                               const char *name,
                                                               const char *const *texts);

/* What a column of a table holds. The name is borrowed from the table. */
struct weft_table_column {
    const char *name;
    bool text;      /* true: the column holds texts; false: it holds numbers */
    size_t missing; /* number of missing values */
};

/* Returns the number of rows. */
WEFT_API size_t weft_table_rows(const struct weft_table *table);

/* Describes column number `index`, counted from 0. Returns false beyond the last column. */
WEFT_API bool weft_table_get_column(const struct weft_table *table, size_t index,
                                    struct weft_table_column *column);

/* Finds a column by its name or, if no column has this name, by its number, counted from 1.
 * `*index` receives its index, counted from 0.
 *
 * Returns WEFT_ERROR_USAGE if there is no such column. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_find(const struct weft_table *table,
                                                          const char *name, size_t *index);

/* Copies the values of a numeric column to `numbers` [rows]. Missing values become NaN. */
WEFT_API void weft_table_copy_numbers(const struct weft_table *table, size_t index,
                                      double *numbers);

/* Returns a value of a text column, or NULL if the value is missing. The text is borrowed from the
 * table. */
WEFT_API const char *weft_table_text(const struct weft_table *table, size_t index, size_t row);

/* Splits a table into data sets and learns what its columns mean, as weft_data_open does. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_split(const struct weft_table *table,
                                                           const struct weft_data_options *options,
                                                           struct weft_data_sets *sets);

/* Turns a table into a data set that a model can work on, as weft_data_open_for does. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_for(const struct weft_model *model,
                                                         const struct weft_table *table,
                                                         bool with_targets,
                                                         const struct weft_data_options *options,
                                                         struct weft_dataset **dataset);

/* Releases a table. */
WEFT_API void weft_table_destroy(struct weft_table *table);

/* A value of a column, and how often it occurs. */
struct weft_value_count {
    const char *text;
    size_t count;
};

enum { WEFT_COMMON_VALUES = 5 };

/* The description of a column. New versions add members at the end. */
struct weft_column_info {
    const char *name;
    bool text;                  /* true: the column holds texts; false: it holds numbers */
    size_t missing, distinct;   /* counts of missing values and of distinct values */
    double min, max, mean, std; /* of a column of numbers; NaN for texts. std divides by N, not by N
                                   - 1 */
    size_t common_count;
    struct weft_value_count common[WEFT_COMMON_VALUES]; /* [common_count] the most frequent value
                                                           first */
    const char *use;    /* what training does with the column: "number", "category", "target",
                           "id", "weight" or "ignored"; NULL if training would fail */
    const char *reason; /* why the column is ignored, or NULL */
    size_t features;    /* number of features that the column becomes */
};

/* The description of data. Pointers are borrowed from the description. */
struct weft_data_description {
    const char *name;
    size_t samples, test_samples;     /* numbers of samples in the training set and in the test
                                         set */
    size_t column_count;              /* 0 unless the data is a table */
    struct weft_column_info *columns; /* [column_count] */
    bool target_assumed;              /* true: the options name no target, so the last column is
                                         used */
    bool task_known;
    enum weft_task task;
    size_t features, classes;       /* D and C for training on this data; 0 if unknown */
    const char *const *class_names; /* [C] */
    const size_t *class_counts;     /* [C] number of samples of each class or, for multilabel, with
                                       each label; NULL for task regress */
    size_t height, width, channels; /* size of each image; 0 if the samples are not images */
    double min, max, mean;          /* over all features of all samples; NaN for a table */
    const char *obstacle; /* why training on this table would fail, for example because it has no
                             target. In that case, `task`, `features` and `classes` are unknown.
                             NULL: training would not fail */
};

/* Describes data of any kind, and says what training would do with it. The parameters and errors
 * are those of weft_data_open, except that a table needs no target. Release the result with
 * weft_data_description_destroy. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_data_describe(
    const char *what, const struct weft_data_options *options,
    struct weft_data_description **description);
WEFT_API void weft_data_description_destroy(struct weft_data_description *description);

/* What weft_pack wrote. */
struct weft_pack_info {
    size_t samples, features, classes; /* N, D and C */
    bool bytes;                        /* true: each feature of a sample is stored as a byte; false:
                                          as a float32 */
    uint64_t file_bytes;               /* size of the file */
    bool labeled;                      /* true: the file has labels or targets */
    size_t texts;                      /* number of columns whose texts are stored: the id column
                                          and those of `keep` */
};

/* Converts data of any kind into one file, called a packed file, which can be larger than memory.
 * weft_data_open maps such a file, instead of reading it, if `map` of its options is set. The file
 * stores the features as bytes if that keeps them exact, otherwise as float32. It also stores
 * labels or targets, sample weights, the meanings of columns, the classes, the means and variances
 * of the features, and the texts of those columns that `id` and `keep` of the options name.
 *
 * weft_pack reads the data once, so the data may come from a pipe. It needs little memory, whatever
 * the size of the data: large arrays go to unnamed temporary files in the folder of `path`.
 *
 * If neither `model` nor `like` of the options is set, weft_pack learns the meanings of columns
 * from the training set. To pack test data with the meanings that its training set has, set one of
 * the two. A table may then lack the target.
 *
 * If `holdout` is set, weft_pack still packs all samples. But it learns the categories, and the
 * values that replace missing numbers, only from the samples that `holdout`, `no_stratify` and
 * `seed` leave in the training set. If you later split the packed file with the same values of
 * these three options, you get the same data sets as if you had split the table itself.
 *
 * what      the data, as for weft_data_open
 * test      true: pack the test set; false: pack the training set; ignored if the data has only one
 *           set
 * options   how to read the data, or NULL; `map` is ignored
 * path      the packed file; an existing file is replaced only if weft_pack succeeds
 * info      receives the description of what was written; may be NULL
 *
 * Returns the errors of weft_data_open, and WEFT_ERROR_IO if a file cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_pack(const char *what, bool test,
                                                    const struct weft_data_options *options,
                                                    const char *path, struct weft_pack_info *info);

/* Writes a data set to a file as weft_pack does. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_pack(const struct weft_dataset *dataset,
                                                            const char *path,
                                                            struct weft_pack_info *info);

#ifdef __cplusplus
}
#endif
#endif
