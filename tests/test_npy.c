/* Tests NPY and NPZ files: every type and order, written by NumPy, and every way in which they can
 * be wrong. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <stdint.h>
#include <zlib.h>

#include "bounded.h"
#include "data/npy.h"
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

START_TEST(three_versions)
{
    char name[32];
    for (int version = 1; version <= 3; version++) {
        struct source source;
        snprintf(name, sizeof name, "version%d.npy", version);
        ck_ok(format_open(format_path(name), NULL, &source));
        ck_assert(source.train->samples == ROWS && source.train->features == COLUMNS);
        ck_assert(source.train->labels == NULL && source.test == NULL);
        for (size_t i = 0; i < COUNT; i++)
            ck_assert(source.train->x[i] == (float)i);
        source_reset(&source);
    }
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

/* ---- files made here ---- */

/* Writes an NPY file with this header and payload, and returns its path. */
static const char *npy(const char *name, const char *header, const void *payload, size_t size)
{
    unsigned char bytes[4096] = "\x93NUMPY\1\0";
    const size_t length = strlen(header);
    bytes[8] = (unsigned char)length;
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + 10, header, length);
    if (size > 0)
        memcpy(bytes + 10 + length, payload, size);
    return temporary_write(name, bytes, 10 + length + size);
}

#define HEADER(type, shape) "{'descr': '" type "', 'fortran_order': False, 'shape': " shape ", }\n"

START_TEST(samples_and_labels_in_two_files)
{
    static const unsigned char x[] = {1, 2, 3, 4, 5, 6};
    static const unsigned char idx[] = {0, 0, 8, 1, 0, 0, 0, 3, 9, 0, 9};
    static const float targets[] = {0.5f, -1.0f, 3.0f};
    const char *samples = npy("x.npy", HEADER("|u1", "(3, 2)"), x, sizeof x);
    struct source source;
    ck_ok(format_open_pair(samples, npy("y.npy", HEADER("|i1", "(3,)"), "\2\376\2", 3), NULL,
                           &source));
    ck_assert_str_eq(source.train->class_names[0], "-2");
    ck_assert_int_eq(source.train->labels[2], 1);
    source_reset(&source);
    ck_ok(format_open_pair(samples, temporary_write("y.idx", idx, sizeof idx), NULL, &source));
    ck_assert_str_eq(source.train->class_names[1], "9");
    source_reset(&source);
    ck_ok(
        format_open_pair(samples, npy("t.npy", HEADER("<f4", "(3,)"), targets, 12), NULL, &source));
    ck_assert(source.train->targets[1] == -1.0f && source.train->labels == NULL);
    source_reset(&source);
    ck_fails(
        format_open_pair(samples, npy("two.npy", HEADER("|u1", "(2,)"), "ab", 2), NULL, &source),
        WEFT_ERROR_DATA, "two.npy: number of labels: got 2, need 3, as in ");
}
END_TEST

START_TEST(task_decides_what_numbers_are)
{
    static const float ones[] = {1.0f, 0.0f, 1.0f}, halves[] = {1.0f, 0.5f, 1.0f};
    const char *samples = npy("x3.npy", HEADER("|u1", "(3, 1)"), "abc", 3);
    struct weft_data_options options = format_options();
    struct source source;
    options.task_given = true;
    options.task = WEFT_TASK_REGRESS;
    ck_ok(format_open_pair(samples, npy("age.npy", HEADER("|u1", "(3,)"), "\1\2\3", 3), &options,
                           &source));
    ck_assert(source.train->labels == NULL && source.train->targets[2] == 3.0f);
    source_reset(&source);
    options.task = WEFT_TASK_CLASSIFY;
    ck_ok(format_open_pair(samples, npy("one.npy", HEADER("<f4", "(3,)"), ones, 12), &options,
                           &source));
    ck_assert_uint_eq(source.train->classes, 2);
    source_reset(&source);
    ck_fails(format_open_pair(samples, npy("half.npy", HEADER("<f4", "(3,)"), halves, 12), &options,
                              &source),
             WEFT_ERROR_DATA, "half.npy: sample 1: label: got 0.5, need a whole number");
}
END_TEST

/* Bytes of half precision, with the values that IEEE 754 gives them. */
START_TEST(half_precision)
{
    static const unsigned char halves[] = {0x00, 0x3c, 0x01, 0x00, 0xff, 0x03,
                                           0xff, 0x7b, 0x00, 0xc0, 0x55, 0x35};
    static const float expected[] = {1.0f, 0x1p-24f, 0x1.ff8p-15f, 65504.0f, -2.0f, 0x1.554p-2f};
    struct source source;
    ck_ok(format_open(npy("half-values.npy", HEADER("<f2", "(6, 1)"), halves, sizeof halves), NULL,
                      &source));
    for (size_t i = 0; i < 6; i++)
        ck_assert_msg(source.train->x[i] == expected[i], "%zu: %a", i, (double)source.train->x[i]);
    source_reset(&source);
    ck_refused(npy("inf.npy", HEADER("<f2", "(1, 1)"), "\0\x7c", 2), NULL,
               "sample 0, feature 0: got inf");
}
END_TEST

