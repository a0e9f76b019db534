/* Tests damaged device records, and bytes beside them that others may have put there. Nothing in
 * them is believed, nothing fails, and nothing else is touched. */
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

/* ---- what others may have put there ---- */

static const char victim_text[] = "not a record\n";

/* Storing refuses, and what the link leads to is untouched: a file (_i 0), one of a record that
 * would be right (_i 1), and one that is not there yet (_i 2). */
START_TEST(a_link_is_not_followed)
{
    const char *path = stored_record();
    const char *victim = temporary_path("victim");
    const struct image whole = image_load(path);
    ck_assert_int_eq(remove(path), 0);
    if (_i == 0)
        overwrite(victim, victim_text, sizeof victim_text - 1);
    if (_i == 1)
        overwrite(victim, whole.bytes, whole.size);
    ck_assert_int_eq(symlink(victim, path), 0);
    reopen();
    ck_assert_ptr_null(record_last_check(record));
    record_set_repair(record, &a_repair);
    ck_fails(record_store(record), WEFT_ERROR_IO, "got a symbolic link, need a file");
    if (_i == 2) {
        ck_assert_int_ne(access(victim, F_OK), 0);
        return;
    }
    const struct image after = image_load(victim);
    ck_assert_uint_eq(after.size, _i == 0 ? sizeof victim_text - 1 : whole.size);
    ck_assert_mem_eq(after.bytes, _i == 0 ? (const void *)victim_text : whole.bytes, after.size);
}
END_TEST

/* Compiled programs of a folder that others write to would be theirs: it may belong to another user
 * (_i 0), be open to the group (_i 1) or to all (_i 2), or lie behind another user's link (_i 3).
 */
START_TEST(a_folder_of_others_is_not_trusted)
{
    static const char *const reasons[] = {"belongs to another user", "may write to this folder",
                                          "may write to this folder", "belongs to another user"};
    const char *folder = temporary_path("caches/weft");
    stored_record();
    if (geteuid() != 0 && (_i == 0 || _i == 3)) /* root alone can give files away */
        return;
    if (_i == 0)
        ck_assert_int_eq(chown(folder, 65534, 65534), 0);
    if (_i == 1 || _i == 2)
        ck_assert_int_eq(chmod(folder, _i == 1 ? 0770 : 0707), 0);
    if (_i == 3) {
        ck_assert_int_eq(rename(folder, temporary_path("elsewhere")), 0);
        ck_assert_int_eq(symlink(temporary_path("elsewhere"), folder), 0);
        ck_assert_int_eq(lchown(folder, 65534, 65534), 0);
    }
    reopen();
    ck_assert_ptr_null(record_last_check(record));
    record_set_repair(record, &a_repair);
    ck_fails(record_store(record), WEFT_ERROR_IO, reasons[_i]);
    ck_assert(!bytes_are_there());
}
END_TEST

/* A user may keep caches on another disk. */
START_TEST(a_folder_behind_a_link_of_ones_own)
{
    const char *folder = temporary_path("caches/weft");
    stored_record();
    ck_assert_int_eq(rename(folder, temporary_path("elsewhere")), 0);
    ck_assert_int_eq(symlink(temporary_path("elsewhere"), folder), 0);
    reopen();
    check_remembered();
    record_set_check(record, NULL);
    ck_ok(record_store(record));
}
END_TEST

START_TEST(a_file_of_another_user)
{
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(chown(stored_record(), 65534, 65534), 0);
    reopen();
    ck_assert_ptr_null(record_last_check(record));
    record_set_check(record, &a_check);
    ck_fails(record_store(record), WEFT_ERROR_IO, "belongs to another user");
}
END_TEST

/* As earlier versions made them under umask 002: the next one is this user's alone. */
START_TEST(a_file_that_others_may_write_to)
{
    const char *path = stored_record();
    struct stat about;
    ck_assert_int_eq(chmod(path, 0664), 0);
    check_useless();
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_uint_eq(about.st_mode & 0777, 0600);
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
    TCase *others = add_case(suite, "others");
    tcase_add_loop_test(others, a_link_is_not_followed, 0, 3);
    tcase_add_loop_test(others, a_folder_of_others_is_not_trusted, 0, 4);
    tcase_add_test(others, a_folder_behind_a_link_of_ones_own);
    tcase_add_test(others, a_file_of_another_user);
    tcase_add_test(others, a_file_that_others_may_write_to);
    return suite_main(suite);
}
