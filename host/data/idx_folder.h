/* Finds the IDX files of MNIST and similar data sets in a folder, under every common spelling. */
#ifndef WEFT_DATA_IDX_FOLDER_H
#define WEFT_DATA_IDX_FOLDER_H

#include "base/status.h"

/* The two files of a training set or a test set. */
struct idx_part {
    char *images, *labels; /* owned paths; NULL if there is no such file */
};

struct idx_folder {
    struct idx_part train, test;
};

/* Finds the files of a folder. Their names are those of MNIST, train-images-idx3-ubyte and so on,
 * with
 *   - any prefix: emnist-letters-train-images-idx3-ubyte,
 *   - "test" or "t10k" for the test set,
 *   - a point, underscore or hyphen between the words: train-images.idx3-ubyte,
 *   - ".gz" or not; a plain file is preferred,
 *   - and each file may be alone in a folder of its name.
 * The names of MNIST itself are preferred to all others.
 *
 * Returns WEFT_ERROR_DATA with two of the names if several files fit, as in the folder of EMNIST.
 */
WEFT_MUST_CHECK enum weft_status idx_folder_find(const char *path, struct idx_folder *folder);
void idx_folder_reset(struct idx_folder *folder);

/* Tells whether any of the files is there. */
static inline bool idx_folder_has_files(const struct idx_folder *folder)
{
    return folder->train.images != NULL || folder->train.labels != NULL ||
           folder->test.images != NULL || folder->test.labels != NULL;
}

/* Checks that a data set has both files. `test` says which set it is. Returns WEFT_ERROR_IO with
 * the names that were looked for. */
WEFT_MUST_CHECK enum weft_status idx_part_check(const char *path, const struct idx_part *part,
                                                bool test);

#endif
