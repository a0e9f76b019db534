/* Tests what damaged packed files get: WEFT_ERROR_DATA and a message with the file and the place,
 * never a crash and never wrong samples. */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#include <string.h>

#include "data/dataset.h"
#include "suite.h"
#include "temporary.h"

enum { N = 6, D = 3, MOST = 4096 };

static unsigned char sound[MOST], file[MOST];
static size_t sound_size;

static const float x[N * D] = {0.5f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
static const int32_t labels[N] = {0, 1, 2, 0, 1, 2};

/* Packs the samples into a file, with weights unless they are NULL, and reads it into `bytes`
 * [MOST]. Returns its size. */
static size_t pack_samples(const char *name, const float *weights, unsigned char *bytes)
{
    struct weft_dataset *dataset;
    struct weft_pack_info info;
    ck_ok(weft_dataset_create(N, D, 3, x, labels, &dataset));
    if (weights != NULL)
        ck_ok(weft_dataset_set_weights(dataset, weights));
    ck_ok(weft_dataset_pack(dataset, temporary_path(name), &info));
    weft_dataset_destroy(dataset);
    FILE *stream = fopen(temporary_path(name), "rb");
    const size_t size = fread(bytes, 1, MOST, stream);
    fclose(stream);
    ck_assert_uint_eq(size, info.file_bytes);
    ck_assert(!info.bytes);
    return size;
}

static void make_file(void)
{
    temporary_create();
    sound_size = pack_samples("sound", NULL, sound);
}

static enum weft_status map_bytes(const unsigned char *bytes, size_t size)
{
    struct weft_dataset *dataset;
    const enum weft_status status =
        weft_dataset_map(temporary_write("damaged", bytes, size), &dataset);
    ck_assert((status == WEFT_OK) == (dataset != NULL));
    weft_dataset_destroy(dataset);
    return status;
}

/* Replaces the first occurrence of a text in the file [size] by another of the same length. */
static void replace(size_t size, const char *old, const char *new)
{
    const size_t length = strlen(old);
    ck_assert_uint_eq(length, strlen(new));
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(file + i, old, length) == 0) {
            memcpy(file + i, new, length);
            return;
        }
    ck_abort_msg("no %s", old);
}

START_TEST(the_file_is_as_documented)
{
    float mean;
    double wide;
    struct weft_dataset *dataset;
    ck_ok(weft_dataset_map(temporary_path("sound"), &dataset));
    ck_assert_mem_eq(dataset->x, x, sizeof x);
    ck_assert_mem_eq(dataset->labels, labels, sizeof labels);
    ck_assert_mem_eq(sound + sound_size - sizeof x, x, sizeof x);
    memcpy(&wide, sound + sound_size - sizeof x - sizeof labels - 2 * D * sizeof wide, sizeof wide);
    mean = (0.5f + 3 + 6 + 9 + 12 + 15) / N;
    ck_assert_double_eq_tol(wide, (double)mean, 1e-6);
    ck_assert_uint_eq((sound_size - sizeof x) % sizeof(float), 0);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    for (size_t size = 1; size < sound_size; size++)
        ck_assert_int_eq(map_bytes(sound, size), WEFT_ERROR_DATA);
    memcpy(file, sound, sound_size);
    file[sound_size] = 0;
    ck_assert_int_eq(map_bytes(file, sound_size + 1), WEFT_ERROR_DATA);
}
END_TEST

/* Any bit may flip: the file is refused, or it still has N samples of D finite features. */
START_TEST(flipped_bits_do_no_harm)
{
    for (size_t bit = 0; bit < 8 * sound_size; bit += 3) {
        memcpy(file, sound, sound_size);
        file[bit / 8] ^= (unsigned char)(1 << bit % 8);
        const enum weft_status status = map_bytes(file, sound_size);
        ck_assert_msg(status == WEFT_OK || status == WEFT_ERROR_DATA, "bit %zu: status %d: %s", bit,
                      (int)status, weft_error());
        if (status != WEFT_OK)
            ck_assert_ptr_nonnull(strstr(weft_error(), "damaged: "));
    }
}
END_TEST

