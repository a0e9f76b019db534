/* IDX files, the format of MNIST (yann.lecun.com/exdb/mnist). The file begins with 00 00 TYPE
 * DIMENSIONS. The size of each dimension follows in 32 bits, and then the values, with the last
 * dimension fastest. All numbers are big-endian. */
#ifndef WEFT_DATA_IDX_H
#define WEFT_DATA_IDX_H

#include "data/array.h"
#include "data/byte_source.h"
#include "data/dataset.h"

/* What the second file holds. */
enum idx_second {
    IDX_BY_TYPE, /* labels if it has one dimension of an integer type; otherwise targets */
    IDX_TARGETS, /* targets of any type, because the task is regress: bytes may be ages */
};

/* Reads two IDX files into one data set named `name`.
 *
 *   images        1 to 8 dimensions: the first counts samples, the product of the others is D.
 *                 All six value types are converted to float32.
 *   labels        1 dimension of an integer type. If `classes` is 0, the file may also hold
 *                 targets: 2 dimensions, or 1 dimension of a floating-point type, or of any type
 *                 with IDX_TARGETS. May be NULL.
 *   mapped        leaves the samples in their file, if it is plain and its values are bytes
 *   classes, class_names    as for dataset_finish
 *
 * The header is checked against the size of the file before anything is allocated. Returns
 * WEFT_ERROR_DATA if a file is invalid; the message gives the byte offset and both numbers.
 */
WEFT_MUST_CHECK enum weft_status idx_read_pair(const char *images, const char *labels, bool mapped,
                                               enum idx_second second, const char *name,
                                               size_t classes, const char *const *class_names,
                                               struct weft_dataset **dataset);

/* Reads a pair whose files are open and have not been read; `labels` may be NULL. */
WEFT_MUST_CHECK enum weft_status idx_read_sources(struct byte_source *images,
                                                  struct byte_source *labels, bool mapped,
                                                  enum idx_second second, const char *name,
                                                  size_t classes, const char *const *class_names,
                                                  struct weft_dataset **dataset);

/* Reads one IDX file into an array, so that it can be combined with files of other formats. Returns
 * the errors of idx_read_pair. */
WEFT_MUST_CHECK enum weft_status idx_read_array(struct byte_source *source, struct array *array);

#endif
