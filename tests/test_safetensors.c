/* The safetensors container: bytes written by hand against what is read, and the other way. */
#define _XOPEN_SOURCE 700
#include <stdint.h>

#include "damage.h"
#include "network/safetensors.h"
#include "suite.h"
#include "temporary.h"

/* A file of that header and `data_size` bytes of data that are 0, 1, 2, ... */
static const char *hand_made(const char *header, size_t data_size)
{
    static struct image image;
    const size_t length = strlen(header);
    memset(image.bytes, 0, 8);
    for (int i = 0; i < 8; i++)
        image.bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
    memcpy(image.bytes + 8, header, length);
    for (size_t i = 0; i < data_size; i++)
        image.bytes[8 + length + i] = (unsigned char)i;
    return temporary_write("hand_made", image.bytes, 8 + length + data_size);
}

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
    static const unsigned char bytes[] = {0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f,  /* 0.1 */
                                          0,    0,    0,    0,    0,    0,    0x24, 0xc0}; /* -10 */
    static const char header[] =
        "{\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}";
    struct image image = image_load(hand_made(header, 16));
    struct safetensors file;
    memcpy(image.bytes + image.size - 16, bytes, 16);
    ck_ok(safetensors_read(temporary_write("doubles", image.bytes, image.size), &file));
    ck_assert(file.tensors[0].values[0] == 0.1f && file.tensors[0].values[1] == -10.0f);
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

#define TENSOR(NAME, DTYPE, SHAPE, RANGE)                                                          \
    "\"" NAME "\":{\"dtype\":\"" DTYPE "\",\"shape\":" SHAPE ",\"data_offsets\":" RANGE "}"

static const struct bad_file {
    const char *header;
    size_t data_size;
    const char *error;
} bad_files[] = {
    {"{" TENSOR("a", "F32", "[2]", "[0,8]") "}", 12, "got 12 bytes after the header"},
    {"{" TENSOR("a", "F32", "[2]", "[0,8]") "}", 7, "truncated: ends at byte 8"},
    {"{" TENSOR("a", "F32", "[2]", "[0,8]") "," TENSOR("b", "F32", "[2]", "[4,12]") "}", 12,
     "b: data_offsets: begins at byte 4, within another tensor: need byte 8"},
    {"{" TENSOR("a", "F32", "[2]", "[0,8]") "," TENSOR("b", "F32", "[2]", "[0,8]") "}", 8,
     "within another tensor"},
    {"{" TENSOR("a", "F32", "[2]", "[0,8]") "," TENSOR("b", "F32", "[1]", "[12,16]") "}", 16,
     "b: data_offsets: begins at byte 12, after a gap: need byte 8"},
    {"{" TENSOR("a", "F32", "[1]", "[4,8]") "}", 8, "after a gap: need byte 0"},
    {"{" TENSOR("a", "F32", "[2]", "[8,0]") "}", 8, "data_offsets"},
    {"{" TENSOR("a", "F32", "[2]", "[-8,0]") "}", 8, "data_offsets"},
    {"{" TENSOR("a", "F32", "[2]", "[0,8,8]") "}", 8, "data_offsets"},
    {"{" TENSOR("a", "F32", "[2]", "[0]") "}", 8, "data_offsets"},
    {"{" TENSOR("a", "F32", "[2]", "8") "}", 8, "data_offsets"},
    {"{" TENSOR("a", "F32", "[2]", "[0,8.0]") "}", 8, "data_offsets"},
    {"{" TENSOR("a", "F32", "[2]", "[0,\"8\"]") "}", 8, "data_offsets"},
    {"{" TENSOR("a", "F32", "[2]", "[0,9223372036854775807]") "}", 8, "truncated"},
    {"{" TENSOR("a", "F32", "[2]", "[0,9223372036854775808]") "}", 8, "not JSON"},
    {"{" TENSOR("a", "F32", "[3]", "[0,8]") "}", 8, "a: data_offsets: got 8 bytes for 3 values"},
    {"{" TENSOR("a", "F64", "[2]", "[0,8]") "}", 8, "8 bytes for 2 values of 8"},
    {"{" TENSOR("a", "F32", "[-2]", "[0,8]") "}", 8, "a: shape"},
    {"{" TENSOR("a", "F32", "[2.0]", "[0,8]") "}", 8, "a: shape"},
    {"{" TENSOR("a", "F32", "[\"2\"]", "[0,8]") "}", 8, "a: shape"},
    {"{" TENSOR("a", "F32", "2", "[0,8]") "}", 8, "a: shape"},
    {"{" TENSOR("a", "F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]") "}", 8, "at most 8 sizes"},
    {"{" TENSOR("a", "F32", "[4294967296,4294967296]", "[0,8]") "}", 8, "overflows"},
    {"{" TENSOR("a", "F32", "[4611686018427387905]", "[0,4]") "}", 4, "data_offsets"},
    {"{" TENSOR("a", "I64", "[1]", "[0,8]") "}", 8, "a: dtype: got I64, need F32 or F64"},
    {"{" TENSOR("a", "BF16", "[4]", "[0,8]") "}", 8, "a: dtype: got BF16"},
    {"{\"a\":{\"dtype\":5,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "a: dtype"},
    {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "a: need dtype, shape and data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"dtypf\":1,\"data_offsets\":[0,8]}}", 8, "a: shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}", 8, "alone"},
    {"{\"a\":[0,8]}", 8, "a: need dtype"},
    {"{" TENSOR("a", "F32", "[2]", "[0,8]") "," TENSOR("a", "F32", "[2]", "[0,8]") "}", 8,
     "duplicate"},
    {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
     "duplicate"},
    {"{" TENSOR("", "F32", "[2]", "[0,8]") "}", 8, "a name is empty"},
    {"{" TENSOR("a\\nb", "F32", "[2]", "[0,8]") "}", 8, "control characters"},
    {"{" TENSOR("a\\u0000b", "F32", "[2]", "[0,8]") "}", 8, "not JSON"},
    {"{" TENSOR("a\xff", "F32", "[2]", "[0,8]") "}", 8, "not JSON"},
    {"{\"__metadata__\":[]," TENSOR("a", "F32", "[2]", "[0,8]") "}", 8, "need an object"},
    {"{\"__metadata__\":{\"k\":1}," TENSOR("a", "F32", "[2]", "[0,8]") "}", 8, "k: need a text"},
    {"{\"__metadata__\":{\"\":\"v\"}}", 0, "a name is empty"},
    {"[1]", 0, "not JSON"},
    {" {}", 0, "not JSON"},
    {"{}x", 0, "not JSON"},
    {"{", 0, "need 2 to"},
    {"{\"a\":", 8, "not JSON"},
    {"{\"a\":NaN}", 8, "not JSON"},
};

START_TEST(bad_headers)
{
    const struct bad_file *bad = &bad_files[_i];
    struct safetensors file;
    ck_fails(safetensors_read(hand_made(bad->header, bad->data_size), &file), WEFT_ERROR_MODEL,
             bad->error);
    ck_assert_msg(strstr(weft_error(), "hand_made: ") != NULL, "no path: %s", weft_error());
    ck_assert(file.tensors == NULL && file.entries == NULL);
}
END_TEST

START_TEST(good_headers_by_others)
{
    struct safetensors file;
    ck_ok(safetensors_read(hand_made("{}", 0), &file));
    ck_assert(file.tensor_count == 0 && file.entry_count == 0);
    safetensors_reset(&file);
    /* any order, blanks, escapes */
    ck_ok(safetensors_read(hand_made("{ \"b\" : {\"shape\": [ 1 ], \"data_offsets\":[ 4 , 8 ],"
                                     "\"dtype\":\"F\\u0033\\u0032\"} ,\n" TENSOR(
                                         "a", "F32", "[1,1]", "[0,4]") "}   \n",
                                     8),
                           &file));
    ck_assert_uint_eq(file.tensor_count, 2);
    ck_assert_str_eq(file.tensors[0].name, "a");
    ck_assert_str_eq(file.tensors[1].name, "b");
    uint32_t bits;
    memcpy(&bits, file.tensors[1].values, sizeof bits);
    ck_assert_uint_eq(bits, 0x07060504);
    safetensors_reset(&file);
}
END_TEST

/* A header of `length` bytes said, `size` of them there: `pattern` again and again. */
static const char *repeated(const char *start, const char *pattern, uint64_t length, size_t size)
{
    const size_t begin = strlen(start), period = strlen(pattern);
    unsigned char *bytes = malloc(8 + size);
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> 8 * i);
    for (size_t i = 0; i < size; i++)
        bytes[8 + i] = (unsigned char)(i < begin ? start[i] : pattern[(i - begin) % period]);
    const char *path = temporary_write("repeated", bytes, 8 + size);
    free(bytes);
    return path;
}

