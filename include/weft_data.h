/* weft_data.h: data of any kind, and tables above all: reading, describing and packing them.
 *
 * The conventions of weft.h apply here too. docs/tables.md explains what becomes of a table. */
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
 * detects the value or uses a default. Strings are borrowed. The items of a list are separated by
 * commas. A column is given by its name or, if no column has this name, by its number, counted
 * from 1. New versions add members at the end.
 *
 * Weft decides from the training set what to do with each column. A column of numbers becomes one
 * feature. A text column becomes one feature for each category. If it has more than 9 categories,
 * the rare categories share a feature. Weft leaves out columns of dates or free text, columns
 * with a single value, and text columns whose values all differ. A note reports each of them. */
struct weft_data_options {
    size_t size; /* size of this struct; weft_data_options_init sets it */

    /* Columns of a table. */
    const char *target;      /* the columns to predict */
    const char *ignore;      /* columns to leave out */
    const char *id;          /* a column that names each sample; copied to predictions */
    const char *weight;      /* a column of sample weights */
    const char *categorical; /* columns to read as categories, even if they hold numbers */
    const char *keep;        /* columns whose text is kept for printing with predictions or for
                                grouping samples; see weft_stream_text and weft_dataset_text */
    bool task_given;         /* true: use `task`; false: the target decides the task. Several
                                columns of 0 and 1 mean multilabel. One column of text, or of 0 and
                                1, means classify. So does one column of at most 20 distinct whole
                                numbers that each occur at least 5 times. Other numbers mean
                                regress */
    enum weft_task task;
    enum weft_impute impute;
    bool strict; /* a category that training never saw is an error */

    /* Text files: CSV and similar formats. */
    char delimiter;      /* 0: comma, tab, semicolon or bar, detected from the file */
    char decimal;        /* decimal separator; 0: a point */
    bool no_header;      /* the first row has values, not names; refer to columns by number */
    const char *missing; /* words for missing values; NULL: "", NA, NaN, null, ? */

    /* Arrays and images. */
    const char *x, *y;  /* names of arrays in an NPZ file; NULL: x and y, x_train and y_train, or
                           other common names */
    const char *labels; /* a second file that holds the labels or targets: IDX, NPY or NPZ */
    size_t image_height, image_width; /* resize images; 0: all must have the same size */
    bool grayscale;                   /* make colored images gray */

    /* How a validation set is split off the training set. */
    double holdout;   /* fraction of the training set to hold out; 0: none */
    bool no_stratify; /* ignore the classes when splitting, instead of keeping their proportions */
    uint64_t seed;    /* random seed of the split */

    /* Receives notes for the user, one line each: the inferred task, columns that were left out,
     * categories that training never saw, and so on. NULL: notes are dropped. */
    void (*note)(void *user, const char *line);
    void *user; /* passed to `note` */

    /* When reading a table, use the column meanings that this model stores. Required if training
     * starts from a model. NULL: learn the meanings from the training set. */
    const struct weft_model *model;

    /* Map the file instead of reading it, if its format allows this: files of weft_pack,
     * uncompressed IDX files of bytes, and uncompressed NPY files of bytes or float32. `x` of
     * weft_dataset_info may then be NULL; weft_dataset_read copies samples. If another process
     * truncates the file before the data set is destroyed, this process gets SIGBUS. */
    bool map;

    /* When reading a table, use the column meanings and the classes of this data set, such as a
     * training set that was packed before. NULL: use `model`, or learn them from the training set.
     */
    const struct weft_dataset *like;

    /* Bytes of host memory that data may take. A larger file that cannot be mapped is rejected with
     * WEFT_ERROR_MEMORY before it is read. 0: no limit. */
    uint64_t memory;

    /* True if the user asked for `impute`. The value WEFT_IMPUTE_MEAN does not show this, because
     * it is also the default. Packed data is rejected if impute_given is set or `impute` is not the
     * default, because `impute` has no effect on it. */
    bool impute_given;
};

/* Fills data options with 0 and NULL. Like weft_options_init, it is a macro. Call it first:
 * otherwise, functions that take data options return WEFT_ERROR_USAGE. */
#define weft_data_options_init(options) weft_data_options_init_sized((options), sizeof *(options))
WEFT_API void weft_data_options_init_sized(struct weft_data_options *options, size_t size);

