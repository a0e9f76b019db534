/* Tests the device record: what it remembers, for which device, and in which folder. */
#define _XOPEN_SOURCE 700
#include <sys/wait.h>

#include "record_files.h"

/* ---- what is remembered ---- */

START_TEST(an_empty_one)
{
    ck_assert_ptr_null(record_last_check(record));
    ck_assert_ptr_null(record_last_repair(record));
    ck_ok(record_store(record)); /* nothing was set */
    ck_assert(!folder_exists(temporary_path("caches")));
}
END_TEST

START_TEST(remembers)
{
    record_set_check(record, &a_check);
    record_set_repair(record, &a_repair);
    check_remembered();
    ck_ok(record_store(record));
    reopen();
    check_remembered();
    ck_assert_uint_eq(temporary_count(temporary_path("caches/weft")), 1);
}
END_TEST

START_TEST(forgets)
{
    stored_record();
    reopen();
    record_set_check(record, NULL);
    ck_assert_ptr_null(record_last_check(record));
    ck_ok(record_store(record));
    reopen();
    ck_assert_ptr_null(record_last_check(record));
    ck_assert_ptr_nonnull(record_last_repair(record));
}
END_TEST

/* The folder of caches holds no file for anyone but its user. */
START_TEST(folders_are_private)
{
    struct stat about;
    stored_record();
    ck_assert_int_eq(stat(temporary_path("caches/weft"), &about), 0);
    ck_assert_int_eq(about.st_mode & 0777, 0700);
    ck_assert_int_eq(stat(temporary_path("caches"), &about), 0);
    ck_assert_int_eq(about.st_mode & 0777, 0700);
}
END_TEST

START_TEST(no_record_at_all)
{
    struct file_content content;
    ck_assert_ptr_null(record_last_check(NULL));
    ck_assert_ptr_null(record_last_repair(NULL));
    record_set_check(NULL, &a_check);
    record_set_repair(NULL, &a_repair);
    ck_ok(record_store(NULL));
    ck_ok(record_bytes_write(NULL, "kernels", 1, "x", 1));
    ck_ok(record_bytes_read(NULL, "kernels", 1, &content));
    ck_assert_ptr_null(content.data);
    record_destroy(NULL);
}
END_TEST

static const char by_hand[] =
    "{\"format\": \"weft device record\", \"version\": 1, \"key\": {\"backend\": \"opencl\","
    " \"platform\": \"Portable Computing Language\", \"device\": \"pthread-haswell\","
    " \"driver\": \"3.1+debian\", \"products\": \"CLBlast 1.5.3\","
    " \"kernels\": \"0123456789abcdef\"},"
    " \"check\": {\"date\": \"2026-01-02\", \"weft\": \"%s\", \"network\": \"4-2\","
    " \"thorough\": false, \"results\": 7},"
    " \"tuned\": [{\"form\": \"forward\", \"m\": 1}]}\n";

/* The format of the file, and that what a later version adds survives this one. */
START_TEST(a_file_by_hand)
{
    char text[2048];
    const char *path = stored_record();
    snprintf(text, sizeof text, by_hand, weft_version());
    overwrite(path, text, strlen(text));
    reopen();
    const struct record_check *check = record_last_check(record);
    ck_assert_ptr_nonnull(check);
    ck_assert_str_eq(check->date, "2026-01-02");
    ck_assert_str_eq(check->network, "4-2");
    ck_assert(!check->thorough);
    ck_assert_uint_eq(check->results, 7);
    ck_assert_ptr_null(record_last_repair(record));
    record_set_repair(record, &a_repair);
    ck_ok(record_store(record));
    struct image image = image_load(path);
    image.bytes[image.size] = '\0';
    ck_assert_ptr_nonnull(strstr((const char *)image.bytes, "\"form\": \"forward\""));
    ck_assert_ptr_nonnull(strstr((const char *)image.bytes, "2026-01-02"));
    ck_assert_ptr_nonnull(strstr((const char *)image.bytes, "product_delta 32x10x3"));
}
END_TEST

