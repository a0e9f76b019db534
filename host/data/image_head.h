/* Tells by the first bytes of a file whether it is an image. */
#ifndef WEFT_DATA_IMAGE_HEAD_H
#define WEFT_DATA_IMAGE_HEAD_H

#include "base/status.h"

/* Tells whether a file is an image that Weft may read. Returns WEFT_ERROR_IO if the file cannot be
 * read, and WEFT_ERROR_DATA for an empty file and for images of other formats, with the command
 * that converts them. */
WEFT_MUST_CHECK enum weft_status image_head_recognize(const char *path, bool *is_image);

/* Tells whether a file is an image, perhaps of a format that Weft does not read. Returns
 * `otherwise` for a file without bytes, or one that cannot be read. */
bool image_head_shows(const char *path, bool otherwise);

#endif
