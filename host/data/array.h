/* Arrays of numbers, such as those of NPY files, and how they become data sets. */
#ifndef WEFT_DATA_ARRAY_H
#define WEFT_DATA_ARRAY_H

#include "data/dataset.h"

enum { ARRAY_MOST_DIMENSIONS = 32 };

/* An array whose first dimension counts samples. It has floats or bytes if float32 holds every
 * value exactly, and doubles otherwise. */
struct array {
    char *name; /* owned; the file, for messages */
    size_t dimensions;
    size_t sizes[ARRAY_MOST_DIMENSIONS]; /* [dimensions] */
    size_t rows, columns;                /* the first size, and the product of the others */
    bool integers;                       /* the type of the values is an integer or bool */
    bool missing;                        /* a value is NaN */
    bool finite;                         /* all values are finite; false if that is not known */
    float *floats;                       /* [rows][columns] owned, or in `map`; or NULL */
    double *doubles;                     /* [rows][columns] owned, or NULL */
    const uint8_t *bytes;                /* [rows][columns] in `map`, or NULL */
    struct file_map *map;                /* shared: the file whose floats or bytes these are */
};

/* Sets rows and columns from the sizes. Returns WEFT_ERROR_DATA if the array has no dimension, a
 * size is 0, or the product overflows. */
WEFT_MUST_CHECK enum weft_status array_settle(struct array *array);

/* Replaces the doubles by floats if they hold every value exactly, and sets `missing` and
 * `finite`. */
WEFT_MUST_CHECK enum weft_status array_narrow(struct array *array);

/* Returns value `index`, counted in C order. */
static inline double array_value(const struct array *array, size_t index)
{
    if (array->bytes != NULL)
        return (double)array->bytes[index];
    return array->floats != NULL ? (double)array->floats[index] : array->doubles[index];
}

/* Tells whether a data set of float32 can hold the samples: all values are exact, and none is
 * missing. */
static inline bool array_fits_dataset(const struct array *array)
{
    return array->doubles == NULL && !array->missing;
}

/* Tells whether the array holds labels: integers, one for each sample, unless the task is known to
 * need targets. If the task is known to be WEFT_TASK_CLASSIFY, floating-point numbers are labels
 * too. `options` may be NULL. */
bool array_has_labels(const struct array *array, const struct weft_data_options *options);

/* Checks that the labels or targets y are as many as the samples x. Returns WEFT_ERROR_DATA with
 * both numbers otherwise. */
WEFT_MUST_CHECK enum weft_status array_same_rows(const struct array *x, const struct array *y);

/* Makes a data set. Takes the floats of `x`, whose values become the features; if it has doubles,
 * they are rounded. Arrays [N][H][W] and [N][H][W][C] with at most 4 channels are images.
 *
 *   y         labels or targets, or NULL
 *   options   may be NULL
 *
 * Returns WEFT_ERROR_DATA if the numbers of samples differ, and the errors of dataset_finish. */
WEFT_MUST_CHECK enum weft_status array_dataset(struct array *x, const struct array *y,
                                               const struct weft_data_options *options,
                                               struct weft_dataset **dataset);

void array_reset(struct array *array);

#endif
