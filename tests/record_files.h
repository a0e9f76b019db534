/* Keeps the record of a made-up device in a cache folder of the test's own. Needs _XOPEN_SOURCE 700
 * before the first include. */
#ifndef WEFT_TESTS_RECORD_FILES_H
#define WEFT_TESTS_RECORD_FILES_H

#include <time.h>

#include "damage.h"
#include "record/record.h"

static const struct record_key key = {.backend = "opencl",
                                      .platform = "Portable Computing Language",
                                      .device = "pthread-haswell",
                                      .driver = "3.1+debian",
                                      .products = "CLBlast 1.5.3",
                                      .kernels = 0x0123456789abcdef};
static const struct record_check a_check = {
    .network = "784-50-10", .thorough = true, .results = 62};
static const struct record_repair a_repair = {.setting = "portable-64",
                                              .wrong = "CLBlast setting cpu, fused step",
                                              .use =
                                                  "CLBlast setting portable-64, steps by operation",
                                              .fault = "product_delta 32x10x3: got 1, need 2"};

static struct record *record;

static inline void reopen(void)
{
    record_destroy(record);
    ck_ok(record_open(&key, &record));
}

static inline void use_caches(const char *folder)
{
    ck_assert_int_eq(setenv("XDG_CACHE_HOME", folder, 1), 0);
}

/* Makes a folder for each test. */
static inline void set_up(void)
{
    temporary_create();
    use_caches(temporary_path("caches"));
    ck_ok(record_open(&key, &record));
}

static inline void tear_down(void)
{
    record_destroy(record);
    record = NULL;
    temporary_remove();
}

/* Checks that the date is today by the system clock. Midnight may have passed since, so a day of
 * difference is allowed. */
static inline void check_date(const char *date)
{
    int year, month, day;
    ck_assert_uint_eq(strlen(date), 10);
    ck_assert_int_eq(sscanf(date, "%4d-%2d-%2d", &year, &month, &day), 3);
    struct tm at = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    const double days = difftime(time(NULL), mktime(&at)) / 86400.0;
    ck_assert(days > -1.0 && days < 2.0); /* mktime uses local time */
}

static inline void check_remembered(void)
{
    const struct record_check *check = record_last_check(record);
    ck_assert_ptr_nonnull(check);
    check_date(check->date);
    ck_assert_str_eq(check->network, "784-50-10");
    ck_assert(check->thorough);
    ck_assert_uint_eq(check->results, 62);
    const struct record_repair *repair = record_last_repair(record);
    ck_assert_ptr_nonnull(repair);
    check_date(repair->date);
    ck_assert_str_eq(repair->setting, "portable-64");
    ck_assert_str_eq(repair->wrong, "CLBlast setting cpu, fused step");
    ck_assert_str_eq(repair->use, "CLBlast setting portable-64, steps by operation");
    ck_assert_str_eq(repair->fault, "product_delta 32x10x3: got 1, need 2");
}

/* Returns the only file in the cache folder whose name ends with `suffix`. */
static inline const char *only_file(const char *suffix)
{
    static char path[2048];
    const char *folder = temporary_path("caches/weft");
    size_t found = 0;
    DIR *open = opendir(folder);
    ck_assert_ptr_nonnull(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (length < strlen(suffix) || strcmp(entry->d_name + length - strlen(suffix), suffix) != 0)
            continue;
        found++;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    }
    closedir(open);
    ck_assert_uint_eq(found, 1);
    return path;
}

static inline const char *stored_record(void)
{
    record_set_check(record, &a_check);
    record_set_repair(record, &a_repair);
    ck_ok(record_store(record));
    return only_file(".json");
}

static inline void overwrite(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

/* Checks that opening gives an empty record, and that storing repairs the file. */
static inline void check_useless(void)
{
    reopen();
    ck_assert_ptr_null(record_last_check(record));
    ck_assert_ptr_null(record_last_repair(record));
    stored_record();
    reopen();
    check_remembered();
}

static inline TCase *add_case(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    suite_add_tcase(suite, tests);
    return tests;
}

#endif
