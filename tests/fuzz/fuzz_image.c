/* Fuzzes the decoders of images.
 *
 * The input is the file. An image that is decoded fills its pixels and nothing else, gives the same
 * pixels twice, and as gray what its colors give. A PNG image of 8 bits without palette,
 * transparency and interlacing is also decoded by the 60 lines below, which must give the same
 * pixels.
 */
#include <string.h>
#include <zlib.h>

#include "data/image_file.h"
#include "fuzz_target.h"

enum { MOST_PIXELS = 1 << 16, GUARD = 16, POISON = 0xa5, MAGIC = 8, OVERHEAD = 12 };

static uint8_t pixels[3 * MOST_PIXELS + GUARD], again[3 * MOST_PIXELS + GUARD];
static uint8_t packed[1 << 16], rows[4 * MOST_PIXELS];

static size_t big_endian(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/* Joins the IDAT chunks of a PNG file and returns their size; 0 if the image is of another kind. */
static size_t join_data(const struct image_bytes *image)
{
    const uint8_t *head = image->bytes + MAGIC + 8;
    size_t size = 0;
    if (image->size < MAGIC + 25 || image->bytes[0] != 0x89 || head[8] != 8 ||
        (head[9] != 0 && head[9] != 2) || head[12] != 0)
        return 0;
    for (size_t at = MAGIC; image->size - at >= OVERHEAD;) {
        const uint8_t *chunk = image->bytes + at;
        const size_t length = big_endian(chunk);
        if (length > image->size - at - OVERHEAD || length > sizeof packed - size)
            return 0;
        if (memcmp(chunk + 4, "tRNS", 4) == 0)
            return 0;
        if (memcmp(chunk + 4, "IDAT", 4) == 0) {
            memcpy(packed + size, chunk + 8, length);
            size += length;
        }
        at += length + OVERHEAD;
    }
    return size;
}

static int paeth(int a, int b, int c)
{
    const int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/* Undoes the filter of row y [bytes], as section 9 of the PNG specification defines it. */
static void unfilter(uint8_t *row, const uint8_t *above, size_t bytes, size_t step, int filter)
{
    for (size_t i = 0; i < bytes; i++) {
        const int a = i >= step ? row[i - step] : 0, b = above != NULL ? above[i] : 0;
        const int c = i >= step && above != NULL ? above[i - step] : 0;
        const int guess = filter == 1   ? a
                          : filter == 2 ? b
                          : filter == 3 ? (a + b) / 2
                          : filter == 4 ? paeth(a, b, c)
                                        : 0;
        row[i] = (uint8_t)(row[i] + guess);
    }
}

/* Compares with pixels [height][width][channels]. */
static void check_png(const struct image_bytes *image, const struct image_shape *shape)
{
    const size_t size = join_data(image), bytes = shape->width * shape->channels;
    uLongf all = (uLongf)(shape->height * (bytes + 1));
    if (size == 0 || uncompress(rows, &all, packed, (uLong)size) != Z_OK ||
        all < shape->height * (bytes + 1))
        return;
    for (size_t y = 0; y < shape->height; y++) {
        uint8_t *row = rows + y * (bytes + 1);
        unfilter(row + 1, y > 0 ? row - bytes : NULL, bytes, shape->channels, row[0]);
        REQUIRE(memcmp(row + 1, pixels + y * bytes, bytes) == 0);
    }
}

static void require_guard(const uint8_t *end)
{
    for (size_t i = 0; i < GUARD; i++)
        REQUIRE(end[i] == POISON);
}

static void check_gray(const struct image_bytes *image, const struct image_shape *shape)
{
    const size_t count = shape->height * shape->width;
    struct image_shape gray = *shape;
    gray.channels = 1;
    memset(again, POISON, count + GUARD);
    REQUIRE(image_file_decode(image, &gray, again) == WEFT_OK);
    require_guard(again + count);
    for (size_t i = 0; shape->channels == 3 && i < count; i++) {
        const uint8_t *p = pixels + 3 * i;
        const double mean = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
        REQUIRE(again[i] - mean < 0.51 && mean - again[i] < 0.51);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct image_bytes image = {"file", data, size};
    struct image_shape shape;
    bool is_image;
    if (image_file_recognize(&image, &is_image) != WEFT_OK || !is_image)
        return 0;
    enum weft_status status = image_file_shape(&image, &shape);
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA);
    if (status != WEFT_OK || shape.height * shape.width > MOST_PIXELS)
        return 0;
    REQUIRE(shape.height > 0 && shape.width > 0 && (shape.channels == 1 || shape.channels == 3));
    const size_t numbers = shape.height * shape.width * shape.channels;
    memset(pixels, POISON, numbers + GUARD);
    status = image_file_decode(&image, &shape, pixels);
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA);
    require_guard(pixels + numbers);
    if (status != WEFT_OK)
        return 0;
    memset(again, POISON, numbers + GUARD);
    REQUIRE(image_file_decode(&image, &shape, again) == WEFT_OK);
    REQUIRE(memcmp(pixels, again, numbers + GUARD) == 0);
    check_gray(&image, &shape);
    check_png(&image, &shape);
    return 0;
}
