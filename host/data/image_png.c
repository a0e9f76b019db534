/* Decodes PNG images with libpng; see image_formats.h.
 *
 * libpng reports errors by longjmp. Each function that calls setjmp owns what must be released, and
 * calls another one for the work.
 */
#include "data/image_formats.h"

#ifdef WEFT_HAVE_PNG

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

struct png_reader {
    const struct image_bytes *image; /* borrowed */
    size_t at;                       /* next byte of the image */
    png_structp png;                 /* owned */
    png_infop info;                  /* owned */
    char fault[128];                 /* the message of libpng */
};

static PNG_NORETURN void on_error(png_structp png, png_const_charp message)
{
    struct png_reader *reader = png_get_error_ptr(png);
    snprintf(reader->fault, sizeof reader->fault, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png, (void)message; /* such as an outdated color profile; the pixels are right */
}

static void on_read(png_structp png, png_bytep buffer, size_t size)
{
    struct png_reader *reader = png_get_io_ptr(png);
    if (size > reader->image->size - reader->at)
        png_error(png, "the file is cut");
    memcpy(buffer, reader->image->bytes + reader->at, size);
    reader->at += size;
}

static enum weft_status fail_png(const struct png_reader *reader)
{
    return fail(WEFT_ERROR_DATA, "%s: byte %zu: damaged PNG image: %s", reader->image->path,
                reader->at, reader->fault);
}

static enum weft_status open_png(struct png_reader *reader, const struct image_bytes *image)
{
    *reader = (struct png_reader){.image = image};
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
    if (reader->png != NULL)
        reader->info = png_create_info_struct(reader->png);
    if (reader->info != NULL)
        return WEFT_OK;
    png_destroy_read_struct(&reader->png, NULL, NULL);
    return fail(WEFT_ERROR_MEMORY, "%s: host memory: not available for libpng", image->path);
}

static void close_png(struct png_reader *reader)
{
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
}

static enum weft_status read_info(struct png_reader *reader)
{
    if (setjmp(png_jmpbuf(reader->png)) != 0)
        return fail_png(reader);
    png_set_read_fn(reader->png, reader, on_read);
    png_read_info(reader->png, reader->info);
    return WEFT_OK;
}

enum weft_status image_png_shape(const struct image_bytes *image, struct image_shape *shape)
{
    struct png_reader reader;
    TRY(open_png(&reader, image));
    const enum weft_status status = read_info(&reader);
    if (status == WEFT_OK) {
        const int color = png_get_color_type(reader.png, reader.info);
        shape->height = png_get_image_height(reader.png, reader.info);
        shape->width = png_get_image_width(reader.png, reader.info);
        shape->channels = color & PNG_COLOR_MASK_COLOR ? 3 : 1;
    }
    close_png(&reader);
    return status;
}

/* Asks libpng for gray or RGB of 8 bits, and returns the number of passes over the rows. */
static int settle_transforms(struct png_reader *reader)
{
    png_set_expand(reader->png);
    png_set_scale_16(reader->png);
    png_set_strip_alpha(reader->png);
    const int passes = png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    return passes;
}

static enum weft_status read_rows(struct png_reader *reader, uint8_t *pixels)
{
    if (setjmp(png_jmpbuf(reader->png)) != 0)
        return fail_png(reader);
    const int passes = settle_transforms(reader);
    const size_t rows = png_get_image_height(reader->png, reader->info);
    const size_t row_bytes = png_get_rowbytes(reader->png, reader->info);
    for (int pass = 0; pass < passes; pass++)
        for (size_t row = 0; row < rows; row++)
            png_read_row(reader->png, pixels + row * row_bytes, NULL);
    png_read_end(reader->png, NULL);
    return WEFT_OK;
}

enum weft_status image_png_decode(const struct image_bytes *image, uint8_t *pixels)
{
    struct png_reader reader;
    TRY(open_png(&reader, image));
    enum weft_status status = read_info(&reader);
    if (status == WEFT_OK)
        status = read_rows(&reader, pixels);
    close_png(&reader);
    return status;
}

const char *image_png_library(void)
{
    return "libpng " PNG_LIBPNG_VER_STRING;
}

#else

enum weft_status image_png_shape(const struct image_bytes *image, struct image_shape *shape)
{
    (void)shape;
    return image_fail_missing(image, "PNG", "libpng-dev");
}

enum weft_status image_png_decode(const struct image_bytes *image, uint8_t *pixels)
{
    (void)pixels;
    return image_fail_missing(image, "PNG", "libpng-dev");
}

const char *image_png_library(void)
{
    return NULL;
}

#endif
