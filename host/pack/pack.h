/* Packed data: a data set in a safetensors file, which is mapped instead of read.
 *
 * Tensors, in this order; docs/data.md describes them for users:
 *
 *     mean, variance    F64 [D]   of the features, as scale_fit computes them
 *     texts.K.begin     I64 [N]   where the text of each sample begins, in column K of the texts;
 *                                 -1: the value is missing
 *     labels            I32 [N]   or targets, F32 [N][C]; neither without labels and targets
 *     weights           F32 [N]   sample weights; missing if all are 1
 *     x                 U8 [N][D] if bytes hold every feature exactly, otherwise F32 [N][D]
 *     texts.K           U8 [bytes] the texts of column K in UTF-8, each with a NUL at its end
 *
 * The metadata has the rest of the data set; see pack_metadata.h. */
#ifndef WEFT_PACK_PACK_H
#define WEFT_PACK_PACK_H

#include "base/shared_file.h"
#include "data/dataset.h"

/* Writes a data set, completely or not at all. `info` may be NULL. Returns WEFT_ERROR_IO if the
 * file cannot be written, and WEFT_ERROR_DATA if names of classes and categories take more than
 * 1 MiB. */
WEFT_MUST_CHECK enum weft_status pack_write(const struct weft_dataset *dataset, const char *path,
                                            struct weft_pack_info *info);

/* Writes the same to a temporary file, which other processes of this machine can open. The errors
 * are the same, too. The caller closes the file. */
WEFT_MUST_CHECK enum weft_status pack_share(const struct weft_dataset *dataset,
                                            struct shared_file *file);

/* Finds whether `path` is a file that says that it is packed data. A file that cannot be read is
 * not. Returns WEFT_ERROR_MEMORY if memory is short. */
WEFT_MUST_CHECK enum weft_status pack_find(const char *path, bool *found);

/* Maps a file of pack_write. All its numbers are checked, the samples in one pass. Returns
 * WEFT_ERROR_DATA if the file is damaged. */
WEFT_MUST_CHECK enum weft_status pack_open(const char *path, struct weft_dataset **dataset);

#endif
