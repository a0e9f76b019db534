/* Small PNG images inside of SVG, compressed without a library, so that the same pixels give the
 * same bytes everywhere. */
#ifndef WEFT_PLOT_PNG_H
#define WEFT_PLOT_PNG_H

#include "plot/buffer.h"

/* Adds an address of the form data:image/png;base64,... for pixels [rows][columns][4]. */
void png_add_address(struct buffer *file, const unsigned char *pixels, size_t rows, size_t columns);

#endif