START_TEST(headers_that_are_wrong)
{
    static const struct {
        const char *header, *text;
    } rows[] = {
        {HEADER("|u1", "(2, 2)"), "values: got at most 3 bytes, need 4 (2 samples of 2 values"},
        {HEADER("|u1", "(1, 2)"), "longer than its header says"},
        {HEADER("|u1", "(0, 3)"), "size of dimension 0: got 0, need at least 1"},
        {HEADER("|u1", "()"), "dimensions: got a single number, need an array"},
        {HEADER("<f8", "(99999999, 99999999)"), "values: got at most"},
        {HEADER("<f8", "(99999999999, 99999999999)"), "sizes overflow"},
        {HEADER("<f8", "(99999999999999999999,)"), "need a size of at most 64 bits"},
        {HEADER("<f8", "(-1,)"), "need a size"},
        {HEADER("<f8", "3"), "need the sizes in parentheses"},
        {HEADER("<f16", "(3,)"), "got another type, need bool, integers"},
        {HEADER("<i3", "(3,)"), "got another type"},
        {HEADER("", "(3,)"), "got another type"},
        {"{'descr': '|u1', 'fortran_order': 0, 'shape': (3,)}", "need True or False"},
        {"{'descr': '|u1', 'fortran_order': False}", "descr, fortran_order and shape"},
        {"{'descr': '|u1', 'descr': '|u1', 'shape': (3,)}", "once each"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3,)} x", "and nothing else"},
        {"{'descr': '|u1, 'fortran_order': False, 'shape': (3,)}", "got"},
        {"[1, 2]", "need \"{\""},
        {"", "need \"{\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = npy("bad.npy", rows[i].header, "abc", 3);
        const struct bounds bounds = bounds_begin();
        ck_refused(path, NULL, rows[i].text);
        bounds_check(&bounds);
        ck_assert_ptr_nonnull(strstr(weft_error(), "bad.npy: "));
    }
}
END_TEST

START_TEST(types_that_are_not_numbers)
{
    static const char *const rows[][2] = {{"complex.npy", "got complex numbers"},
                                          {"object.npy", "got Python objects"},
                                          {"text.npy", "got texts"},
                                          {"bytes.npy", "got texts"},
                                          {"date.npy", "got dates"},
                                          {"record.npy", "got structures"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_refused(format_path(rows[i][0]), NULL, rows[i][1]);
}
END_TEST

/* A file that is cut anywhere is refused, or is another array of fewer bytes never. */
START_TEST(cut_anywhere)
{
    static const char *const names[] = {"version1.npy", "pair.npz", "keras.npz"};
    for (size_t k = 0; k < 3; k++) {
        struct file_content whole = format_content(names[k]);
        for (size_t size = 1; size < whole.size; size++) {
            struct source source;
            const char *path = temporary_write("cut", whole.data, size);
            const enum weft_status status = format_open(path, NULL, &source);
            ck_assert_msg(status == WEFT_ERROR_DATA || source.form == SOURCE_TEXT, "%s at %zu: %d",
                          names[k], size, (int)status);
            source_reset(&source);
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
    ck_refused(path, NULL, "a ZIP archive inside a gzip file; unpack it: gunzip");
}
END_TEST

/* Gzip of an NPY file whose header claims more than so many bytes can become. */
START_TEST(bomb_of_gzip)
{
    const char *header = HEADER("|u1", "(1000000, 1000000)");
    unsigned char start[10] = "\x93NUMPY\1\0";
    const char *path = temporary_path("bomb.npy.gz");
    gzFile file = gzopen(path, "wb");
    start[8] = (unsigned char)strlen(header);
    ck_assert_int_eq(gzwrite(file, start, sizeof start), (int)sizeof start);
    ck_assert_int_gt(gzputs(file, header), 0);
    ck_assert_int_eq(gzclose(file), Z_OK);
    const struct bounds bounds = bounds_begin();
    ck_refused(path, NULL, "values: got at most");
    bounds_check(&bounds);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("npy");
    TCase *good = tcase_create("good"), *bad = tcase_create("bad");
    tcase_add_unchecked_fixture(good, temporary_create, temporary_remove);
    tcase_add_unchecked_fixture(bad, temporary_create, temporary_remove);
    tcase_add_test(good, every_type_and_order);
    tcase_add_test(good, three_versions);
    tcase_add_test(good, pair_in_one_file);
    tcase_add_test(good, keras_names);
    tcase_add_test(good, arrays_by_name);
    tcase_add_test(good, samples_and_labels_in_two_files);
    tcase_add_test(good, task_decides_what_numbers_are);
    tcase_add_test(good, half_precision);
    tcase_add_test(bad, headers_that_are_wrong);
    tcase_add_test(bad, types_that_are_not_numbers);
    tcase_add_test(bad, cut_anywhere);
    tcase_add_test(bad, archives_that_are_wrong);
    tcase_add_test(bad, archive_in_gzip);
    tcase_add_test(bad, bomb_of_gzip);
    suite_add_tcase(suite, good);
    suite_add_tcase(suite, bad);
    return suite_main(suite);
}
