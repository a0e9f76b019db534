/* IDX files, plain and gzip: every way in which they can be wrong, and the six value types. */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

#include "base/file.h"
#include "data/idx.h"
#include "suite.h"
#include "temporary.h"

/* ---- making files ---- */

/* Bytes that grow. */
struct bytes {
    unsigned char data[1 << 16];
    size_t size;
};

static void add(struct bytes *bytes, const void *data, size_t size)
{
    memcpy(&bytes->data[bytes->size], data, size);
    bytes->size += size;
}

static void add_size(struct bytes *bytes, uint32_t size)
{
    const unsigned char big_endian[4] = {(unsigned char)(size >> 24), (unsigned char)(size >> 16),
                                         (unsigned char)(size >> 8), (unsigned char)size};
    add(bytes, big_endian, sizeof big_endian);
}

/* 00 00 TYPE DIMENSIONS and the sizes, ended by 0. */
static struct bytes header(unsigned char type, const uint32_t *sizes)
{
    struct bytes bytes = {.size = 4};
    bytes.data[2] = type;
    for (; *sizes != 0; sizes++, bytes.data[3]++)
        add_size(&bytes, *sizes);
    return bytes;
}

/* 3 images of 2 x 2 pixels: 0 .. 11. */
static struct bytes three_images(void)
{
    struct bytes bytes = header(0x08, (const uint32_t[]){3, 2, 2, 0});
    add(&bytes, "\0\1\2\3\4\5\6\7\10\11\12\13", 12);
    return bytes;
}

static struct bytes three_labels(void)
{
    struct bytes bytes = header(0x08, (const uint32_t[]){3, 0});
    add(&bytes, "\1\0\2", 3);
    return bytes;
}

static const char *save(const char *name, const struct bytes *bytes)
{
    return temporary_write(name, bytes->data, bytes->size);
}

/* One gzip member of `input`, after what `output` holds. */
static void add_gzip(struct bytes *output, const void *input, size_t size)
{
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)input;
    stream.avail_in = (uInt)size;
    stream.next_out = &output->data[output->size];
    stream.avail_out = (uInt)(sizeof output->data - output->size);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    output->size += stream.total_out;
    deflateEnd(&stream);
}

/* ---- reading them ---- */

static void check_bad_images(const struct bytes *bytes, const char *text)
{
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_read_idx(save("bad-images", bytes), NULL, &dataset), WEFT_ERROR_DATA,
             text);
    ck_assert_ptr_null(dataset);
    ck_assert_ptr_nonnull(strstr(weft_error(), "bad-images: byte "));
}

static void check_bad_labels(const struct bytes *bytes, const char *text)
{
    const struct bytes images = three_images();
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_read_idx(save("images", &images), save("bad-labels", bytes), &dataset),
             WEFT_ERROR_DATA, text);
    ck_assert_ptr_null(dataset);
    ck_assert_ptr_nonnull(strstr(weft_error(), "bad-labels: byte "));
}

/* The three images and labels above, from whatever files. */
static void check_three(const char *images, const char *labels)
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

/* ---- good files ---- */

START_TEST(plain_pair)
{
    const struct bytes images = three_images(), labels = three_labels();
    check_three(save("images", &images), save("labels", &labels));
    check_three(save("images", &images), NULL);
}
END_TEST

START_TEST(gzip_pair)
{
    const struct bytes images = three_images(), labels = three_labels();
    struct bytes one = {.size = 0}, two = {.size = 0};
    add_gzip(&one, images.data, images.size);
    add_gzip(&two, labels.data, 5); /* cut into members in the middle of the header */
    add_gzip(&two, labels.data + 5, 0);
    add_gzip(&two, labels.data + 5, labels.size - 5);
    check_three(save("images.gz", &one), save("labels-without-suffix", &two));
}
END_TEST