/* The data sets of a training run. */
struct weft_data_sets {
    struct weft_dataset *train, *validation, *test; /* owned; NULL if there is no such set */
};

/* Opens data of any kind and splits it into a training set, a validation set and a test set. Weft
 * recognizes the format of a file by its content, not by its name. It learns from the training set
 * alone what the columns of a table mean. The data sets, and the models created from them, store
 * these meanings.
 *
 * what      a known data set, a table (CSV, TSV, NPY, NPZ, LIBSVM), a folder of images with one
 *           subfolder per class, IDX files, or "-" for standard input; files may be gzipped
 * test      data for the test set; NULL: use the test set of `what`, if it has one
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

/* Opens data for a model. Columns are matched by name with the columns that the model was trained
 * on.
 *
 * what           the data
 * test           true: the test set; false: the training set; ignored if the data has only one set
 * with_targets   true: labels or targets are required
 *
 * Returns the errors of weft_data_open, and WEFT_ERROR_DATA if the data does not fit the model. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_data_open_for(
    const struct weft_model *model, const char *what, bool test, bool with_targets,
    const struct weft_data_options *options, struct weft_dataset **dataset);

/* Returns the text of sample `row` in one of the columns listed in `keep` of the data options, or
 * NULL if the value is missing. The text is borrowed. Data sets from weft_data_open_for, from
 * weft_table_for and from packed files have texts. If the data is packed, `keep` chooses among the
 * columns of text that were packed.
 *
 * column   0 is the first column of `keep` */
WEFT_API const char *weft_dataset_text(const struct weft_dataset *dataset, size_t column,
                                       size_t row);

/* Returns the name of a column of weft_dataset_text, or NULL if there is no such column. */
WEFT_API const char *weft_dataset_column(const struct weft_dataset *dataset, size_t column);

/* Data that is read block by block, so that predictions need little memory. */
struct weft_stream;

/* Opens a table for predictions. Data of any other kind is read whole, and becomes a single block.
 * Parameters and errors
 * are those of weft_data_open_for. If `note` is set, the options and their strings must outlive the
 * stream. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_stream_open(const struct weft_model *model,
                                                           const char *what, bool test,
                                                           const struct weft_data_options *options,
                                                           struct weft_stream **stream);

/* Reads the next block. After the last block, `note` of the data options receives a line about
 * anything unusual in the data.
 *
 * rows      the maximum number of samples in a block of a table; must be at least 1
 * dataset   receives the block, or NULL at the end. The stream owns the block, which stays valid
 *           until the next call
 *
 * Returns the errors of weft_data_open_for. After an error, the stream has no more blocks. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_stream_next(struct weft_stream *stream, size_t rows,
                                                           const struct weft_dataset **dataset);

/* Returns the original text of a value in the current block. NULL: it is missing, or there is no
 * current block. The text is borrowed, and valid until the next call for this column.
 *
 * column   0: the column named by `id` of the data options or, if that is NULL, the `id` column of
 *          the training run; for a folder of images, the name of each file; 1 and above: the
 *          columns of `keep` */
WEFT_API const char *weft_stream_text(const struct weft_stream *stream, size_t column, size_t row);

/* Returns the name of a column of weft_stream_text, or NULL if there is no such column. */
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

/* These two functions add a column to a table and copy its values.
 *
 * numbers   [rows]; NaN stands for a missing value
 * texts     [rows] UTF-8; NULL stands for a missing value
 *
 * Returns WEFT_ERROR_USAGE if the table has a column of this name. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_add_numbers(struct weft_table *table,
                                                                 const char *name,
                                                                 const double *numbers);
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_add_texts(struct weft_table *table,
                                                               const char *name,
                                                               const char *const *texts);

/* What a column of a table holds. The name is borrowed from the table. */
struct weft_table_column {
    const char *name;
    bool text;      /* the column holds texts, not numbers */
    size_t missing; /* number of missing values */
};

/* Returns the number of rows. */
WEFT_API size_t weft_table_rows(const struct weft_table *table);

/* Describes column number `index`, counted from 0. Returns false beyond the last column. */
WEFT_API bool weft_table_get_column(const struct weft_table *table, size_t index,
                                    struct weft_table_column *column);

