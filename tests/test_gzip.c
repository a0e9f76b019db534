/* Tests gzip files through the IDX reader: truncated, damaged, followed by garbage, and bombs. */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "bounded.h"
#include "idx_files.h"
#include "suite.h"
#include "temporary.h"

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
    add(&bytes, "xyz", 3);
    char text[80];
    snprintf(text, sizeof text, "byte %zu: garbage after the gzip data: got 3 bytes", member);
    check_bad_images(&bytes, text);
    bytes.size = member;
    add(&bytes, "\0\0z", 3); /* zeros alone are padding */
    snprintf(text, sizeof text, "byte %zu: garbage after the gzip data: got 1 bytes", member + 2);
    check_bad_images(&bytes, text);
    bytes.size = member;
    add(&bytes, "\0", 1);
    add_gzip(&bytes, images.data, 0); /* gzip(1) ignores it, with a warning */
    check_bad_images(&bytes, "garbage after the gzip data");
    bytes.size = member;
    add(&bytes, "\037", 1);
    check_bad_images(&bytes, "gzip data: got the end of the file, need more");
    bytes.size = member;
    add(&bytes, "\037\213junk", 6);
    check_bad_images(&bytes, "damaged gzip data");
}
END_TEST

/* Tapes pad files with zeros: one, a block, more than the reader takes at once. */
START_TEST(gzip_padded_with_zeros)
{
    static const char zeros[1 << 19];
    static const size_t counts[] = {1, 512, sizeof zeros};
    const struct bytes images = three_images(), labels = three_labels();
    struct bytes one = {.size = 0}, two = {.size = 0};
    add_gzip(&one, images.data, images.size);
    add_gzip(&two, labels.data, labels.size);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const char *path = save("padded.gz", &one);
        FILE *file = fopen(path, "ab");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(zeros, 1, counts[i], file), counts[i]);
        ck_assert_int_eq(fclose(file), 0);
        check_three(path, save("labels.gz", &two));
    }
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
    const struct bounds bounds = bounds_begin();
    check_bad_images(&packed, most);
    check_bad_images(&endless, "byte 28: longer than its header says");
    bounds_check(&bounds);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gzip");
    TCase *tests = tcase_create("gzip");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, gzip_pair);
    tcase_add_test(tests, gzip_cut_anywhere);
    tcase_add_test(tests, gzip_bad_checksum_and_length);
    tcase_add_test(tests, gzip_garbage_after);
    tcase_add_test(tests, gzip_padded_with_zeros);
    tcase_add_test(tests, gzip_payload_short_and_long);
    tcase_add_test(tests, gzip_bombs);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