START_TEST(six_value_types)
{
    static const struct {
        unsigned char type;
        size_t bytes;
        unsigned char values[3][8]; /* big-endian */
        float expected[3];
    } rows[] = {
        {0x08, 1, {{0}, {127}, {255}}, {0.0f, 127.0f, 255.0f}},
        {0x09, 1, {{0x80}, {0xff}, {0x7f}}, {-128.0f, -1.0f, 127.0f}},
        {0x0b, 2, {{0x80, 0}, {0xff, 0xfe}, {0x7f, 0xff}}, {-32768.0f, -2.0f, 32767.0f}},
        {0x0c,
         4,
         {{0x80, 0, 0, 0}, {0xff, 0xff, 0xff, 0xfd}, {0x01, 0x02, 0x03, 0x04}},
         {-2147483648.0f, -3.0f, 16909060.0f}},
        {0x0d, 4, {{0x3f, 0xc0}, {0xc2, 0x28}, {0, 0, 0, 1}}, {1.5f, -42.0f, 0x1p-149f}},
        {0x0e,
         8,
         {{0x3f, 0xf8}, {0xc0, 0x45}, {0x47, 0xef, 0xff, 0xff, 0xe0}},
         {1.5f, -42.0f, 0x1.fffffep127f}},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct bytes bytes = header(rows[row].type, (const uint32_t[]){3, 0});
        for (size_t i = 0; i < 3; i++)
            add(&bytes, rows[row].values[i], rows[row].bytes);
        struct weft_dataset *dataset;
        ck_ok(weft_dataset_read_idx(save("typed", &bytes), NULL, &dataset));
        ck_assert_uint_eq(dataset->features, 1);
        for (size_t i = 0; i < 3; i++)
            ck_assert_msg(dataset->x[i] == rows[row].expected[i], "type %d, value %zu: %g",
                          rows[row].type, i, (double)dataset->x[i]);
        weft_dataset_destroy(dataset);
    }
}
END_TEST

START_TEST(labels_of_wide_types)
{
    const struct bytes images = three_images();
    struct bytes labels = header(0x0c, (const uint32_t[]){3, 0});
    add(&labels, "\0\0\0\1\0\0\0\0\0\0\1\4", 12);
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_read_idx(save("images", &images), save("wide", &labels), &dataset));
    ck_assert_int_eq(dataset->labels[2], 260);
    ck_assert_uint_eq(dataset->classes, 261);
    ck_assert_str_eq(dataset->class_names[260], "260");
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(eight_dimensions)
{
    struct bytes bytes = header(0x08, (const uint32_t[]){2, 1, 1, 3, 1, 1, 1, 2, 0});
    add(&bytes, "abcdefghijkl", 12);
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_read_idx(save("eight", &bytes), NULL, &dataset));
    ck_assert_uint_eq(dataset->samples, 2);
    ck_assert_uint_eq(dataset->features, 6);
    ck_assert(dataset->x[11] == (float)'l');
    weft_dataset_destroy(dataset);
}
END_TEST

/* More than one chunk, and an end inside one. */
START_TEST(several_chunks)
{
    enum { N = 3, D = 1000003 };
    const char *path = temporary_path("chunks");
    FILE *file = fopen(path, "wb");
    const struct bytes head = header(0x09, (const uint32_t[]){N, D, 0});
    ck_assert_uint_eq(fwrite(head.data, 1, head.size, file), head.size);
    for (size_t i = 0; i < (size_t)N * D; i++)
        putc((int)(i % 127), file);
    ck_assert_int_eq(fclose(file), 0);
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_read_idx(path, NULL, &dataset));
    for (size_t i = 0; i < (size_t)N * D; i++)
        if (dataset->x[i] != (float)(i % 127))
            ck_abort_msg("value %zu: %g", i, (double)dataset->x[i]);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- bad headers ---- */

