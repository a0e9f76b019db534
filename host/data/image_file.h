/* Decodes PNG and JPEG images to gray or RGB pixels of 8 bits.
 *
 * Transparency is dropped, palettes are resolved, 16 bits are scaled to 8, and the orientation in
 * EXIF data is ignored.
 */
#ifndef WEFT_DATA_IMAGE_FILE_H
#define WEFT_DATA_IMAGE_FILE_H

#include "base/status.h"

/* An image in memory, as its file holds it. */
struct image_bytes {
    const char *path;           /* borrowed; for messages */
    const unsigned char *bytes; /* [size] borrowed */
    size_t size;
};

struct image_shape {
    size_t height, width;
    size_t channels; /* 1 if the image is gray, 3 if it has colors */
};

/* Tells whether the bytes are an image that image_file_decode may read. Returns WEFT_ERROR_DATA for
 * images of other formats, with the command that converts them. */
WEFT_MUST_CHECK enum weft_status image_file_recognize(const struct image_bytes *image,
                                                      bool *is_image);

/* Reads the shape from the header.
 *
 * Returns WEFT_ERROR_DATA if the header is damaged, or if it claims more pixels than so many bytes
 * can hold or than 2^27; and WEFT_ERROR_USAGE if this build cannot decode the format. */
WEFT_MUST_CHECK enum weft_status image_file_shape(const struct image_bytes *image,
                                                  struct image_shape *shape);

/* Decodes the image to pixels [height][width][channels], gray for 1 channel and RGB for 3. Other
 * fields of `shape` are those of image_file_shape. Gray is
 * (19595 R + 38470 G + 7471 B + 2^15) / 2^16, as ITU-R BT.601 weights the colors.
 *
 * Returns WEFT_ERROR_DATA if the file is damaged or cut. */
WEFT_MUST_CHECK enum weft_status image_file_decode(const struct image_bytes *image,
                                                   const struct image_shape *shape,
                                                   uint8_t *pixels);

/* Names the libraries of this build: "libpng 1.6.39, libturbojpeg", or "" without any. */
const char *image_file_libraries(void);

#endif
