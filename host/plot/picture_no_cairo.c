/* Stands in for picture_cairo.c in a build without cairo. */
#include "plot/picture.h"

static enum weft_status refuse(const char *format)
{
    return fail(WEFT_ERROR_USAGE,
                "%s pictures: this build has no cairo; write SVG, or install libcairo2-dev and "
                "build Weft again",
                format);
}

const char *picture_cairo(void)
{
    return "SVG";
}

enum weft_status picture_write_png(const struct weft_picture *picture, struct buffer *file)
{
    (void)picture, (void)file;
    return refuse("PNG");
}

enum weft_status picture_write_pdf(const struct weft_picture *picture, struct buffer *file)
{
    (void)picture, (void)file;
    return refuse("PDF");
}