/* Members that are not what they should be. */
START_TEST(members_are_judged)
{
    static const char *const rows[][2] = {{"2026-01-02", "2026-1-002"},
                                          {"2026-01-02", "2026-01-02T"},
                                          {"2026-01-02", "\\u001b[31m6-01"},
                                          {"\"2026-01-02\"", "20260102"},
                                          {"\"results\": 7", "\"results\": -7"},
                                          {"\"results\": 7", "\"results\": 7.5"},
                                          {"\"4-2\"", "\"4\\n2\""},
                                          {"\"4-2\"", "null"},
                                          {"weft device record", "weft model"},
                                          {"\"version\": 1", "\"version\": 2"},
                                          {"\"opencl\"", "\"cpu\""},
                                          {"Portable", "portable"},
                                          {"haswell", "skylake"},
                                          {"3.1+debian", "3.2"},
                                          {"1.5.3", "1.6.3"},
                                          {"cdef\"}", "cdee\"}"}};
    char text[2048], changed[4096];
    const char *path = stored_record();
    snprintf(text, sizeof text, by_hand, weft_version());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *at = strstr(text, rows[i][0]);
        ck_assert_msg(at != NULL, "%s", rows[i][0]);
        const int size = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text,
                                  rows[i][1], at + strlen(rows[i][0]));
        overwrite(path, changed, (size_t)size);
        reopen();
        ck_assert_msg(record_last_check(record) == NULL, "%s", rows[i][1]);
    }
    snprintf(text, sizeof text, by_hand, "0.0.9"); /* checked by another version of Weft */
    overwrite(path, text, strlen(text));
    reopen();
    ck_assert_ptr_null(record_last_check(record));
}
END_TEST

/* ---- what was tuned ---- */

START_TEST(remembers_a_tuning)
{
    static const struct record_tuning tuning = {
        .setting = "portable-64",
        .product_count = 2,
        .step_count = 1,
        .products = {{"forward", 2400, 50, 784, "blocked", 190.5},
                     {"weight_gradient", 50, 784, 2400, "clblast-16", 75.25}},
        .steps = {{"784-50-10", 2400, true, 120.0}}};
    ck_assert_ptr_null(record_last_tuning(record));
    record_set_tuning(record, &tuning);
    ck_ok(record_store(record));
    stored_record(); /* the rest is written without it */
    reopen();
    check_remembered();
    const struct record_tuning *kept = record_last_tuning(record);
    ck_assert_ptr_nonnull(kept);
    check_date(kept->date);
    ck_assert_str_eq(kept->setting, "portable-64");
    ck_assert_uint_eq(kept->product_count, 2);
    ck_assert_mem_eq(kept->products, tuning.products, 2 * sizeof *tuning.products);
    ck_assert_uint_eq(kept->step_count, 1);
    ck_assert_str_eq(kept->steps[0].network, "784-50-10");
    ck_assert_uint_eq(kept->steps[0].batch, 2400);
    ck_assert(kept->steps[0].fused);
    ck_assert_double_eq(kept->steps[0].gflops, 120.0);
}
END_TEST

