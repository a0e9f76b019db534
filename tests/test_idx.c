/* Tests IDX files: every way in which they can be wrong, and the six value types. */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <string.h>

#include "bounded.h"
#include "data/idx.h"
#include "idx_files.h"
#include "suite.h"
#include "temporary.h"

static void check_bad_labels(const struct bytes *bytes, const char *text)
{
    const struct bytes images = three_images();
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_read_idx(save("images", &images), save("bad-labels", bytes), &dataset),
             WEFT_ERROR_DATA, text);
    ck_assert_ptr_null(dataset);
    ck_assert_ptr_nonnull(strstr(weft_error(), "bad-labels: byte "));
}

/* ---- good files ---- */

START_TEST(plain_pair)
{
    const struct bytes images = three_images(), labels = three_labels();
    check_three(save("images", &images), save("labels", &labels));
    check_three(save("images", &images), NULL);
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

/* The targets 1, 0, 0, 1, 1, 1 of three samples, or their first column. */
static const struct kind {
    unsigned char type;
    uint32_t sizes[3];
    const char *values;
    size_t bytes;
} kinds[] = {
    {0x08, {3, 2, 0}, "\1\0\0\1\1\1", 6},
    {0x0b, {3, 2, 0}, "\0\1\0\0\0\0\0\1\0\1\0\1", 12},
    {0x0d, {3, 2, 0}, "\x3f\x80\0\0\0\0\0\0\0\0\0\0\x3f\x80\0\0\x3f\x80\0\0\x3f\x80\0\0", 24},
    {0x0d, {3, 0}, "\x3f\x80\0\0\0\0\0\0\x3f\x80\0\0", 12},
    {0x0e, {3, 0}, "\x3f\xf0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x3f\xf0\0\0\0\0\0\0", 24},
};

START_TEST(targets_of_all_kinds)
{
    static const float want[] = {1, 0, 0, 1, 1, 1};
    const struct bytes images = three_images();
    const size_t columns = kinds[_i].sizes[1] == 0 ? 1 : 2;
    struct bytes labels = header(kinds[_i].type, kinds[_i].sizes);
    struct weft_dataset *dataset;
    struct weft_dataset_info info;
    add(&labels, kinds[_i].values, kinds[_i].bytes);
    ck_ok(weft_dataset_read_idx(save("images", &images), save("targets", &labels), &dataset));
    weft_dataset_get_info(dataset, &info);
    ck_assert_ptr_null(info.labels);
    ck_assert_uint_eq(info.classes, columns);
    ck_assert_str_eq(info.class_names[columns - 1], columns == 1 ? "0" : "1");
    for (size_t i = 0; i < 3 * columns; i++)
        ck_assert(info.targets[i] == want[columns == 1 ? 2 * i : i]);
    weft_dataset_destroy(dataset);
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

/* All 2^16 pairs of a type and a number of dimensions, in a file that is right but for these. */
START_TEST(every_type_and_number_of_dimensions)
{
    struct bytes bytes = three_images();
    const char *path = save("typed", &bytes);
    FILE *file = fopen(path, "r+b");
    size_t taken = 0;
    for (int type = 0; type < 256; type++) {
        for (int dimensions = 0; dimensions < 256; dimensions++) {
            struct weft_dataset *dataset;
            ck_assert_int_eq(fseek(file, 2, SEEK_SET), 0);
            ck_assert(putc(type, file) != EOF && putc(dimensions, file) != EOF);
            ck_assert_int_eq(fflush(file), 0);
            const enum weft_status status = weft_dataset_read_idx(path, NULL, &dataset);
            const bool right = (type == 0x08 || type == 0x09) && dimensions == 3;
            ck_assert_msg(status == (right ? WEFT_OK : WEFT_ERROR_DATA),
                          "type %d, %d sizes: %d: %s", type, dimensions, (int)status, weft_error());
            taken += status == WEFT_OK;
            weft_dataset_destroy(dataset);
        }
    }
    fclose(file);
    ck_assert_uint_eq(taken, 2); /* bytes with and without sign */
}
END_TEST

/* Each size alone, and all together, at what breaks sums and products. */
START_TEST(every_size_at_its_extremes)
{
    static const uint32_t extremes[] = {0, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    for (size_t dimensions = 1; dimensions <= 8; dimensions++) {
        for (size_t e = 0; e < sizeof extremes / sizeof *extremes; e++) {
            for (size_t spoilt = 0; spoilt <= dimensions; spoilt++) { /* the last: all of them */
                struct bytes bytes = {.data = {0, 0, 8, (unsigned char)dimensions}, .size = 4};
                for (size_t i = 0; i < dimensions; i++)
                    add_size(&bytes, spoilt == i || spoilt == dimensions ? extremes[e] : 1);
                add(&bytes, "x", 1);
                const struct bounds bounds = bounds_begin();
                check_bad_images(&bytes, "byte ");
                bounds_check(&bounds);
            }
        }
    }
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

/* Images and labels of 4 GiB each that are right, but not of each other. */
START_TEST(counts_above_four_gibibytes)
{
    const struct bytes images = header(0x08, (const uint32_t[]){0xffffffff, 2, 0}),
                       labels = header(0x08, (const uint32_t[]){0xfffffffe, 0});
    const char *of_images = save("images", &images), *of_labels = save("labels", &labels);
    ck_assert_int_eq(truncate(of_images, (off_t)(12 + 2 * 0xffffffffLL)), 0);
    ck_assert_int_eq(truncate(of_labels, (off_t)(8 + 0xfffffffeLL)), 0);
    struct weft_dataset *dataset;
    const struct bounds bounds = bounds_begin();
    ck_fails(weft_dataset_read_idx(of_images, of_labels, &dataset), WEFT_ERROR_DATA,
             "byte 4: number of labels: got 4294967294, need 4294967295, as in ");
    bounds_check(&bounds);
    ck_assert_int_eq(unlink(of_images) + unlink(of_labels), 0);
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
    struct bytes labels = header(0x0d, (const uint32_t[]){3, 1, 1, 0});
    add(&labels, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    check_bad_labels(&labels, "byte 3: dimensions of labels: got 3, need 1, or 2 of targets");
}
END_TEST

/* Where the classes are known, only labels will do. */
START_TEST(targets_of_known_classes)
{
    const struct bytes images = three_images();
    struct weft_dataset *dataset;
    struct bytes labels = header(0x0d, (const uint32_t[]){3, 0});
    add(&labels, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    ck_fails(idx_read_pair(save("images", &images), save("labels", &labels), false, IDX_BY_TYPE,
                           "two classes", 2, NULL, &dataset),
             WEFT_ERROR_DATA, "byte 2: type of labels: got 0x0d, need an integer");
    labels = header(0x08, (const uint32_t[]){3, 1, 0});
    add(&labels, "\0\1\0", 3);
    ck_fails(idx_read_pair(save("images", &images), save("labels", &labels), false, IDX_BY_TYPE,
                           "two classes", 2, NULL, &dataset),
             WEFT_ERROR_DATA, "byte 3: dimensions of labels: got 2, need 1");
}
END_TEST

START_TEST(targets_that_are_not_finite)
{
    struct bytes labels = header(0x0d, (const uint32_t[]){3, 0});
    const struct bytes images = three_images();
    struct weft_dataset *dataset;
    add(&labels, "\0\0\0\0\x7f\x80\0\0\x7f\xc0\0\0", 12);
    ck_fails(weft_dataset_read_idx(save("images", &images), save("labels", &labels), &dataset),
             WEFT_ERROR_DATA, "sample 1, target 0: got inf, need a finite number (2 such targets");
    ck_assert_ptr_null(dataset);
}
END_TEST

START_TEST(labels_out_of_range)
{
    const struct bytes images = three_images(), labels = three_labels();
    struct weft_dataset *dataset;
    ck_fails(idx_read_pair(save("images", &images), save("labels", &labels), false, IDX_BY_TYPE,
                           "two classes", 2, NULL, &dataset),
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
    bytes = header(0x0e, (const uint32_t[]){1, 0});
    add(&bytes, "\107\360\0\0\0\0\0\0", 8); /* 2^128 */
    ck_fails(weft_dataset_read_idx(save("wide", &bytes), NULL, &dataset), WEFT_ERROR_DATA,
             "sample 0, feature 0: got inf, need a finite number (1 such");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idx");
    TCase *good = tcase_create("good"), *bad = tcase_create("bad");
    tcase_add_unchecked_fixture(good, temporary_create, temporary_remove);
    tcase_add_test(good, plain_pair);
    tcase_add_test(good, six_value_types);
    tcase_add_test(good, labels_of_wide_types);
    tcase_add_loop_test(good, targets_of_all_kinds, 0, (int)(sizeof kinds / sizeof *kinds));
    tcase_add_test(good, eight_dimensions);
    tcase_add_test(good, several_chunks);
    suite_add_tcase(suite, good);
    tcase_add_unchecked_fixture(bad, temporary_create, temporary_remove);
    tcase_add_test(bad, cut_anywhere);
    tcase_add_test(bad, bad_magic);
    tcase_add_test(bad, no_samples_no_features);
    tcase_add_test(bad, one_byte_too_many);
    tcase_add_test(bad, sizes_overflow);
    tcase_add_test(bad, every_type_and_number_of_dimensions);
    tcase_add_test(bad, every_size_at_its_extremes);
    tcase_add_test(bad, file_above_four_gibibytes);
    tcase_add_test(bad, counts_above_four_gibibytes);
    tcase_add_test(bad, missing_files_and_folders);
    tcase_add_test(bad, counts_differ);
    tcase_add_test(bad, labels_of_bad_shape);
    tcase_add_test(bad, targets_of_known_classes);
    tcase_add_test(bad, targets_that_are_not_finite);
    tcase_add_test(bad, labels_out_of_range);
    tcase_add_test(bad, values_not_finite);
    suite_add_tcase(suite, bad);
    return suite_main(suite);
}
