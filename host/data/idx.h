/* IDX files, the format of MNIST (yann.lecun.com/exdb/mnist): 00 00 TYPE DIMENSIONS, then each
 * dimension as 32 bits big-endian, then the values, big-endian, last dimension fastest. */
#ifndef WEFT_DATA_IDX_H
#define WEFT_DATA_IDX_H

#include "data/dataset.h"

/* Reads `images` (1 to 8 dimensions, the first counts samples, the product of the others is D; all
 * six value types, converted to float32) and `labels` (1 dimension of an integer type; where
 * `classes` is 0 also 2 dimensions, or floating-point numbers: targets; may be NULL) into one data
 * set named `name`. The header is checked against the size of the file before
 * anything is allocated. `classes` and `class_names` as for dataset_finish. WEFT_ERROR_DATA: every
 * way in which the files can be wrong, with byte and both numbers. */
WEFT_MUST_CHECK enum weft_status idx_read_pair(const char *images, const char *labels,
                                               const char *name, size_t classes,
                                               const char *const *class_names,
                                               struct weft_dataset **dataset);

#endif