/* Each rule stands for itself. */
START_TEST(damaged_rules_are_left_out)
{
    static const char *const rows[] = {
        "{\"form\": 7, \"m\": 1, \"n\": 2, \"k\": 3, \"engine\": \"plain\", \"gflops\": 1.0}",
        "{\"form\": \"delta\", \"m\": 0, \"n\": 2, \"k\": 3, \"engine\": \"plain\", \"gflops\": "
        "1.0}",
        "{\"form\": \"delta\", \"m\": 1, \"n\": -2, \"k\": 3, \"engine\": \"plain\", \"gflops\": "
        "1.0}",
        "{\"form\": \"delta\", \"m\": 1, \"n\": 2, \"k\": 3.5, \"engine\": \"plain\", \"gflops\": "
        "1.0}",
        "{\"form\": \"delta\", \"m\": 1, \"n\": 2, \"k\": 3, \"engine\": \"an engine too long\", "
        "\"gflops\": 1.0}",
        "{\"form\": \"delta\", \"m\": 1, \"n\": 2, \"k\": 3, \"engine\": \"plain\"}",
        "{\"form\": \"delta\", \"m\": 1, \"n\": 2, \"k\": 3, \"engine\": \"plain\", \"gflops\": 0}",
        "null"};
    static const char good[] =
        "{\"form\": \"delta\", \"m\": 1, \"n\": 2, \"k\": 3, \"engine\": \"plain\", \"gflops\": 1}";
    char text[4096], changed[8192];
    const char *path = stored_record();
    snprintf(text, sizeof text, by_hand, weft_version());
    *strrchr(text, '}') = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int size =
            snprintf(changed, sizeof changed,
                     "%s, \"tuning\": {\"date\": \"2026-01-02\", \"setting\": \"cpu\", "
                     "\"products\": [%s, %s], \"steps\": {}}}",
                     text, rows[i], good);
        overwrite(path, changed, (size_t)size);
        reopen();
        const struct record_tuning *tuning = record_last_tuning(record);
        ck_assert_ptr_nonnull(tuning);
        ck_assert_msg(tuning->product_count == 1, "%s", rows[i]);
        ck_assert_uint_eq(tuning->products[0].k, 3);
        ck_assert_uint_eq(tuning->step_count, 0);
    }
}
END_TEST

/* ---- keys ---- */

/* _i is the member that differs. */
START_TEST(another_key_is_another_record)
{
    struct record_key other = key;
    char *texts[] = {other.backend, other.platform, other.device, other.driver, other.products};
    if ((size_t)_i < sizeof texts / sizeof *texts)
        texts[_i][0] ^= 1;
    else
        other.kernels ^= UINT64_C(1) << 63;
    stored_record();
    struct record *another;
    ck_ok(record_open(&other, &another));
    ck_assert_ptr_null(record_last_check(another));
    record_set_check(another, &a_check);
    ck_ok(record_store(another));
    record_destroy(another);
    ck_assert_uint_eq(temporary_count(temporary_path("caches/weft")), 2);
    reopen();
    check_remembered();
}
END_TEST

/* Names that no JSON could hold, or that would be a place for a file elsewhere. */
START_TEST(odd_names)
{
    struct record_key odd = key;
    record_destroy(record);
    snprintf(odd.device, sizeof odd.device, "%s", "../../\xff\xfe \"quoted\" \x1b[31m");
    memset(odd.driver, 'x', sizeof odd.driver - 1);
    for (int i = 0; i < 2; i++) {
        ck_ok(record_open(&odd, &record));
        ck_assert((record_last_check(record) != NULL) == (i == 1));
        record_set_check(record, &a_check);
        ck_ok(record_store(record));
        record_destroy(record);
    }
    record = NULL;
    only_file(".json");
}
END_TEST

/* ---- folders that are not right ---- */

START_TEST(no_folder_is_named)
{
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    reopen();
    record_set_check(record, &a_check);
    ck_ok(record_store(record));
    ck_assert_ptr_nonnull(record_last_check(record));
    reopen();
    ck_assert_ptr_null(record_last_check(record));
}
END_TEST

START_TEST(home_where_xdg_says_nothing)
{
    static const char *const nothing[] = {"", "relative", NULL};
    const char *home = temporary_subfolder("home");
    ck_assert_int_eq(setenv("HOME", home, 1), 0);
    if (nothing[_i] != NULL)
        use_caches(nothing[_i]);
    else
        unsetenv("XDG_CACHE_HOME");
    reopen();
    record_set_check(record, &a_check);
    ck_ok(record_store(record));
    ck_assert_uint_eq(temporary_count(temporary_path("home/.cache/weft")), 1);
    reopen();
    ck_assert_ptr_nonnull(record_last_check(record));
}
END_TEST

