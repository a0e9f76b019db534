/* The device record: what is remembered, and that nothing in its folder can do harm. */
#define _XOPEN_SOURCE 700

#include "base/memory.h"
#include "record/record.h"
#include "suite.h"
#include "temporary.h"

static const struct record_key key = {.backend = "opencl",
                                      .platform = "Portable Computing Language",
                                      .device = "pthread-haswell",
                                      .driver = "3.1+debian",
                                      .products = "CLBlast 1.5.3",
                                      .kernels = 0x0123456789abcdef};
static const struct record_check a_check = {
    .network = "784-50-10", .thorough = true, .results = 62};
static const struct record_repair a_repair = {
    .setting = "portable-64", .wrong = "cpu", .fault = "product_delta 32x10x3: got 1, need 2"};

static struct record *record;

static void reopen(void)
{
    record_destroy(record);
    ck_ok(record_open(&key, &record));
}

static void use_caches(const char *folder)
{
    ck_assert_int_eq(setenv("XDG_CACHE_HOME", folder, 1), 0);
}

static void set_up(void)
{
    use_caches(temporary_path("caches"));
    ck_ok(record_open(&key, &record));
}

static void tear_down(void)
{
    record_destroy(record);
    record = NULL;
}

/* Today, or yesterday where midnight has passed since the record was set. */
static void check_date(const char *date)
{
    char today[DATE_SIZE];
    clock_date(today);
    ck_assert_uint_eq(strlen(date), 10);
    ck_assert_mem_eq(date, today, 5);
}

static void check_remembered(void)
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
    ck_assert_str_eq(repair->wrong, "cpu");
    ck_assert_str_eq(repair->fault, "product_delta 32x10x3: got 1, need 2");
}

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
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_empty_one);
    tcase_add_test(tests, remembers);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
