/* Tests NPZ files: every type and order, written by NumPy, and archives that are wrong. */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <zlib.h>

#include "bounded.h"
#include "data/npz.h"
#include "format_files.h"

enum { ROWS = 4, COLUMNS = 6, COUNT = ROWS * COLUMNS };

static void open_npz(const char *path, struct npz **npz)
{
    struct byte_source *bytes;
    ck_ok(byte_source_open(path, &bytes));
    ck_ok(npz_open(bytes, path, npz));
    byte_source_close(bytes);
}

/* ---- good files ---- */

/* Value i of an array in types.npz, as make.py computes it. */
static double value_of(const char *type, size_t i)
{
    const double x = (double)i;
    static const struct {
        const char *type;
        double factor, offset;
    } rows[] = {
        {"u1", 10, 0},    {"u2", 2500, 0},      {"u4", 150000000, 0},     {"u8", 0x1p58, 0},
        {"i1", 10, -120}, {"i2", 2500, -30000}, {"i4", 150000000, -18e8}, {"i8", 0x1p58, -0x1p62},
        {"f2", 0.25, -3}, {"f4", 0.25, -3},     {"f8", 0.25, -3}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        if (strncmp(type, rows[row].type, 2) == 0)
            return x * rows[row].factor + rows[row].offset;
    ck_assert_msg(strncmp(type, "b1", 2) == 0, "%s", type);
    return i % 3 == 0;
}

START_TEST(every_type_and_order)
{
    struct npz *npz;
    open_npz(format_path("types.npz"), &npz);
    ck_assert_uint_eq(npz_count(npz), 12 * 4);
    for (size_t k = 0; k < npz_count(npz); k++) {
        struct array array;
        const char *name = npz_names(npz)[k];
        ck_ok(npz_read(npz, k, &array));
        ck_assert_uint_eq(array.dimensions, 3);
        ck_assert(array.rows == ROWS && array.columns == COLUMNS && !array.missing);
        ck_assert(array.integers == (name[0] != 'f'));
        for (size_t i = 0; i < COUNT; i++)
            ck_assert_msg(array_value(&array, i) == value_of(name, i), "%s, value %zu: %g", name, i,
                          array_value(&array, i));
        array_reset(&array);
    }
    npz_close(npz);
}
END_TEST

START_TEST(pair_in_one_file)
{
    struct source source;
    ck_ok(format_open(format_path("pair.npz"), NULL, &source));
    ck_assert(source.train->samples == ROWS && source.train->features == COLUMNS);
    ck_assert_ptr_null(source.test);
    ck_assert_uint_eq(source.train->classes, 3); /* 1, 3 and 7 */
    ck_assert_str_eq(source.train->class_names[2], "7");
    ck_assert_int_eq(source.train->labels[0], 1);
    ck_assert_int_eq(source.train->labels[1], 0);
    source_reset(&source);
    const struct source_request later = {.what = format_path("pair.npz"), .train = true};
    ck_ok(source_open(&later, &source)); /* not for a training: the numbers stay */
    ck_assert(source.train->classes == 8 && source.train->labels[0] == 3);
    source_reset(&source);
}
END_TEST

START_TEST(keras_names)
{
    struct source source;
    ck_ok(format_open(format_path("keras.npz"), NULL, &source));
    ck_assert(source.train->samples == 4 && source.test->samples == 2);
    ck_assert(source.train->height == 2 && source.train->width == 3);
    ck_assert_uint_eq(source.train->channels, 1);
    ck_assert_uint_eq(source.test->classes, 3); /* those of the training set, though 7 is missing */
    ck_assert_int_eq(source.test->labels[1], 0);
    source_reset(&source);
}
END_TEST

START_TEST(arrays_by_name)
{
    struct weft_data_options options = format_options();
    struct source source;
    options.x = "x_test";
    options.y = "y_test";
    ck_ok(format_open(format_path("keras.npz"), &options, &source));
    ck_assert_uint_eq(source.train->samples, 2);
    source_reset(&source);
    options.x = "x_tset";
    ck_fails(format_open(format_path("keras.npz"), &options, &source), WEFT_ERROR_USAGE,
             "did you mean x_test?");
    options.x = NULL;
    options.y = "labels";
    ck_fails(format_open(format_path("keras.npz"), &options, &source), WEFT_ERROR_USAGE,
             "known: x_train, y_train, x_test, y_test");
    ck_fails(format_open(format_path("types.npz"), NULL, &source), WEFT_ERROR_USAGE,
             "name the array of samples");
}
END_TEST

/* A file that is cut anywhere is refused. Less than the magic number looks like text. */
START_TEST(cut_anywhere)
{
    static const char *const names[] = {"pair.npz", "keras.npz"};
    for (size_t k = 0; k < 2; k++) {
        struct file_content whole = format_content(names[k]);
        for (size_t size = 4; size < whole.size; size++) {
            ck_refused(temporary_write("cut.npz", whole.data, size), NULL, "cut.npz: ");
            ck_assert_int_eq(remove(temporary_path("cut.npz")), 0); /* writing over it is slow */
        }
        memory_free(whole.data);
    }
}
END_TEST

/* ---- archives ---- */

static uint32_t little_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* Finds the directory entry of the first member: PK 1 2. */
static unsigned char *directory_of(struct file_content content)
{
    size_t i = 0;
    while (little_endian(content.data + i) != 0x02014b50)
        i++;
    return content.data + i;
}

/* Saves keras.npz with `size` bytes of the directory at `offset` replaced. */
static const char *damaged(size_t offset, const void *bytes, size_t size)
{
    struct file_content content = format_content("keras.npz");
    memcpy(directory_of(content) + offset, bytes, size);
    const char *path = temporary_write("damaged.npz", content.data, content.size);
    memory_free(content.data);
    return path;
}

START_TEST(archives_that_are_wrong)
{
    static const struct {
        size_t offset, size;
        const char *bytes, *text;
    } rows[] = {
        {8, 1, "\1", "got an encrypted member"},
        {10, 2, "\14\0", "compression method: got 12, need 0 (stored) or 8"},
        {16, 4, "abcd", "damaged ZIP archive"},               /* the checksum */
        {20, 4, "\377\377\377\17", "damaged ZIP archive"},    /* compressed bytes */
        {24, 4, "\377\377\377\17", "which claims 268435455"}, /* a bomb */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = damaged(rows[i].offset, rows[i].bytes, rows[i].size);
        const struct bounds bounds = bounds_begin();
        ck_refused(path, NULL, rows[i].text);
        bounds_check(&bounds);
    }
    ck_refused(temporary_write("none.npz", "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22), NULL,
               "arrays: got 0, need at least 1");
}
END_TEST

START_TEST(archive_in_gzip)
{
    struct file_content content = format_content("pair.npz");
    const char *path = temporary_path("pair.npz.gz");
    gzFile file = gzopen(path, "wb");
    ck_assert_int_eq(gzwrite(file, content.data, (unsigned)content.size), (int)content.size);
    ck_assert_int_eq(gzclose(file), Z_OK);
    memory_free(content.data);
    ck_refused(path, NULL, "a ZIP archive inside a gzip file; unpack it with: gunzip");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("npz");
    TCase *good = tcase_create("good"), *bad = tcase_create("bad");
    tcase_add_unchecked_fixture(bad, temporary_create, temporary_remove);
    tcase_add_test(good, every_type_and_order);
    tcase_add_test(good, pair_in_one_file);
    tcase_add_test(good, keras_names);
    tcase_add_test(good, arrays_by_name);
    tcase_add_test(bad, cut_anywhere);
    tcase_add_test(bad, archives_that_are_wrong);
    tcase_add_test(bad, archive_in_gzip);
    suite_add_tcase(suite, good);
    suite_add_tcase(suite, bad);
    return suite_main(suite);
}
