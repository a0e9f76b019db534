/* Damages files on purpose: loads them whole, cuts them, or flips a bit. Needs _XOPEN_SOURCE 700
 * before the first include. */
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

/* Returns where the header of a safetensors file ends. The header must be shorter than 64 KiB. */
static inline size_t image_header_end(const struct image *image)
{
    return 8 + image->bytes[0] + 256u * image->bytes[1];
}

/* Rewrites the byte that contains bit `bit` of the file: with the bit flipped, or as it was in
 * `image`. It works in place, because creating thousands of files takes too long. */
static inline void image_put(const char *path, const struct image *image, size_t bit, bool flipped)
{
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, (long)(bit / 8), SEEK_SET), 0);
    fputc(image->bytes[bit / 8] ^ (flipped ? 1 << bit % 8 : 0), file);
    ck_assert_int_eq(fclose(file), 0);
}

/* Makes a safetensors file `name` with a tensor "sparse" of 5 GiB, which is a hole in the file. It
 * follows the contents of the file `path`, or stands alone if `path` is NULL. */
static inline const char *sparse_file(const char *name, const char *path)
{
    static const long long values = 5LL << 28;
    char header[8192], tensor[256];
    size_t length = 1;
    long long begin = 0;
    header[0] = '{';
    if (path != NULL) { /* copies the header without its last brace; the values do not matter */
        const struct image image = image_load(path);
        const size_t end = image_header_end(&image);
        begin = (long long)(image.size - end);
        ck_assert_uint_lt(end + sizeof tensor, sizeof header);
        memcpy(header, image.bytes + 8, end - 8);
        for (length = end - 8; header[length - 1] != '}'; length--)
            ;
        header[length - 1] = ',';
    }
    snprintf(tensor, sizeof tensor,
             "\"sparse\":{\"dtype\":\"F32\",\"shape\":[%lld],\"data_offsets\":[%lld,%lld]}}",
             values, begin, begin + 4 * values);
    memcpy(header + length, tensor, strlen(tensor));
    length += strlen(tensor);
    unsigned char bytes[8 + sizeof header] = {(unsigned char)length, (unsigned char)(length >> 8)};
    memcpy(bytes + 8, header, length);
    const char *sparse = temporary_write(name, bytes, 8 + length);
    ck_assert_int_eq(truncate(sparse, (off_t)(8 + (long long)length + begin + 4 * values)), 0);
    return sparse;
}

#endif
