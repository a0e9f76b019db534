/* Tests the safetensors container in both directions: reading bytes written by hand, and
 * writing. */
#define _XOPEN_SOURCE 700
#include <stdint.h>

#include "damage.h"
#include "hand_made.h"
#include "network/safetensors.h"
#include "suite.h"
#include "temporary.h"

/* Signs, zeros, denormals, extremes, not a number: all must come back as they were. */
static const uint32_t odd_bits[6] = {0x80000000, 0x00000001, 0x807fffff,
                                     0x7f7fffff, 0x7fc12345, 0xff800000};

static void add_odd(struct safetensors *file)
{
    const size_t shape[] = {2, 3}, one[] = {1}, none[] = {0, 7};
    float values[6], pi = 3.14159274f;
    memcpy(values, odd_bits, sizeof values);
    ck_ok(safetensors_add(file, "odd", values, shape, 2));
    ck_ok(safetensors_add(file, "empty", values, none, 2));
    ck_ok(safetensors_add(file, "a.pi", &pi, one, 1));
    ck_ok(safetensors_add(file, "scalar", &pi, one, 0));
    ck_ok(safetensors_add_entry(file, "zeta", "last"));
    ck_ok(safetensors_add_entry(file, "alpha", "\"quoted\", \xc3\xa9, \n"));
    ck_ok(safetensors_add_entry(file, "mid", ""));
}

static const char *write_odd(const char *name)
{
    struct safetensors file = {0};
    const char *path = temporary_path(name);
    add_odd(&file);
    ck_ok(safetensors_write(path, &file));
    safetensors_reset(&file);
    return path;
}

static void check_odd(const struct safetensors *file)
{
    const struct safetensor *odd = safetensors_find(file, "odd");
    ck_assert_ptr_nonnull(odd);
    ck_assert(odd->dimensions == 2 && odd->shape[0] == 2 && odd->shape[1] == 3);
    ck_assert_uint_eq(odd->count, 6);
    ck_assert_mem_eq(odd->values, odd_bits, sizeof odd_bits);
    const struct safetensor *empty = safetensors_find(file, "empty");
    ck_assert(empty != NULL && empty->count == 0 && empty->shape[1] == 7);
    const struct safetensor *pi = safetensors_find(file, "a.pi");
    ck_assert(pi != NULL && pi->count == 1 && pi->values[0] == 3.14159274f);
    const struct safetensor *scalar = safetensors_find(file, "scalar");
    ck_assert(scalar != NULL && scalar->dimensions == 0 && scalar->count == 1);
    ck_assert(scalar->values[0] == 3.14159274f);
}

START_TEST(round_trip)
{
    struct safetensors file;
    ck_ok(safetensors_read(write_odd("odd"), &file));
    ck_assert_uint_eq(file.tensor_count, 4);
    check_odd(&file);
    ck_assert_ptr_null(safetensors_find(&file, "od"));
    ck_assert_uint_eq(file.entry_count, 3);
    ck_assert_str_eq(file.entries[0].key, "alpha");
    ck_assert_str_eq(file.entries[1].key, "mid");
    ck_assert_str_eq(file.entries[2].key, "zeta");
    ck_assert_str_eq(safetensors_entry(&file, "alpha"), "\"quoted\", \xc3\xa9, \n");
    ck_assert_str_eq(safetensors_entry(&file, "mid"), "");
    ck_assert_ptr_null(safetensors_entry(&file, "omega"));
    safetensors_reset(&file);
    ck_assert(file.tensors == NULL && file.entries == NULL);
}
END_TEST

START_TEST(entries_are_sorted_as_they_are_added)
{
    struct safetensors file = {0};
    add_odd(&file);
    ck_assert_str_eq(file.entries[0].key, "alpha");
    ck_assert_str_eq(file.entries[1].key, "mid");
    ck_assert_str_eq(file.entries[2].key, "zeta");
    ck_assert_str_eq(safetensors_entry(&file, "zeta"), "last");
    safetensors_reset(&file);
}
END_TEST

START_TEST(equal_content_gives_equal_bytes)
{
    const struct image first = image_load(write_odd("first")),
                       second = image_load(write_odd("second"));
    ck_assert_uint_eq(first.size, second.size);
    ck_assert_mem_eq(first.bytes, second.bytes, first.size);
}
END_TEST

