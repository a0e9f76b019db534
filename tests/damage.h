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

/* A safetensors file `name` with a tensor "sparse" of 5 GiB, all a hole in the file, after what the
 * file `path` holds (NULL: alone). */
static inline const char *sparse_file(const char *name, const char *path)
{
    static const long long values = 5LL << 28;
    char header[8192], tensor[256];
    size_t length = 1;
    long long begin = 0;
    header[0] = '{';
    if (path != NULL) { /* its header without the last brace; its values are as good as any */
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
