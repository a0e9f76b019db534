/* Device records, and bytes beside them, that were damaged: nothing is believed, nothing fails. */
#define _XOPEN_SOURCE 700

#include "base/memory.h"
#include "record_files.h"

/* ---- files that are not right ---- */

START_TEST(cut_anywhere)
{
    const char *path = stored_record();
    const struct image whole = image_load(path);
    for (size_t size = whole.size - 2; size < whole.size; size--) { /* down to 0, then around */
        ck_assert_int_eq(truncate(path, (off_t)size), 0);
        reopen();
        ck_assert_msg(record_last_check(record) == NULL, "cut at byte %zu", size);
        ck_assert_ptr_null(record_last_repair(record));
    }
    check_useless();
}
END_TEST

/* A flipped bit gives what was written, something else that is plain, or nothing. */
START_TEST(any_bit_flipped)
{
    const char *path = stored_record();
    const struct image whole = image_load(path);
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        image_put(path, &whole, bit, true);
        reopen();
        const struct record_check *check = record_last_check(record);
        if (check != NULL) {
            ck_assert_uint_eq(strlen(check->date), 10);
            ck_assert_uint_eq(strspn(check->date, "0123456789-"), 10);
        }
        image_put(path, &whole, bit, false);
    }
    reopen();
    check_remembered();
}
END_TEST

START_TEST(random_bytes)
{
    static unsigned char bytes[4096];
    const char *path = stored_record();
    uint32_t state = 1;
    for (size_t size = 1; size <= sizeof bytes; size *= 2) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (unsigned char)((state = state * 1664525u + 1013904223u) >> 24);
        overwrite(path, bytes, size);
        check_useless();
    }
}
END_TEST

START_TEST(breadth_and_depth)
{
    static char text[1 << 17];
    const char *path = stored_record();
    memset(text, '[', sizeof text);
    overwrite(path, text, sizeof text);
    check_useless();
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 3 == 0 ? '{' : i % 3 == 1 ? '}' : ',';
    text[0] = '[';
    overwrite(path, text, sizeof text);
    check_useless();
}
END_TEST

START_TEST(five_gibibytes)
{
    ck_assert_int_eq(truncate(stored_record(), (off_t)5 << 30), 0);
    check_useless();
}
END_TEST

/* What has the name and is no file: nothing waits, and storing says so. */
START_TEST(not_a_file)
{
    const char *path = stored_record();
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(_i == 0   ? mkdir(path, 0700)
                     : _i == 1 ? mkfifo(path, 0600)
                               : symlink(path, path),
                     0);
    alarm(20);
    reopen();
    ck_assert_ptr_null(record_last_check(record));
    record_set_check(record, &a_check);
    ck_assert_int_eq(record_store(record), WEFT_ERROR_IO);
    ck_assert_ptr_nonnull(record_last_check(record)); /* as long as it is open */
}
END_TEST

/* ---- bytes beside the record ---- */

static const char program[] = "compiled \0 program";
enum { PROGRAM_DIGEST = 77 };

static bool bytes_are_there(void)
{
    struct file_content content;
    ck_ok(record_bytes_read(record, "kernels", PROGRAM_DIGEST, &content));
    const bool there = content.data != NULL;
    ck_assert(there == (content.size > 0));
    if (there) {
        ck_assert_uint_eq(content.size, sizeof program);
        ck_assert_mem_eq(content.data, program, sizeof program);
    }
    memory_free(content.data);
    return there;
}

static const char *stored_bytes(void)
{
    ck_ok(record_bytes_write(record, "kernels", PROGRAM_DIGEST, program, sizeof program));
    return only_file(".bin");
}

START_TEST(bytes_are_kept)
{
    struct file_content content;
    ck_assert(!bytes_are_there());
    stored_bytes();
    ck_assert(bytes_are_there());
    ck_ok(record_bytes_read(record, "kernels", PROGRAM_DIGEST + 1, &content));
    ck_assert_ptr_null(content.data);
    ck_ok(record_bytes_read(record, "others", PROGRAM_DIGEST, &content));
    ck_assert_ptr_null(content.data);
}
END_TEST

START_TEST(bytes_cut_or_longer)
{
    const char *path = stored_bytes();
    const struct image whole = image_load(path);
    ck_assert_uint_eq(whole.size, 32 + sizeof program);
    for (size_t size = 0; size <= whole.size + 1; size++) {
        overwrite(path, whole.bytes, size); /* one more: the 0 that follows */
        ck_assert_msg(bytes_are_there() == (size == whole.size), "%zu bytes", size);
    }
}
END_TEST

START_TEST(bytes_with_any_bit_flipped)
{
    const char *path = stored_bytes();
    const struct image whole = image_load(path);
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        image_put(path, &whole, bit, true);
        ck_assert_msg(!bytes_are_there(), "bit %zu", bit);
        image_put(path, &whole, bit, false);
    }
    ck_assert(bytes_are_there());
}
END_TEST

/* A pipe without a reader: nobody waits for one. */
START_TEST(bytes_that_are_a_pipe)
{
    const char *path = stored_bytes();
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    alarm(20);
    ck_assert(!bytes_are_there());
    ck_fails(record_bytes_write(record, "kernels", PROGRAM_DIGEST, program, sizeof program),
             WEFT_ERROR_IO, "got a pipe or device");
}
END_TEST

/* The bytes of another device under this one's name. */
START_TEST(bytes_of_another)
{
    const struct image mine = image_load(stored_bytes());
    char path[2048];
    snprintf(path, sizeof path, "%s", only_file(".bin"));
    struct record_key other = key;
    other.kernels++;
    ck_assert_int_eq(remove(path), 0);
    record_destroy(record);
    ck_ok(record_open(&other, &record));
    const struct image theirs = image_load(stored_bytes());
    ck_assert_uint_eq(mine.size, theirs.size);
    overwrite(path, theirs.bytes, theirs.size);
    reopen();
    ck_assert(!bytes_are_there());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_damage");
    TCase *damage = add_case(suite, "damage");
    tcase_add_test(damage, cut_anywhere);
    tcase_add_test(damage, any_bit_flipped);
    tcase_add_test(damage, random_bytes);
    tcase_add_test(damage, breadth_and_depth);
    tcase_add_test(damage, five_gibibytes);
    tcase_add_loop_test(damage, not_a_file, 0, 3);
    TCase *bytes = add_case(suite, "bytes");
    tcase_add_test(bytes, bytes_are_kept);
    tcase_add_test(bytes, bytes_cut_or_longer);
    tcase_add_test(bytes, bytes_with_any_bit_flipped);
    tcase_add_test(bytes, bytes_that_are_a_pipe);
    tcase_add_test(bytes, bytes_of_another);
    return suite_main(suite);
}