START_TEST(bytes_are_those_of_the_format)
{
    static const char header[] =
        "{\"__metadata__\":{\"k\":\"v\"},"
        "\"a\":{\"data_offsets\":[8,12],\"dtype\":\"F32\",\"shape\":[1]},"
        "\"b\":{\"data_offsets\":[0,8],\"dtype\":\"F32\",\"shape\":[2,1]}}";
    static const unsigned char data[] = {0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc1, 0, 0, 0, 0x3f};
    const float b[] = {1.0f, -10.0f}, a[] = {0.5f};
    const size_t b_shape[] = {2, 1}, a_shape[] = {1};
    const size_t length = sizeof header - 1, padded = (length + 7) / 8 * 8;
    struct safetensors file = {0};
    ck_ok(safetensors_add(&file, "b", b, b_shape, 2));
    ck_ok(safetensors_add(&file, "a", a, a_shape, 1));
    ck_ok(safetensors_add_entry(&file, "k", "v"));
    ck_ok(safetensors_write(temporary_path("bytes"), &file));
    safetensors_reset(&file);
    const struct image image = image_load(temporary_path("bytes"));
    ck_assert_uint_ne(padded, length); /* there is padding to look at */
    ck_assert_uint_eq(image.size, 8 + padded + sizeof data);
    ck_assert_uint_eq(image.bytes[0], padded);
    for (int i = 1; i < 8; i++)
        ck_assert_uint_eq(image.bytes[i], 0);
    ck_assert_mem_eq(image.bytes + 8, header, length);
    for (size_t i = length; i < padded; i++)
        ck_assert_uint_eq(image.bytes[8 + i], ' ');
    ck_assert_mem_eq(image.bytes + 8 + padded, data, sizeof data);
}
END_TEST

START_TEST(doubles_are_rounded)
{
    static const unsigned char bytes[] = {
        0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f,  /* 0.1 */
        0,    0,    0,    0,    0,    0,    0x24, 0xc0,  /* -10 */
        0x9c, 0x75, 0x00, 0x88, 0x3c, 0xe4, 0x37, 0x7e}; /* 1e300 */
    static const char header[] =
        "{\"d\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[0,24]}}";
    struct image image = image_load(hand_made(header, 24));
    struct safetensors file;
    memcpy(image.bytes + image.size - 24, bytes, 24);
    ck_ok(safetensors_read(temporary_write("doubles", image.bytes, image.size), &file));
    ck_assert(file.tensors[0].values[0] == 0.1f && file.tensors[0].values[1] == -10.0f);
    ck_assert(file.tensors[0].values[2] == HUGE_VALF);
    safetensors_reset(&file);
}
END_TEST

START_TEST(long_tensors_of_both_types)
{
    /* longer than any buffer in between: value i of the F32 is i, of the F64 -i */
    enum { COUNT = 20011 };
    static unsigned char bytes[8 + 160 + COUNT * 12];
    const int length =
        snprintf((char *)bytes + 8, 160,
                 "{\"d\":{\"dtype\":\"F64\",\"shape\":[%d],\"data_offsets\":[%d,%d]},\"f\":"
                 "{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}",
                 COUNT, COUNT * 4, COUNT * 12, COUNT, COUNT * 4);
    memset(bytes + 8 + length, ' ', 160 - (size_t)length);
    bytes[0] = 160;
    for (int i = 0; i < COUNT; i++) {
        const float single = (float)i;
        const double twice = -i;
        memcpy(bytes + 168 + 4 * i, &single, 4); /* this test needs a little-endian host */
        memcpy(bytes + 168 + 4 * COUNT + 8 * i, &twice, 8);
    }
    struct safetensors file;
    ck_ok(safetensors_read(temporary_write("long", bytes, sizeof bytes), &file));
    for (int i = 0; i < COUNT; i++) {
        ck_assert(safetensors_find(&file, "f")->values[i] == (float)i);
        ck_assert(safetensors_find(&file, "d")->values[i] == -(float)i);
    }
    safetensors_reset(&file);
}
END_TEST

/* ---------------------------------------------------------------- damaged files */

START_TEST(truncated_anywhere)
{
    const char *path = write_odd("cut");
    const struct image image = image_load(path);
    struct safetensors file;
    for (size_t size = image.size; size-- > 0;) {
        ck_assert_int_eq(truncate(path, (off_t)size), 0);
        ck_fails(safetensors_read(path, &file), WEFT_ERROR_MODEL, "cut: ");
    }
    struct image longer = image;
    longer.bytes[longer.size] = 0;
    ck_fails(safetensors_read(temporary_write("longer", longer.bytes, longer.size + 1), &file),
             WEFT_ERROR_MODEL, "bytes after the header");
}
END_TEST

