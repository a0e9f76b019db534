/* Tests NPY and NPZ files: every type and order, written by NumPy, and every way in which they can
 * be wrong. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <stdint.h>
#include <zlib.h>

#include "bounded.h"
#include "format_files.h"

enum { ROWS = 4, COLUMNS = 6, COUNT = ROWS * COLUMNS };

/* ---- good files ---- */

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

/* A file that is cut anywhere is refused. Less than the magic number looks like text. */
START_TEST(cut_anywhere)
{
    struct file_content whole = format_content("version1.npy");
    for (size_t size = 6; size < whole.size; size++)
        ck_refused(temporary_write("cut.npy", whole.data, size), NULL, "cut.npy: byte ");
    memory_free(whole.data);
}
END_TEST

/* ---- tables ---- */

/* Numbers that float32 cannot tell apart, and one that is missing. */
static const double merged[6] = {16777217.0, 1.0, 16777216.0, 2.0, (double)NAN, 3.0};

/* No double is 2^53 + 1, which would become the label 2^53; so labels above it are refused. */
START_TEST(labels_that_doubles_merge)
{
    static const int64_t labels[] = {1, 9007199254740992, 9007199254740994};
    const char *wide = npy("wide.npy", HEADER("<i8", "(3,)"), labels, sizeof labels);
    const char *samples[] = {npy("x3.npy", HEADER("|u1", "(3, 1)"), "abc", 3),
                             npy("close.npy", HEADER("<f8", "(3, 2)"), merged, sizeof merged)};
    struct source source;
    for (size_t i = 0; i < 2; i++)
        ck_fails(format_open_pair(samples[i], wide, NULL, &source), WEFT_ERROR_DATA,
                 "wide.npy: sample 2: label: got 9007199254740994, need at most 9007199254740992");
}
END_TEST

START_TEST(numbers_that_float32_merges)
{
    const char *samples = npy("close.npy", HEADER("<f8", "(3, 2)"), merged, sizeof merged);
    struct source source;
    ck_ok(format_open_pair(samples, npy("yt.npy", HEADER("|u1", "(3,)"), "\7\1\7", 3), NULL,
                           &source));
    ck_assert(source.form == SOURCE_TABLES && source.train == NULL);
    const struct weft_table *table = source.train_table;
    ck_assert(table->rows == 3 && table->column_count == 3 && !table->named);
    ck_assert_str_eq(table->columns[2].name, "3");
    ck_assert_str_eq(source.target, "3");
    ck_assert(column_number(&table->columns[0], 0) == 16777217.0);
    ck_assert(column_number(&table->columns[0], 1) == 16777216.0);
    ck_assert(column_is_missing(&table->columns[0], 2) && table->columns[0].missing_count == 1);
    ck_assert(column_number(&table->columns[1], 2) == 3.0);
    ck_assert_str_eq(column_text(&table->columns[2], 2), "7"); /* labels, so a text */
    source_reset(&source);
    ck_ok(format_open_pair(samples, npy("y2.npy", HEADER("|u1", "(3, 2)"), "abcdef", 6), NULL,
                           &source));
    ck_assert_str_eq(source.target, "3,4");
    ck_assert(column_number(&source.train_table->columns[3], 1) == 'd');
    source_reset(&source);
}
END_TEST

START_TEST(tables_on_request)
{
    struct weft_data_options options = format_options();
    struct source source;
    options.target = "6";
    ck_ok(format_open(format_path("version1.npy"), &options, &source));
    ck_assert(source.form == SOURCE_TABLES && source.target == NULL);
    ck_assert(source.train_table->column_count == 6);
    source_reset(&source);
    const struct source_request request = {
        .what = format_path("pair.npz"), .train = true, .tables = true};
    ck_ok(source_open(&request, &source));
    ck_assert(source.form == SOURCE_TABLES && source.train_table->column_count == 7);
    source_reset(&source);
}
END_TEST

START_TEST(arrays_that_stay_data_sets)
{
    static const double image[4] = {0.1, 0.2, 0.3, 0.4};
    struct source source;
    ck_ok(format_open(npy("image.npy", HEADER("<f8", "(1, 2, 2)"), image, sizeof image), NULL,
                      &source));
    ck_assert(source.form == SOURCE_DATASETS && source.train->width == 2);
    ck_assert(source.train->x[3] == 0.4f);
    source_reset(&source);
    static const double infinite[2] = {(double)INFINITY, 0.1};
    ck_refused(npy("inf8.npy", HEADER("<f8", "(1, 2)"), infinite, 16), NULL,
               "inf8.npy: sample 0, feature 0: got inf, need a finite number");
    static const double missing[1] = {(double)NAN};
    ck_refused(npy("nan3.npy", HEADER("<f8", "(1, 1, 1)"), missing, 8), NULL,
               "nan3.npy: sample 0, feature 0: got nan");
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
    tcase_add_test(good, three_versions);
    tcase_add_test(good, samples_and_labels_in_two_files);
    tcase_add_test(good, task_decides_what_numbers_are);
    tcase_add_test(good, half_precision);
    tcase_add_test(good, labels_that_doubles_merge);
    tcase_add_test(good, numbers_that_float32_merges);
    tcase_add_test(good, tables_on_request);
    tcase_add_test(good, arrays_that_stay_data_sets);
    tcase_add_test(bad, headers_that_are_wrong);
    tcase_add_test(bad, types_that_are_not_numbers);
    tcase_add_test(bad, cut_anywhere);
    tcase_add_test(bad, bomb_of_gzip);
    suite_add_tcase(suite, good);
    suite_add_tcase(suite, bad);
    return suite_main(suite);
}
