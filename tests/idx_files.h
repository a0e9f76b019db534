/* Makes small IDX files for tests byte by byte, saves them, and reads them back.
 *
 * Include it after the feature macro of temporary.h, and use the fixture of temporary.h in the test
 * case.
 */
#ifndef WEFT_TESTS_IDX_FILES_H
#define WEFT_TESTS_IDX_FILES_H

#include <stdint.h>
#include <string.h>

#include "data/idx.h"
#include "suite.h"
#include "temporary.h"

/* ---- making files ---- */

/* A growing array of bytes. */
struct bytes {
    unsigned char data[1 << 16];
    size_t size;
};

static inline void add(struct bytes *bytes, const void *data, size_t size)
{
    memcpy(&bytes->data[bytes->size], data, size);
    bytes->size += size;
}

static inline void add_size(struct bytes *bytes, uint32_t size)
{
    const unsigned char big_endian[4] = {(unsigned char)(size >> 24), (unsigned char)(size >> 16),
                                         (unsigned char)(size >> 8), (unsigned char)size};
    add(bytes, big_endian, sizeof big_endian);
}

/* Makes a header: 00 00 TYPE DIMENSIONS and the sizes, which end with 0. */
static inline struct bytes header(unsigned char type, const uint32_t *sizes)
{
    struct bytes bytes = {.size = 4};
    bytes.data[2] = type;
    for (; *sizes != 0; sizes++, bytes.data[3]++)
        add_size(&bytes, *sizes);
    return bytes;
}

/* Makes 3 images of 2 x 2 pixels with the values 0 .. 11. */
static inline struct bytes three_images(void)
{
    struct bytes bytes = header(0x08, (const uint32_t[]){3, 2, 2, 0});
    add(&bytes, "\0\1\2\3\4\5\6\7\10\11\12\13", 12);
    return bytes;
}

static inline struct bytes three_labels(void)
{
    struct bytes bytes = header(0x08, (const uint32_t[]){3, 0});
    add(&bytes, "\1\0\2", 3);
    return bytes;
}

static inline const char *save(const char *name, const struct bytes *bytes)
{
    return temporary_write(name, bytes->data, bytes->size);
}

/* ---- reading them ---- */

/* Checks that reading `bytes` as images fails with WEFT_ERROR_DATA and names the byte and
 * `text`. */
static inline void check_bad_images(const struct bytes *bytes, const char *text)
{
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_read_idx(save("bad-images", bytes), NULL, &dataset), WEFT_ERROR_DATA,
             text);
    ck_assert_ptr_null(dataset);
    ck_assert_ptr_nonnull(strstr(weft_error(), "bad-images: byte "));
}

/* Checks that the files contain the three images and labels from above. */
static inline void check_three(const char *images, const char *labels)
{
    static const int32_t expected[3] = {1, 0, 2};
    struct weft_dataset *dataset;
    struct weft_dataset_info info;
    ck_ok(weft_dataset_read_idx(images, labels, &dataset));
    weft_dataset_get_info(dataset, &info);
    ck_assert_str_eq(info.name, images);
    ck_assert_uint_eq(info.samples, 3);
    ck_assert_uint_eq(info.features, 4);
    for (size_t i = 0; i < 12; i++)
        ck_assert(info.x[i] == (float)i);
    ck_assert_uint_eq(info.classes, labels != NULL ? 3 : 0);
    if (labels != NULL)
        ck_assert_mem_eq(info.labels, expected, sizeof expected);
    else
        ck_assert_ptr_null(info.labels);
    weft_dataset_destroy(dataset);
}

#endif