/* All values of the file in its order, whatever the tensors are called. */
static void check_same_values(const struct safetensors *file, size_t bit)
{
    float values[8];
    size_t count = 0;
    for (size_t i = 0; i < file->tensor_count; i++) {
        for (size_t k = 0; k < file->tensors[i].count && count < 8; k++)
            values[count++] = file->tensors[i].values[k];
    }
    ck_assert_msg(count == 8 && memcmp(values, odd_bits, sizeof odd_bits) == 0 &&
                      values[6] == 3.14159274f && values[7] == 3.14159274f,
                  "bit %zu: other values", bit);
}

START_TEST(every_bit_of_the_header_flipped)
{
    const char *path = write_odd("flipped");
    const struct image image = image_load(path);
    size_t refused = 0, taken = 0;
    for (size_t bit = 0; bit < 8 * image_header_end(&image); bit++) {
        struct safetensors file;
        image_put(path, &image, bit, true);
        const enum weft_status status = safetensors_read(path, &file);
        if (status == WEFT_OK)
            check_same_values(&file, bit);
        else
            ck_assert_msg(status == WEFT_ERROR_MODEL, "bit %zu: %s", bit, weft_error());
        refused += status != WEFT_OK;
        taken += status == WEFT_OK;
        safetensors_reset(&file);
        image_put(path, &image, bit, false);
    }
    ck_assert_uint_gt(refused, taken); /* what may pass is a letter of a name or of a text */
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
    struct safetensors file;
    ck_fails(safetensors_read(temporary_path("missing"), &file), WEFT_ERROR_IO, "missing");
    ck_fails(safetensors_read(temporary_folder, &file), WEFT_ERROR_IO, "folder");
    safetensors_reset(&file); /* what failed can be reset */
}
END_TEST

START_TEST(an_old_file_survives_a_failed_write)
{
    const struct image before = image_load(write_odd("kept"));
    struct safetensors file = {0};
    ck_ok(safetensors_add_entry(&file, "text", "\xff is not UTF-8"));
    ck_assert_int_ne(safetensors_write(temporary_path("kept"), &file), WEFT_OK);
    safetensors_reset(&file);
    const struct image after = image_load(temporary_path("kept"));
    ck_assert_uint_eq(before.size, after.size);
    ck_assert_mem_eq(before.bytes, after.bytes, before.size);
}
END_TEST

/* 17 texts of 64 KiB are more than a header may have: nothing is written that could not be read. */
START_TEST(a_header_that_is_too_long_is_not_written)
{
    static char text[1 << 16];
    struct safetensors file = {0};
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 17; i++) {
        const char key[] = {(char)('a' + i), '\0'};
        ck_ok(safetensors_add_entry(&file, key, text));
    }
    ck_fails(safetensors_write(temporary_path("too-long"), &file), WEFT_ERROR_MODEL,
             "bytes: need at most 1048568");
    ck_assert_int_ne(access(temporary_path("too-long"), F_OK), 0);
    safetensors_reset(&file);
}
END_TEST

START_TEST(a_shape_that_overflows_is_not_added)
{
    const size_t shape[] = {SIZE_MAX / 2, 3};
    const float value = 0;
    struct safetensors file = {0};
    ck_fails(safetensors_add(&file, "huge", &value, shape, 2), WEFT_ERROR_INTERNAL,
             "huge: the shape overflows");
    safetensors_reset(&file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors");
    TCase *tests = tcase_create("safetensors");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, round_trip);
    tcase_add_test(tests, entries_are_sorted_as_they_are_added);
    tcase_add_test(tests, equal_content_gives_equal_bytes);
    tcase_add_test(tests, bytes_are_those_of_the_format);
    tcase_add_test(tests, doubles_are_rounded);
    tcase_add_test(tests, long_tensors_of_both_types);
    tcase_add_test(tests, truncated_anywhere);
    tcase_add_test(tests, every_bit_of_the_header_flipped);
    tcase_add_test(tests, files_that_cannot_be_read);
    tcase_add_test(tests, an_old_file_survives_a_failed_write);
    tcase_add_test(tests, a_header_that_is_too_long_is_not_written);
    tcase_add_test(tests, a_shape_that_overflows_is_not_added);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