/* A home that is not there is not made. */
START_TEST(home_that_is_not_there)
{
    unsetenv("XDG_CACHE_HOME");
    ck_assert_int_eq(setenv("HOME", temporary_path("nowhere/home"), 1), 0);
    reopen();
    record_set_check(record, &a_check);
    ck_fails(record_store(record), WEFT_ERROR_IO, "cannot create this folder: No such file");
    ck_assert_uint_eq(temporary_count(temporary_folder), 0);
}
END_TEST

START_TEST(a_file_for_a_folder)
{
    use_caches(temporary_write("file", "x", 1));
    reopen();
    record_set_check(record, &a_check);
    ck_fails(record_store(record), WEFT_ERROR_IO, "got a file, need a folder");
}
END_TEST

/* Without the right to write (_i 0), or to read (_i 1). */
START_TEST(no_permission)
{
    const char *path = stored_record();
    const char *folder = temporary_path("caches/weft");
    ck_assert_int_eq(chmod(temporary_folder, 0777), 0);
    ck_assert_int_eq(chmod(temporary_path("caches"), 0777), 0);
    ck_assert_int_eq(chmod(folder, _i == 0 ? 0555 : 0755), 0);
    ck_assert_int_eq(chmod(path, _i == 0 ? 0444 : 0000), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    reopen();
    if (_i == 0)
        check_remembered();
    else
        ck_assert_ptr_null(record_last_check(record));
    record_set_check(record, NULL);
    const enum weft_status status = record_store(record);
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(status, WEFT_ERROR_IO);
    ck_assert_ptr_nonnull(strstr(weft_error(), "Permission denied"));
    reopen();
    check_remembered(); /* what was there is untouched */
}
END_TEST

/* ---- two at once ---- */

START_TEST(both_are_kept)
{
    struct record *other;
    ck_ok(record_open(&key, &other));
    record_set_check(record, &a_check);
    record_set_repair(other, &a_repair);
    ck_ok(record_store(record));
    ck_ok(record_store(other));
    record_destroy(other);
    reopen();
    check_remembered();
}
END_TEST

/* A process that stores again and again. */
static pid_t start_writer(bool checks)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child > 0)
        return child;
    enum weft_status status = WEFT_OK;
    for (int i = 0; i < 100 && status == WEFT_OK; i++) {
        if (checks)
            record_set_check(record, &a_check);
        else
            record_set_repair(record, &a_repair);
        status = record_store(record);
    }
    _exit((int)status);
}

START_TEST(at_once)
{
    const pid_t writers[] = {start_writer(true), start_writer(false), start_writer(true)};
    bool seen = false;
    for (size_t ended = 0; ended < sizeof writers / sizeof *writers;) {
        int status = 0;
        reopen();
        /* Never half of one: once there, always there. */
        const bool there = record_last_check(record) != NULL || record_last_repair(record) != NULL;
        ck_assert(there || !seen);
        seen = there;
        if (waitpid(-1, &status, WNOHANG) <= 0)
            continue;
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        ended++;
    }
    ck_assert_uint_eq(temporary_count(temporary_path("caches/weft")), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *memory = add_case(suite, "memory");
    tcase_add_test(memory, an_empty_one);
    tcase_add_test(memory, remembers);
    tcase_add_test(memory, forgets);
    tcase_add_test(memory, folders_are_private);
    tcase_add_test(memory, no_record_at_all);
    tcase_add_test(memory, a_file_by_hand);
    tcase_add_test(memory, members_are_judged);
    tcase_add_test(memory, remembers_a_tuning);
    tcase_add_test(memory, damaged_rules_are_left_out);
    tcase_add_loop_test(memory, another_key_is_another_record, 0, 6);
    tcase_add_test(memory, odd_names);
    TCase *folders = add_case(suite, "folders");
    tcase_add_test(folders, no_folder_is_named);
    tcase_add_loop_test(folders, home_where_xdg_says_nothing, 0, 3);
    tcase_add_test(folders, home_that_is_not_there);
    tcase_add_test(folders, a_file_for_a_folder);
    tcase_add_loop_test(folders, no_permission, 0, 2);
    tcase_add_test(folders, both_are_kept);
    tcase_add_test(folders, at_once);
    return suite_main(suite);
}
