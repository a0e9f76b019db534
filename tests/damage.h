/* Files damaged on purpose: loaded whole, cut, a bit flipped. Needs _XOPEN_SOURCE 700 before the
 * first include. */
#ifndef WEFT_TESTS_DAMAGE_H
#define WEFT_TESTS_DAMAGE_H

#include "suite.h"
#include "temporary.h"

enum { LARGEST_IMAGE = 1 << 16 };

struct image {
    size_t size;
    unsigned char bytes[LARGEST_IMAGE];
};

static inline struct image image_load(const char *path)
{
    static struct image image;
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    image.size = fread(image.bytes, 1, sizeof image.bytes, file);
    fclose(file);
    ck_assert_uint_lt(image.size, sizeof image.bytes);
    return image;
}

/* Where the header of a safetensors file ends that is shorter than 64 KiB. */
static inline size_t image_header_end(const struct image *image)
{
    return 8 + image->bytes[0] + 256u * image->bytes[1];
}

/* Writes the byte with bit `bit` of the file in it anew: flipped, or as it was in `image`. In
 * place, for new files by the thousand take their time. */
static inline void image_put(const char *path, const struct image *image, size_t bit, bool flipped)
{
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, (long)(bit / 8), SEEK_SET), 0);
    fputc(image->bytes[bit / 8] ^ (flipped ? 1 << bit % 8 : 0), file);
    ck_assert_int_eq(fclose(file), 0);
}

#endif
