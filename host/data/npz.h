/* NPZ, a ZIP archive of NPY files, as numpy.savez writes it. Only npz.c knows the ZIP library. */
#ifndef WEFT_DATA_NPZ_H
#define WEFT_DATA_NPZ_H

#include "data/array.h"
#include "data/byte_source.h"

struct npz;

/* Reads the directory of the archive. `path` is for messages.
 *
 * Returns WEFT_ERROR_DATA if the archive is damaged, is compressed again with gzip, or has no
 * array; and WEFT_ERROR_USAGE if this build cannot read ZIP archives. */
WEFT_MUST_CHECK enum weft_status npz_open(struct byte_source *source, const char *path,
                                          struct npz **npz);
void npz_close(struct npz *npz);

/* Return the names of the arrays, without ".npy", borrowed. */
size_t npz_count(const struct npz *npz);
const char *const *npz_names(const struct npz *npz);

/* Reads the array with this index. The sizes are checked before anything is allocated. Returns the
 * errors of npy_read, and WEFT_ERROR_DATA if the checksum is wrong. */
WEFT_MUST_CHECK enum weft_status npz_read(struct npz *npz, size_t index, struct array *array);

/* The arrays of samples and of labels or targets, as indices. */
#define NPZ_NONE SIZE_MAX
struct npz_choice {
    size_t x, y;           /* y may be NPZ_NONE */
    size_t x_test, y_test; /* NPZ_NONE if there is no test set */
};

/* Finds the arrays that options->x and options->y name or, without them, those with one of the
 * usual names: x and y, x_train, y_train, x_test and y_test, data and target, ... A single array
 * holds samples. `options` may be NULL.
 *
 * Returns WEFT_ERROR_USAGE with the names that are there if an array is missing. */
WEFT_MUST_CHECK enum weft_status npz_choose(const struct npz *npz,
                                            const struct weft_data_options *options,
                                            struct npz_choice *choice);

/* Names the ZIP library of this build: "minizip", or "" if there is none. */
const char *npz_library(void);

#endif