START_TEST(cut_anywhere)
{
    const struct bytes whole = three_images();
    for (size_t size = 0; size < whole.size; size++) {
        struct bytes cut = whole;
        cut.size = size;
        char text[64];
        if (size < 4)
            snprintf(text, sizeof text, "got %zu bytes, need at least 4", size);
        else if (size < 16)
            snprintf(text, sizeof text, "byte %zu: header ends: got %zu bytes, need 16", size,
                     size);
        else
            snprintf(text, sizeof text, "byte 16: values: got %zu bytes, need 12", size - 16);
        check_bad_images(&cut, text);
    }
}
END_TEST

START_TEST(bad_magic)
{
    struct bytes bytes = three_images();
    bytes.data[1] = 0x50;
    check_bad_images(&bytes, "byte 0: magic of an IDX file: got 00 50, need 00 00");
    bytes = three_images();
    bytes.data[2] = 0x0a;
    check_bad_images(&bytes, "byte 2: value type: got 0x0a, need 0x08");
    bytes = three_images();
    bytes.data[3] = 0;
    check_bad_images(&bytes, "byte 3: number of dimensions: got 0, need 1 to 8");
    bytes.data[3] = 9;
    check_bad_images(&bytes, "byte 3: number of dimensions: got 9, need 1 to 8");
}
END_TEST

START_TEST(no_samples_no_features)
{
    struct bytes bytes = three_images();
    bytes.data[7] = 0;
    bytes.size = 16;
    check_bad_images(&bytes, "byte 4: number of samples: got 0, need at least 1");
    bytes = three_images();
    bytes.data[15] = 0;
    check_bad_images(&bytes, "byte 12: size of a dimension: got 0, need at least 1");
}
END_TEST

START_TEST(one_byte_too_many)
{
    struct bytes bytes = three_images();
    add(&bytes, "x", 1);
    check_bad_images(&bytes, "byte 16: values: got 13 bytes, need 12 (3 x 2 x 2 of 1)");
}
END_TEST

START_TEST(sizes_overflow)
{
    const uint32_t most = 0xffffffff;
    struct bytes bytes =
        header(0x0e, (const uint32_t[]){most, most, most, most, most, most, most, most, 0});
    check_bad_images(&bytes, "byte 4: sizes overflow: got 4294967295 x 4294967295 x ");
    bytes = header(0x0e, (const uint32_t[]){1u << 31, 1u << 31, 0}); /* 2^62 values of 8 bytes */
    check_bad_images(&bytes, "byte 4: sizes overflow: got 2147483648 x 2147483648 values");
    bytes = header(0x08, (const uint32_t[]){1u << 31, 1u << 31, 4, 0}); /* 2^64 is 0 */
    check_bad_images(&bytes, "byte 4: sizes overflow");
    bytes = header(0x08, (const uint32_t[]){1u << 16, 1u << 16, 0}); /* 2^32, 0 in 32 bits */
    check_bad_images(&bytes, "values: got 0 bytes, need 4294967296");
}
END_TEST

/* A file of more than 4 GiB, of which almost nothing is on the disk, one byte short. */
START_TEST(file_above_four_gibibytes)
{
    const struct bytes bytes = header(0x08, (const uint32_t[]){65536, 65537, 0});
    const char *path = save("sparse", &bytes);
    ck_assert_int_eq(truncate(path, (off_t)(12 + (int64_t)65536 * 65537 - 1)), 0);
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_read_idx(path, NULL, &dataset), WEFT_ERROR_DATA,
             "byte 12: values: got 4295032831 bytes, need 4295032832");
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(missing_files_and_folders)
{
    const struct bytes images = three_images();
    const char *path = save("images", &images);
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_read_idx(temporary_path("none"), NULL, &dataset), WEFT_ERROR_IO,
             "none: cannot open: No such file");
    ck_fails(weft_dataset_read_idx(path, temporary_path("none"), &dataset), WEFT_ERROR_IO,
             "none: cannot open: No such file");
    ck_fails(weft_dataset_read_idx(temporary_folder, path, &dataset), WEFT_ERROR_IO,
             "got a folder, need a file");
}
END_TEST

