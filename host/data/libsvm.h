/* LIBSVM files, also called svmlight: each line is a sample, "LABEL INDEX:VALUE INDEX:VALUE ...".
 * Features that a line does not name are 0. */
#ifndef WEFT_DATA_LIBSVM_H
#define WEFT_DATA_LIBSVM_H

#include "data/byte_source.h"
#include "data/dataset.h"

/* Tells whether the first line of text [size] that has features is written like this. */
bool libsvm_recognize(const char *text, size_t size);

/* Reads a file into a data set. `path` is its name.
 *
 * Whole numbers are labels unless options->task is WEFT_TASK_REGRESS; other numbers are targets.
 * Indices count from 1, or from 0 if the index 0 occurs. A comment begins with '#'; "qid:N" is
 * ignored.
 *
 *   features   D, at least as large as the largest index; 0: the largest index decides
 *   options    may be NULL
 *
 * Returns WEFT_ERROR_DATA with file and line for a line of another form, and if the samples do not
 * fit into the memory of this machine. */
WEFT_MUST_CHECK enum weft_status libsvm_read(struct byte_source *source, const char *path,
                                             size_t features,
                                             const struct weft_data_options *options,
                                             struct weft_dataset **dataset);

#endif