static const struct {
    const char *old, *new, *message;
} damages[] = {
    {"weft-pack", "weft-pick", "not packed data"},
    {"\"format_version\":\"1\"", "\"format_version\":\"2\"",
     "format_version: got 2, need at most 1: written by a newer Weft"},
    {"\"features\":\"3\"", "\"features\":\"4\"", "x: got F32 of another shape or type"},
    {"\"classes\":\"3\"", "\"classes\":\"2\"", "class_names: got 3 names, need 2"},
    {"\"labels\"", "\"label_\"", "classes: got 3, with no labels"},
    {"\"mean\"", "\"maen\"", "mean: missing"},
    {"\"x\"", "\"z\"", "x: missing"},
    {"\"I32\"", "\"F32\"", "labels: got F32 of another shape or type"},
    {"\"I32\"", "\"I64\"", "labels: data_offsets: got 24 bytes for 6 values of 8"},
    {"\"I32\"", "\"I16\"", "dtype: got I16, need F32, F64, I32, I64 or U8"},
    {"[6,3]", "[3,6]", "x: got F32 of another shape or type, need F32 [3][3]"},
    {"[6,3]", "[9,2]", "x: got F32 of another shape or type"},
    {"[6,3]", "[0,3]", "x: data_offsets"},
};

START_TEST(damaged_headers_are_refused)
{
    memcpy(file, sound, sound_size);
    replace(sound_size, damages[_i].old, damages[_i].new);
    ck_fails(map_bytes(file, sound_size), WEFT_ERROR_DATA, damages[_i].message);
    ck_assert_ptr_null(strstr(weft_error(), "[6][1]")); /* labels have one dimension */
}
END_TEST

START_TEST(labels_and_targets_are_refused)
{
    static const float weights[N] = {1, 2, 1, 2, 1, 2};
    const size_t size = pack_samples("weighted", weights, file);
    ck_assert_int_eq(map_bytes(file, size), WEFT_OK);
    replace(size, "\"weights\"", "\"targets\"");
    ck_fails(map_bytes(file, size), WEFT_ERROR_DATA, "got labels and targets, need one of them");
}
END_TEST

/* Packs a table with an id and a column of texts, and reads it into `file`. Returns its size. */
static size_t pack_texts(void)
{
    static const char text[] = "id,note,a,y\nx1,\xc3\xbc,1.5,2\nx2,,2.5,3\nx3,\xc3\xbc,4,7.5\n";
    struct weft_data_options options;
    weft_data_options_init(&options);
    options.target = "y";
    options.id = "id";
    options.keep = "note";
    ck_ok(weft_pack(temporary_write("t.csv", text, sizeof text - 1), false, &options,
                    temporary_path("texts"), NULL));
    FILE *stream = fopen(temporary_path("texts"), "rb");
    const size_t size = fread(file, 1, MOST, stream);
    fclose(stream);
    return size;
}

/* The texts are at the end of the file: "x1 x2 x3 " of the id, then the only note, "u umlaut ". */
START_TEST(damaged_texts_are_refused)
{
    const size_t size = pack_texts();
    const unsigned char ids[] = "x1\0x2\0x3", note[] = "\xc3\xbc";
    ck_assert_mem_eq(file + size - sizeof ids - sizeof note, ids, sizeof ids);
    ck_assert_mem_eq(file + size - sizeof note, note, sizeof note);
    ck_assert_int_eq(map_bytes(file, size), WEFT_OK);
    file[size - 1] = 'x';
    ck_fails(map_bytes(file, size), WEFT_ERROR_DATA, "texts of \"note\": the last one has no end");
    file[size - 1] = 0;
    file[size - 2] = 'x';
    ck_fails(map_bytes(file, size), WEFT_ERROR_DATA, "texts of \"note\": byte 0 is not UTF-8");
    pack_texts();
    replace(size, "\"texts.0\"", "\"texts.2\"");
    ck_fails(map_bytes(file, size), WEFT_ERROR_DATA, "texts.0: missing");
    pack_texts();
    replace(size, "\"texts\":\"2\"", "\"texts\":\"3\"");
    ck_fails(map_bytes(file, size), WEFT_ERROR_DATA, "text_names: got 2 names, need 3");
}
END_TEST

