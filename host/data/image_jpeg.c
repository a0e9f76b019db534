/* Decodes JPEG images with TurboJPEG; see image_formats.h. */
#include "data/image_formats.h"

#ifdef WEFT_HAVE_TURBOJPEG

#include <string.h>
#include <turbojpeg.h>

#include "base/memory.h"

/* The header of an image. */
struct jpeg {
    const struct image_bytes *image; /* borrowed */
    tjhandle handle;                 /* owned */
    int width, height, sampling, colors;
};

static enum weft_status fail_jpeg(const struct jpeg *jpeg)
{
    return fail(WEFT_ERROR_DATA, "%s: damaged JPEG image: %s", jpeg->image->path,
                tjGetErrorStr2(jpeg->handle));
}

/* Fails because of a header. TurboJPEG knows only the usual ways to subsample colors. */
static enum weft_status fail_header(const struct jpeg *jpeg)
{
    if (strstr(tjGetErrorStr2(jpeg->handle), "subsampling") == NULL)
        return fail_jpeg(jpeg);
    return fail(WEFT_ERROR_DATA,
                "%s: TurboJPEG does not read the color subsampling of this JPEG image; convert it "
                "to PNG",
                jpeg->image->path);
}

static enum weft_status open_jpeg(struct jpeg *jpeg, const struct image_bytes *image)
{
    *jpeg = (struct jpeg){.image = image, .handle = tjInitDecompress()};
    if (jpeg->handle == NULL)
        return fail(WEFT_ERROR_MEMORY, "%s: host memory: not available for TurboJPEG", image->path);
    const int code =
        tjDecompressHeader3(jpeg->handle, image->bytes, (unsigned long)image->size, &jpeg->width,
                            &jpeg->height, &jpeg->sampling, &jpeg->colors);
    if (code == 0 && jpeg->width > 0 && jpeg->height > 0)
        return WEFT_OK;
    const enum weft_status status =
        code != 0 ? fail_header(jpeg) /* A file of tables alone is no error to TurboJPEG. */
                  : fail(WEFT_ERROR_DATA, "%s: damaged JPEG image: no image", image->path);
    tjDestroy(jpeg->handle);
    return status;
}

enum weft_status image_jpeg_shape(const struct image_bytes *image, struct image_shape *shape)
{
    struct jpeg jpeg;
    TRY(open_jpeg(&jpeg, image));
    *shape = (struct image_shape){.height = (size_t)jpeg.height,
                                  .width = (size_t)jpeg.width,
                                  .channels = jpeg.colors == TJCS_GRAY ? 1 : 3};
    tjDestroy(jpeg.handle);
    return WEFT_OK;
}

/* Cameras leave bytes between the segments of a file; decoders skip them, and no pixel is lost. */
static bool is_harmless(const struct jpeg *jpeg)
{
    return tjGetErrorCode(jpeg->handle) == TJERR_WARNING &&
           strstr(tjGetErrorStr2(jpeg->handle), "extraneous bytes") != NULL;
}

/* Decodes to the pixel format `format`. A cut file is only a warning to TurboJPEG, so warnings are
 * errors here. */
static enum weft_status decode(const struct jpeg *jpeg, int format, uint8_t *pixels)
{
    const int flags[] = {TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS, TJFLAG_LIMITSCANS};
    for (size_t i = 0; i < 2; i++) {
        if (tjDecompress2(jpeg->handle, jpeg->image->bytes, (unsigned long)jpeg->image->size,
                          pixels, jpeg->width, 0, jpeg->height, format, flags[i]) == 0)
            return WEFT_OK;
        if (!is_harmless(jpeg))
            return fail_jpeg(jpeg);
    }
    return WEFT_OK; /* only extraneous bytes */
}

/* Decodes an image of printing colors. Files hold them inverted, so R = C K / 255. */
static enum weft_status decode_cmyk(const struct jpeg *jpeg, uint8_t *pixels)
{
    enum { INKS = 4, COLORS = 3, MOST = 255 };
    const size_t count = (size_t)jpeg->width * (size_t)jpeg->height;
    uint8_t *inks; /* [count][INKS] */
    TRY(NEW_ARRAY(inks, count * INKS));
    const enum weft_status status = decode(jpeg, TJPF_CMYK, inks);
    for (size_t i = 0; status == WEFT_OK && i < count; i++)
        for (size_t c = 0; c < COLORS; c++)
            pixels[i * COLORS + c] =
                (uint8_t)((inks[i * INKS + c] * inks[i * INKS + 3] + MOST / 2) / MOST);
    memory_free(inks);
    return status;
}

enum weft_status image_jpeg_decode(const struct image_bytes *image, uint8_t *pixels)
{
    struct jpeg jpeg;
    enum weft_status status;
    TRY(open_jpeg(&jpeg, image));
    if (jpeg.colors == TJCS_CMYK || jpeg.colors == TJCS_YCCK)
        status = decode_cmyk(&jpeg, pixels);
    else
        status = decode(&jpeg, jpeg.colors == TJCS_GRAY ? TJPF_GRAY : TJPF_RGB, pixels);
    tjDestroy(jpeg.handle);
    return status;
}

const char *image_jpeg_library(void)
{
    return "libturbojpeg";
}

#else

enum weft_status image_jpeg_shape(const struct image_bytes *image, struct image_shape *shape)
{
    (void)shape;
    return image_fail_missing(image, "JPEG", "libturbojpeg0-dev");
}

enum weft_status image_jpeg_decode(const struct image_bytes *image, uint8_t *pixels)
{
    (void)pixels;
    return image_fail_missing(image, "JPEG", "libturbojpeg0-dev");
}

const char *image_jpeg_library(void)
{
    return NULL;
}

#endif