/* ---- bad labels and values ---- */

START_TEST(counts_differ)
{
    struct bytes labels = header(0x08, (const uint32_t[]){2, 0});
    add(&labels, "\1\0", 2);
    check_bad_labels(&labels, "byte 4: number of labels: got 2, need 3, as in ");
}
END_TEST

START_TEST(labels_of_bad_shape)
{
    const struct bytes images = three_images();
    check_bad_labels(&images, "byte 3: dimensions of labels: got 3, need 1");
    struct bytes labels = header(0x0d, (const uint32_t[]){3, 0});
    add(&labels, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    check_bad_labels(&labels, "byte 2: type of labels: got 0x0d, need an integer");
}
END_TEST

START_TEST(labels_out_of_range)
{
    const struct bytes images = three_images(), labels = three_labels();
    struct weft_dataset *dataset;
    ck_fails(idx_read_pair(save("images", &images), save("labels", &labels), "two classes", 2, NULL,
                           &dataset),
             WEFT_ERROR_DATA, "labels: byte 10: label of sample 2: got 2, need 0 to 1");
    struct bytes negative = header(0x0b, (const uint32_t[]){3, 0});
    add(&negative, "\0\1\377\377\0\0", 6);
    check_bad_labels(&negative, "byte 10: label of sample 1: got -1, need 0 to 65535");
    struct bytes huge = header(0x0c, (const uint32_t[]){3, 0});
    add(&huge, "\0\0\0\0\177\377\377\377\0\0\0\0", 12);
    check_bad_labels(&huge, "byte 12: label of sample 1: got 2147483647, need 0 to 65535");
}
END_TEST

START_TEST(values_not_finite)
{
    struct bytes bytes = header(0x0d, (const uint32_t[]){2, 3, 0});
    add(&bytes, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\177\300\0\0\177\200\0\0", 24);
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_read_idx(save("nan", &bytes), NULL, &dataset), WEFT_ERROR_DATA,
             "sample 1, feature 1: got nan, need a finite number (2 such");
    bytes = header(0x0e, (const uint32_t[]){1, 0});
    add(&bytes, "\307\360\0\0\0\0\0\0", 8); /* -2^128: finite, but not as float32 */
    ck_fails(weft_dataset_read_idx(save("wide", &bytes), NULL, &dataset), WEFT_ERROR_DATA,
             "sample 0, feature 0: got -inf, need a finite number (1 such");
}
END_TEST

/* ---- bad gzip ---- */

START_TEST(gzip_cut_anywhere)
{
    const struct bytes images = three_images();
    struct bytes whole = {.size = 0};
    add_gzip(&whole, images.data, images.size);
    for (size_t size = 2; size < whole.size; size++) {
        struct bytes cut = whole;
        cut.size = size;
        check_bad_images(&cut, "gzip data: got the end of the file, need more");
    }
}
END_TEST

START_TEST(gzip_bad_checksum_and_length)
{
    const struct bytes images = three_images();
    struct bytes bytes = {.size = 0};
    add_gzip(&bytes, images.data, images.size);
    bytes.data[bytes.size - 8] ^= 1;
    check_bad_images(&bytes, "damaged gzip data: incorrect data check");
    bytes.data[bytes.size - 8] ^= 1;
    bytes.data[bytes.size - 1] ^= 1;
    check_bad_images(&bytes, "damaged gzip data: incorrect length check");
}
END_TEST

START_TEST(gzip_garbage_after)
{
    const struct bytes images = three_images();
    struct bytes bytes = {.size = 0};
    add_gzip(&bytes, images.data, images.size);
    const size_t member = bytes.size;
    add(&bytes, "\0\0\0", 3);
    char text[80];
    snprintf(text, sizeof text, "byte %zu: garbage after the gzip data: got 3 bytes", member);
    check_bad_images(&bytes, text);
    bytes.size = member;
    add(&bytes, "\037", 1);
    check_bad_images(&bytes, "gzip data: got the end of the file, need more");
    bytes.size = member;
    add(&bytes, "\037\213junk", 6);
    check_bad_images(&bytes, "damaged gzip data");
}
END_TEST

START_TEST(gzip_payload_short_and_long)
{
    const struct bytes images = three_images();
    struct bytes bytes = {.size = 0};
    add_gzip(&bytes, images.data, images.size - 1);
    check_bad_images(&bytes, "byte 27: values end: got 11 bytes, need 12");
    bytes.size = 0;
    add_gzip(&bytes, images.data, images.size);
    add_gzip(&bytes, "x", 1);
    check_bad_images(&bytes, "byte 28: longer than its header says: got more than 12 bytes");
}
END_TEST

/* Memory that this process took at its worst, in bytes. */
static long peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss * 1024L;
}