/* A text may begin with any character of its column, and nowhere else; -1 means that it is missing.
 * The note is a character of two bytes. */
START_TEST(places_of_texts_are_checked)
{
    const size_t size = pack_texts();
    const int64_t places[] = {0, -1, 0}, wrong[] = {-2, 1, 3, INT64_MAX, INT64_MIN};
    size_t at = 0;
    while (at + sizeof places <= size && memcmp(file + at, places, sizeof places) != 0)
        at++;
    ck_assert_uint_le(at + sizeof places, size);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(file + at + 8, &wrong[i], sizeof *wrong);
        ck_fails(map_bytes(file, size), WEFT_ERROR_DATA, "texts of \"note\": sample 1: begins at");
    }
    memcpy(file + at + 8, &places[0], sizeof *places);
    ck_assert_int_eq(map_bytes(file, size), WEFT_OK);
}
END_TEST

/* Writes a value into the data, counted from the end of the file. */
static void put(size_t from_end, const void *value, size_t size)
{
    memcpy(file, sound, sound_size);
    memcpy(file + sound_size - from_end, value, size);
}

START_TEST(wrong_values_are_refused)
{
    const float bad = NAN;
    const int32_t label = 3;
    const double infinite = (double)INFINITY, negative = -1.0;
    put(sizeof x - 4 * sizeof bad, &bad, sizeof bad);
    ck_fails(map_bytes(file, sound_size), WEFT_ERROR_DATA, "sample 1, feature 1: got nan");
    put(sizeof x + sizeof labels, &label, sizeof label);
    ck_fails(map_bytes(file, sound_size), WEFT_ERROR_DATA, "sample 0: label: got 3, need 0 to 2");
    put(sizeof x + sizeof labels + 2 * D * sizeof infinite, &infinite, sizeof infinite);
    ck_fails(map_bytes(file, sound_size), WEFT_ERROR_DATA, "mean: value 0 is inf");
    put(sizeof x + sizeof labels + D * sizeof negative, &negative, sizeof negative);
    ck_fails(map_bytes(file, sound_size), WEFT_ERROR_DATA, "variance: value 0 is -1");
}
END_TEST

START_TEST(other_files_are_refused)
{
    struct weft_dataset *dataset;
    ck_fails(weft_dataset_map(temporary_path("missing"), &dataset), WEFT_ERROR_IO, "cannot open");
    ck_fails(weft_dataset_map(temporary_folder, &dataset), WEFT_ERROR_IO, "need a regular file");
    ck_fails(map_bytes((const unsigned char *)"a,b\n1,2\n", 8), WEFT_ERROR_DATA,
             "not packed data: need a file of weft pack");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pack");
    TCase *tests = tcase_create("pack");
    tcase_add_unchecked_fixture(tests, make_file, temporary_remove);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_file_is_as_documented);
    tcase_add_test(tests, every_truncation_is_refused);
    tcase_add_test(tests, flipped_bits_do_no_harm);
    tcase_add_loop_test(tests, damaged_headers_are_refused, 0, sizeof damages / sizeof *damages);
    tcase_add_test(tests, labels_and_targets_are_refused);
    tcase_add_test(tests, damaged_texts_are_refused);
    tcase_add_test(tests, places_of_texts_are_checked);
    tcase_add_test(tests, wrong_values_are_refused);
    tcase_add_test(tests, other_files_are_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
