/* Tests headers of safetensors files: which are rejected and why, and what other programs may
 * write. */
#define _XOPEN_SOURCE 700
#include <stdint.h>

#include "hand_made.h"
#include "network/safetensors.h"
#include "suite.h"
#include "temporary.h"

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
    {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
     "a: need only dtype, shape and data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"dtypf\":1,\"data_offsets\":[0,8]}}", 8, "a: shape"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}", 8, "need only"},
    {"{\"a\":[0,8]}", 8, "a: need only dtype"},
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

START_TEST(names_of_255_bytes_and_more)
{
    char header[512], name[257] = {0};
    struct safetensors file;
    memset(name, 'n', 255);
    snprintf(header, sizeof header, "{" TENSOR("%s", "F32", "[2]", "[0,8]") "}", name);
    ck_ok(safetensors_read(hand_made(header, 8), &file));
    ck_assert_str_eq(file.tensors[0].name, name);
    safetensors_reset(&file);
    name[255] = 'n';
    snprintf(header, sizeof header, "{" TENSOR("%s", "F32", "[2]", "[0,8]") "}", name);
    ck_fails(safetensors_read(hand_made(header, 8), &file), WEFT_ERROR_MODEL,
             "longer than 255 bytes");
}
END_TEST

/* Tensors without values may begin where others do, in any order of the header. */
START_TEST(tensors_without_values)
{
    struct safetensors file;
    ck_ok(safetensors_read(
        hand_made("{" TENSOR("e", "F32", "[0]", "[8,8]") "," TENSOR(
                      "b", "F32", "[2]",
                      "[0,8]") "," TENSOR("c", "F32", "[0,3]",
                                          "[0,0]") "," TENSOR("d", "F64", "[3,0]", "[0,0]") "}",
                  8),
        &file));
    ck_assert_uint_eq(file.tensor_count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(file.tensors[i].count, file.tensors[i].name[0] == 'b' ? 2 : 0);
    ck_assert_str_eq(file.tensors[2].name, "b");
    ck_assert_str_eq(file.tensors[3].name, "e");
    safetensors_reset(&file);
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

int main(void)
{
    Suite *suite = suite_create("safetensors_header");
    TCase *tests = tcase_create("safetensors_header");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_loop_test(tests, bad_headers, 0, sizeof bad_files / sizeof *bad_files);
    tcase_add_test(tests, names_of_255_bytes_and_more);
    tcase_add_test(tests, tensors_without_values);
    tcase_add_test(tests, good_headers_by_others);
    tcase_add_test(tests, headers_made_to_exhaust);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