/* Finds a column by its name or, if no column has this name, by its number, counted from 1.
 *
 * Returns WEFT_ERROR_USAGE if there is none. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_find(const struct weft_table *table,
                                                          const char *name, size_t *index);

/* Copies the values of a numeric column to `numbers` [rows]. Missing values become NaN. */
WEFT_API void weft_table_copy_numbers(const struct weft_table *table, size_t index,
                                      double *numbers);

/* Returns a value of a text column, or NULL if it is missing. The text is borrowed. */
WEFT_API const char *weft_table_text(const struct weft_table *table, size_t index, size_t row);

/* Splits a table into data sets and learns what its columns mean, as weft_data_open does. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_split(const struct weft_table *table,
                                                           const struct weft_data_options *options,
                                                           struct weft_data_sets *sets);

/* Turns a table into a data set for a model, as weft_data_open_for does. */
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
    bool text;                  /* the column has texts, not numbers */
    size_t missing, distinct;   /* counts of missing values and of distinct values */
    double min, max, mean, std; /* of numbers; std divides by N; NaN for texts */
    size_t common_count;
    struct weft_value_count common[WEFT_COMMON_VALUES]; /* the most frequent values first */
    const char *use;    /* what training does with the column: "number", "category", "target",
                           "id", "weight" or "ignored"; NULL if training would fail */
    const char *reason; /* why the column is ignored, or NULL */
    size_t features;    /* number of features that the column becomes */
};

/* The description of data. Pointers are borrowed from the description. */
struct weft_data_description {
    const char *name;
    size_t samples, test_samples;     /* of the training set and of the test set */
    size_t column_count;              /* 0 unless the data is a table */
    struct weft_column_info *columns; /* [column_count] */
    bool target_assumed;              /* the options name no target, so the last column is used */
    bool task_known;
    enum weft_task task;
    size_t features, classes;       /* D and C for training on this data; 0 if unknown */
    const char *const *class_names; /* [C] */
    const size_t *class_counts;     /* [C] samples of each class, or with each label; NULL for
                                       task regress */
    size_t height, width, channels; /* of images; otherwise 0 */
    double min, max, mean;          /* over all features; NaN for a table */
    const char *obstacle; /* why training on this table would fail, for example because it has no
                             target. Then the members task, features and classes are unknown.
                             NULL: training would not fail */
};

/* Describes data of any kind, and what training would do with it. Parameters and errors are those
 * of weft_data_open, except that a table needs no target. Release the result with
 * weft_data_description_destroy. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_data_describe(
    const char *what, const struct weft_data_options *options,
    struct weft_data_description **description);
WEFT_API void weft_data_description_destroy(struct weft_data_description *description);

/* What weft_pack wrote. */
struct weft_pack_info {
    size_t samples, features, classes; /* N, D and C */
    bool bytes;                        /* the samples are bytes; otherwise float32 */
    uint64_t file_bytes;               /* size of the file */
    bool labeled;                      /* the file has labels or targets */
    size_t texts;                      /* columns of texts: the id and those that are kept */
};

/* Converts data of any kind into one file, which can be larger than memory. weft_data_open maps
 * this file, instead of reading it, if `map` of its options is set. The file stores the samples in
 * the narrowest type that is exact. It also stores labels or targets, sample weights, the meanings
 * of columns, the classes, the means and variances of the features, and the texts of the columns
 * that `id` and `keep` of the options name.
 *
 * weft_pack reads the data once, so the data may come from a pipe. It needs little memory, whatever
 * the size of the data: large arrays go to unnamed temporary files in the folder of `path`.
 * To pack test data with the meanings of its training set, set `model` or `like` of the options. A
 * table may then lack the target. If neither is set, weft_pack learns the meanings of columns from
 * the training set. If `holdout` is set, weft_pack still packs all samples, but it learns fill
 * values and categories without the samples that `holdout`, `no_stratify` and `seed` choose. If you
 * later split the packed file with the same three options, you get the same data sets as by
 * splitting the table.
 *
 * what      as for weft_data_open
 * test      true: pack the test set, if there are two sets; false: the training set
 * options   how to read the data, or NULL; `map` is ignored
 * path      the file, which is replaced only if all goes well
 * info      receives what was written; or NULL
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