/* Both kinds of bomb end within a second and 16 MiB: a small file whose header asks for terabytes,
 * and one that goes on for 60 MB behind the values that it announced. */
START_TEST(gzip_bombs)
{
    static unsigned char zeros[60000000];
    const struct bytes small = three_images();
    struct bytes greedy = header(0x08, (const uint32_t[]){60000, 2800, 2800, 0}),
                 endless = {.size = 0};
    memcpy(zeros, small.data, small.size);
    add_gzip(&endless, zeros, sizeof zeros);
    struct bytes packed = {.size = 0};
    add_gzip(&packed, greedy.data, greedy.size);
    char most[80];
    snprintf(most, sizeof most, "got at most %zu bytes from %zu of gzip, need 470400000000",
             packed.size * 1032, packed.size);
    const long before = peak_bytes();
    const double begin = clock_seconds();
    check_bad_images(&packed, most);
    check_bad_images(&endless, "byte 28: longer than its header says");
    ck_assert(clock_seconds() - begin < 1.0);
    ck_assert_int_lt(peak_bytes() - before, 16L << 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idx");
    TCase *good = tcase_create("good"), *bad = tcase_create("bad"), *gzip = tcase_create("gzip");
    tcase_add_unchecked_fixture(good, temporary_create, temporary_remove);
    tcase_add_test(good, plain_pair);
    tcase_add_test(good, gzip_pair);
    tcase_add_test(good, six_value_types);
    tcase_add_test(good, labels_of_wide_types);
    tcase_add_test(good, eight_dimensions);
    tcase_add_test(good, several_chunks);
    suite_add_tcase(suite, good);
    tcase_add_unchecked_fixture(bad, temporary_create, temporary_remove);
    tcase_add_test(bad, cut_anywhere);
    tcase_add_test(bad, bad_magic);
    tcase_add_test(bad, no_samples_no_features);
    tcase_add_test(bad, one_byte_too_many);
    tcase_add_test(bad, sizes_overflow);
    tcase_add_test(bad, file_above_four_gibibytes);
    tcase_add_test(bad, missing_files_and_folders);
    tcase_add_test(bad, counts_differ);
    tcase_add_test(bad, labels_of_bad_shape);
    tcase_add_test(bad, labels_out_of_range);
    tcase_add_test(bad, values_not_finite);
    suite_add_tcase(suite, bad);
    tcase_add_unchecked_fixture(gzip, temporary_create, temporary_remove);
    tcase_add_test(gzip, gzip_cut_anywhere);
    tcase_add_test(gzip, gzip_bad_checksum_and_length);
    tcase_add_test(gzip, gzip_garbage_after);
    tcase_add_test(gzip, gzip_payload_short_and_long);
    tcase_add_test(gzip, gzip_bombs);
    suite_add_tcase(suite, gzip);
    return suite_main(suite);
}