START_TEST(headers_made_to_exhaust)
{
    enum { LIMIT = 1 << 20 };
    struct safetensors file;
    ck_fails(safetensors_read(repeated("{", "{\"a\":", LIMIT, LIMIT), &file), WEFT_ERROR_MODEL,
             "need at most 32768");
    ck_fails(safetensors_read(repeated("{\"a\":", "[", 30000, 30000), &file), WEFT_ERROR_MODEL,
             "not JSON");
    ck_fails(safetensors_read(repeated("{\"a\":[", "{},", LIMIT, LIMIT), &file), WEFT_ERROR_MODEL,
             "need at most 32768");
    ck_fails(safetensors_read(repeated("{\"", "a", LIMIT, LIMIT), &file), WEFT_ERROR_MODEL,
             "not JSON");
    ck_fails(safetensors_read(repeated("{", " ", LIMIT + 1, LIMIT + 1), &file), WEFT_ERROR_MODEL,
             "header of 1048577 bytes, need 2 to 1048576");
    ck_fails(safetensors_read(repeated("{", " ", UINT64_MAX, 64), &file), WEFT_ERROR_MODEL,
             "header of 18446744073709551615 bytes");
    ck_fails(safetensors_read(repeated("{", " ", 65, 64), &file), WEFT_ERROR_MODEL,
             "header: truncated: got 64 bytes, need 65");
    ck_fails(safetensors_read(repeated("", "", 0, 0), &file), WEFT_ERROR_MODEL, "header of 0");
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
    tcase_add_loop_test(tests, bad_headers, 0, sizeof bad_files / sizeof *bad_files);
    tcase_add_test(tests, good_headers_by_others);
    tcase_add_test(tests, headers_made_to_exhaust);
    tcase_add_test(tests, files_that_cannot_be_read);
    tcase_add_test(tests, an_old_file_survives_a_failed_write);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
