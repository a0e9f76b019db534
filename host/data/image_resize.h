/* Resizes images. */
#ifndef WEFT_DATA_IMAGE_RESIZE_H
#define WEFT_DATA_IMAGE_RESIZE_H

#include "base/status.h"

/* Resizes `from` [height][width][channels] to `to` [to_height][to_width][channels].
 *
 * The filter is a triangle that is one pixel wide on each side, in pixels of the smaller image: so
 * enlarging interpolates linearly, and shrinking averages over the area, as Pillow's BILINEAR does.
 * The numbers are rounded to whole ones, 0 to 255. */
WEFT_MUST_CHECK enum weft_status image_resize(const uint8_t *from, size_t height, size_t width,
                                              size_t channels, size_t to_height, size_t to_width,
                                              float *to);

#endif
