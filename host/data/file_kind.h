/* Recognizes what a file holds by its first bytes, and names what Weft does not read. */
#ifndef WEFT_DATA_FILE_KIND_H
#define WEFT_DATA_FILE_KIND_H

#include "base/status.h"

enum file_kind {
    FILE_IDX,
    FILE_NPY,
    FILE_NPZ,
    FILE_LIBSVM,
    FILE_PNG,
    FILE_JPEG,
    FILE_TEXT /* rows of text: CSV and similar formats */
};

/* Recognizes the content whose first bytes are head [size], after decompression. `path` is for
 * messages.
 *
 * Returns WEFT_ERROR_DATA for an empty file and for every other kind of content. The message names
 * what the content looks like and the command that converts it. */
WEFT_MUST_CHECK enum weft_status file_kind_find(const char *path, const unsigned char *head,
                                                size_t size, enum file_kind *kind);

/* Names a kind: "a table of text", "an image". */
const char *file_kind_name(enum file_kind kind);

/* Tells whether the content is an image: FILE_PNG or FILE_JPEG. */
static inline bool file_kind_is_image(enum file_kind kind)
{
    return kind == FILE_PNG || kind == FILE_JPEG;
}

/* Tells whether the content begins as a safetensors file does: with the length of a JSON header in
 * 8 bytes, of which the upper half is 0, and the brace of the header. A data set never does. */
enum { SAFETENSORS_HEAD = 9 };
bool file_kind_is_safetensors(const unsigned char *head, size_t size);

/* Names the format of an image that Weft does not decode ("a GIF image"), or returns NULL if the
 * content is none. */
const char *file_kind_foreign_image(const unsigned char *head, size_t size);

#endif
