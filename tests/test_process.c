/* Tests work in child processes: the results, and how a process ends. */
#define _POSIX_C_SOURCE 200809L
#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/process.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

struct result {
    int number;
    char variable[32];
};

static enum weft_status add_one(void *user, void *result)
{
    ((struct result *)result)->number = *(int *)user + 1;
    return WEFT_OK;
}

static enum weft_status set_variable(void *user, void *result)
{
    struct result *filled = result;
    (void)user;
    const enum weft_status status = environment_set("WEFT_TEST_VARIABLE", "in the child");
    snprintf(filled->variable, sizeof filled->variable, "%s", getenv("WEFT_TEST_VARIABLE"));
    return status;
}

static enum weft_status go_wrong(void *user, void *result)
{
    (void)user;
    ((struct result *)result)->number = 7;
    return fail(WEFT_ERROR_WRONG_RESULT, "the thing: is wrong");
}

static enum weft_status crash(void *user, void *result)
{
    (void)user;
    (void)result;
    (void)signal(SIGABRT, SIG_DFL);
    (void)raise(SIGABRT);
    return WEFT_OK;
}

static enum weft_status leave(void *user, void *result)
{
    (void)user;
    (void)result;
    _exit(3);
}

static enum weft_status sleep_long(void *user, void *result)
{
    (void)user;
    (void)result;
    (void)sleep(100);
    return WEFT_OK;
}

static bool stop_third_time(void *user)
{
    return ++*(int *)user == 3;
}

/* Every child is waited for. */
static void no_children(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}

static enum weft_status run(process_work *work, void *user, struct result *result,
                            enum process_end *end)
{
    const struct process_plan plan = {
        .work = work, .user = user, .result = result, .result_size = sizeof *result};
    const enum weft_status status = process_run(&plan, end);
    no_children();
    return status;
}

START_TEST(answers)
{
    struct result result = {0};
    enum process_end end;
    int number = 41;
    ck_ok(run(add_one, &number, &result, &end));
    ck_assert_int_eq(end, PROCESS_DONE);
    ck_assert_int_eq(result.number, 42);
    ck_assert_int_eq(number, 41);
    ck_ok(run(set_variable, NULL, &result, &end));
    ck_assert_str_eq(result.variable, "in the child");
    ck_assert_ptr_null(getenv("WEFT_TEST_VARIABLE"));
}
END_TEST

START_TEST(failures)
{
    struct result result = {0};
    enum process_end end;
    ck_fails(run(go_wrong, NULL, &result, &end), WEFT_ERROR_WRONG_RESULT, "the thing: is wrong");
    ck_assert_int_eq(end, PROCESS_DONE);
    ck_assert_int_eq(result.number, 7);
    ck_fails(run(crash, NULL, &result, &end), WEFT_ERROR_DEVICE, "died of signal 6");
    ck_fails(run(leave, NULL, &result, &end), WEFT_ERROR_DEVICE, "ended with 3 and no answer");
}
END_TEST

START_TEST(ended_early)
{
    enum process_end end;
    int asked = 0;
    struct process_plan plan = {.work = sleep_long, .limit_seconds = 0.1};
    ck_ok(process_run(&plan, &end));
    ck_assert_int_eq(end, PROCESS_TIMED_OUT);
    plan = (struct process_plan){
        .work = sleep_long, .stop = stop_third_time, .stop_user = &asked, .limit_seconds = 100};
    ck_ok(process_run(&plan, &end));
    ck_assert_int_eq(end, PROCESS_STOPPED);
    ck_assert_int_eq(asked, 3);
    no_children();
}
END_TEST

/* 64 MiB that are written to show in the peak, and stay there when they are gone. */
START_TEST(peak)
{
    const uint64_t before = process_peak_bytes();
    char *block;
    ck_assert_uint_gt(before, 0);
    ck_ok(NEW_ARRAY(block, 64 << 20));
    memset(block, 1, 64 << 20);
    ck_assert_int_eq(block[1 << 20], 1);
    memory_free(block);
    ck_assert_uint_ge(process_peak_bytes(), before + (60 << 20));
}
END_TEST

START_TEST(temporary_folders)
{
    char *folder, *below, *file, *link, *other;
    const struct file_part text = {.data = "text", .size = 4};
    ck_ok(folder_create_temporary(&folder));
    ck_assert(folder_exists(folder));
    ck_ok(folder_create_temporary(&other));
    ck_assert_str_ne(folder, other);
    ck_ok(path_join(other, "kept", &file));
    ck_ok(file_replace(file, &text, 1));
    ck_ok(path_join(folder, "below", &below));
    ck_ok(folder_create(below));
    ck_ok(path_join(below, "link", &link));
    ck_assert_int_eq(symlink(other, link), 0);
    folder_remove(folder);
    ck_assert(!folder_exists(folder));
    ck_assert(file_exists(file)); /* behind the link */
    folder_remove(other);
    ck_assert(!folder_exists(other));
    memory_free(link);
    memory_free(below);
    memory_free(file);
    memory_free(other);
    memory_free(folder);
    ck_ok(environment_set("TMPDIR", "/nonexistent"));
    ck_fails(folder_create_temporary(&folder), WEFT_ERROR_IO, "/nonexistent: cannot ");
    ck_assert_ptr_null(folder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("process");
    TCase *tests = tcase_create("process");
    tcase_add_test(tests, answers);
    tcase_add_test(tests, failures);
    tcase_add_test(tests, ended_early);
    tcase_add_test(tests, peak);
    tcase_add_test(tests, temporary_folders);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
