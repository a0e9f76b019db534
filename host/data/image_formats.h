/* The decoders of single formats. Only image_file.c uses them. Decoders give the channels that the
 * file has: 1 or 3. */
#ifndef WEFT_DATA_IMAGE_FORMATS_H
#define WEFT_DATA_IMAGE_FORMATS_H

#include "data/image_file.h"

/* Returned by formats that this build does not read. */
WEFT_MUST_CHECK enum weft_status image_fail_missing(const struct image_bytes *image,
                                                    const char *format, const char *package);

/* PNG: reads the size of an image, reads its pixels, and names the library that does so. */
WEFT_MUST_CHECK enum weft_status image_png_shape(const struct image_bytes *image,
                                                 struct image_shape *shape);
WEFT_MUST_CHECK enum weft_status image_png_decode(const struct image_bytes *image, uint8_t *pixels);
const char *image_png_library(void);

/* JPEG: reads the size of an image, reads its pixels, and names the library that does so. */
WEFT_MUST_CHECK enum weft_status image_jpeg_shape(const struct image_bytes *image,
                                                  struct image_shape *shape);
WEFT_MUST_CHECK enum weft_status image_jpeg_decode(const struct image_bytes *image,
                                                   uint8_t *pixels);
const char *image_jpeg_library(void);

#endif
