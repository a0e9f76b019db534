/* Decodes images of any format; see image_file.h. */
#include "data/image_file.h"

#include <stdio.h>

#include "base/memory.h"
#include "data/file_kind.h"
#include "data/image_formats.h"

enum {
    MOST_PIXELS = 1 << 27,
    MOST_PIXELS_A_BYTE = 8 * 1032 /* deflate expands at most 1032 times, to pixels of one bit */
};

enum weft_status image_fail_missing(const struct image_bytes *image, const char *format,
                                    const char *package)
{
    return fail(WEFT_ERROR_USAGE,
                "%s: this build cannot read %s images: the library was missing (Debian: apt-get "
                "install %s)",
                image->path, format, package);
}

static bool is_png(const struct image_bytes *image)
{
    return image->size > 0 && image->bytes[0] == 0x89;
}

enum weft_status image_file_recognize(const struct image_bytes *image, bool *is_image)
{
    enum file_kind kind;
    *is_image = false;
    if (image->size == 0 || file_kind_foreign_image(image->bytes, image->size) != NULL)
        return file_kind_find(image->path, image->bytes, image->size, &kind);
    *is_image = file_kind_find(image->path, image->bytes, image->size, &kind) == WEFT_OK &&
                file_kind_is_image(kind);
    return WEFT_OK;
}

enum weft_status image_file_shape(const struct image_bytes *image, struct image_shape *shape)
{
    size_t pixels;
    TRY(is_png(image) ? image_png_shape(image, shape) : image_jpeg_shape(image, shape));
    if (!size_multiply(shape->height, shape->width, &pixels) || pixels > MOST_PIXELS)
        return fail(WEFT_ERROR_DATA, "%s: image of %zux%zu: need at most %ld pixels", image->path,
                    shape->width, shape->height, (long)MOST_PIXELS);
    if (pixels / MOST_PIXELS_A_BYTE > image->size)
        return fail(WEFT_ERROR_DATA, "%s: image of %zux%zu: its file has only %zu bytes",
                    image->path, shape->width, shape->height, image->size);
    return WEFT_OK;
}

static uint8_t gray_of(const uint8_t *rgb)
{
    return (uint8_t)((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 0x8000u) >> 16);
}

/* Converts pixels [count] of `from` channels to `to` channels, in another array. */
static void convert(const uint8_t *source, size_t count, size_t from, uint8_t *pixels)
{
    for (size_t i = 0; i < count; i++)
        if (from == 3)
            pixels[i] = gray_of(source + 3 * i);
        else
            pixels[3 * i] = pixels[3 * i + 1] = pixels[3 * i + 2] = source[i];
}

static enum weft_status decode_own(const struct image_bytes *image, uint8_t *pixels)
{
    return is_png(image) ? image_png_decode(image, pixels) : image_jpeg_decode(image, pixels);
}

enum weft_status image_file_decode(const struct image_bytes *image, const struct image_shape *shape,
                                   uint8_t *pixels)
{
    struct image_shape own;
    uint8_t *decoded;
    TRY(image_file_shape(image, &own));
    if (own.height != shape->height || own.width != shape->width)
        return fail(WEFT_ERROR_IO, "%s: the file changed while it was read", image->path);
    if (own.channels == shape->channels)
        return decode_own(image, pixels);
    TRY(NEW_ARRAY(decoded, own.height * own.width * own.channels));
    const enum weft_status status = decode_own(image, decoded);
    if (status == WEFT_OK)
        convert(decoded, own.height * own.width, own.channels, pixels);
    memory_free(decoded);
    return status;
}

const char *image_file_libraries(void)
{
    static char text[128];
    const char *png = image_png_library(), *jpeg = image_jpeg_library();
    snprintf(text, sizeof text, "%s%s%s", png != NULL ? png : "",
             png != NULL && jpeg != NULL ? ", " : "", jpeg != NULL ? jpeg : "");
    return text;
}
