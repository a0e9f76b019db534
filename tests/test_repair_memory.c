/* Tests what a training remembers about its device for the next one. These are repaired products,
 * and that an earlier check no longer counts. Each training is a process of its own, because
 * CLBlast keeps its settings as long as a process lives. */
#define _XOPEN_SOURCE 700
#include <sys/wait.h>

#include "opencl/opencl_device.h"
#include "opencl/products.h"
#include "record/record.h"

#include "faulty_device.h" /* after them: its `device` would shadow their parameters */
#include "small_training.h"
#include "temporary.h"

static char wrong_setting[48];           /* the one that computes wrong */
static bool wrong_engines[ENGINE_COUNT]; /* these compute wrong */
static bool wrong_kernel;                /* metrics_sum computes wrong, too */
static enum weft_gemm products_of_training = WEFT_GEMM_CLBLAST;

static enum weft_status run_wrong(struct weft_device *faulty, const struct primitive_call *call)
{
    const struct opencl_device *opened = opencl_from(faulty);
    ck_ok(backend->primitive_run(faulty, call));
    const enum product_engine engine = products_last_engine(opened);
    if (call->primitive == PRIMITIVE_PRODUCT &&
        (wrong_engines[engine] ||
         (engine == ENGINE_CLBLAST && strcmp(products_setting_name(opened), wrong_setting) == 0)))
        ((float *)call->arrays[2].values)[call->offset] += 1.0f;
    if (call->primitive == PRIMITIVE_METRICS_SUM && wrong_kernel)
        ((float *)call->arrays[2].values)[0] += 1.0f;
    return WEFT_OK;
}

/* Opens the device, with a setting that is wrong, and trains on it: the status, and what the device
 * says afterwards. */
static enum weft_status train(struct weft_device_info *opened, struct weft_device_info *after)
{
    struct weft_options options = small("default");
    struct weft_training training;
    options.gemm = products_of_training;
    options.epochs = 1;
    device_open("opencl");
    data_open();
    weft_device_get_info(device, opened);
    struct weft_model *model = model_new(&options);
    const enum weft_status status =
        weft_train(device_spoil(run_wrong), model, &options, data, NULL, NULL, NULL, &training);
    weft_device_get_info(device, after);
    weft_model_destroy(model);
    data_close();
    return status;
}

/* Runs `part` in a process of its own; leaves its last setting in `setting`. */
static void in_a_process(void (*part)(void), char setting[48])
{
    int ends[2], status = 0;
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        part();
        const char *name = products_setting_name(opencl_from(device));
        ck_assert_int_eq(write(ends[1], name, strlen(name) + 1), (int)strlen(name) + 1);
        device_close();
        _exit(0);
    }
    close(ends[1]);
    const ssize_t got = read(ends[0], setting, 47);
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_int_gt(got, 1);
}

static void part_open(void)
{
    device_open("opencl");
}

/* The device's first setting is wrong: another takes its place, and the note says so. */
static void part_repair(void)
{
    struct weft_device_info opened, after;
    ck_ok(train(&opened, &after));
    ck_assert_str_eq(opened.note, "");
    ck_assert_ptr_nonnull(strstr(after.note, " computed wrong; using CLBlast setting "));
}

/* The next process begins there, and says since when and why; nothing more is tried. */
static void part_remembered(void)
{
    struct weft_device_info opened, after;
    ck_ok(train(&opened, &after));
    ck_assert_ptr_nonnull(strstr(opened.note, " computed wrong; using CLBlast setting "));
    ck_assert_ptr_nonnull(strstr(opened.note, " since 20"));
    ck_assert_ptr_nonnull(strstr(opened.note, "product_forward"));
    ck_assert_str_eq(opened.note, after.note);
}

START_TEST(a_repair_is_remembered)
{
    char first[48], repaired[48], next[48];
    in_a_process(part_open, first);
    memcpy(wrong_setting, first, sizeof first);
    in_a_process(part_repair, repaired);
    ck_assert_str_ne(repaired, first);
    in_a_process(part_remembered, next);
    ck_assert_str_eq(next, repaired);
}
END_TEST

/* The record that the device has, with another setting in it. */
static void remember(const char *setting)
{
    struct record_repair repair = {.wrong = "cpu", .fault = "by hand"};
    snprintf(repair.setting, sizeof repair.setting, "%s", setting);
    device_open("opencl");
    record_set_repair(device->record, &repair);
    ck_ok(record_store(device->record));
}

static void part_remember_last(void)
{
    remember("portable-1");
}

/* Every engine in turn (of CLBlast's settings the last, the others take long to build): the first
 * fault is told, and nothing new is remembered. */
static void part_all_wrong(void)
{
    struct weft_device_info opened, after;
    ck_fails(train(&opened, &after), WEFT_ERROR_WRONG_RESULT, "known-answer test: product_forward");
    ck_assert_ptr_nonnull(strstr(weft_error(), opened.driver));
    ck_assert_str_eq(after.note, opened.note);
    ck_assert_str_eq(record_last_repair(device->record)->fault, "by hand");
    /* no shape of this network is one for ENGINE_BLOCKED */
    ck_assert(opencl_from(device)->engine_wrong[ENGINE_PLAIN]);
    ck_assert(opencl_from(device)->engine_wrong[ENGINE_TILED]);
    ck_assert_str_eq(products_setting_name(opencl_from(device)), "own");
}

START_TEST(where_all_are_wrong_nothing_is_used)
{
    char setting[48];
    in_a_process(part_remember_last, setting);
    products_of_training = WEFT_GEMM_OWN;
    for (int e = 0; e < ENGINE_COUNT; e++)
        wrong_engines[e] = true;
    in_a_process(part_all_wrong, setting);
}
END_TEST

static void part_remember_nonsense(void)
{
    remember("nonsense");
}

static void part_remember_own(void)
{
    remember("own");
}

static void part_first(void)
{
    struct weft_device_info opened, after;
    ck_ok(train(&opened, &after));
    ck_assert_str_eq(after.note, "");
}

/* Weft's own products are wrong: CLBlast computes them, and the next process begins so. */
static void part_own_repair(void)
{
    struct weft_device_info opened, after;
    ck_ok(train(&opened, &after));
    ck_assert_str_eq(opened.note, "");
    ck_assert_msg(strstr(after.note, "plain products computed wrong; using CLBlast setting ") ==
                      after.note,
                  "%s", after.note);
    ck_assert_ptr_nonnull(strstr(after.note, "known-answer test: product_forward "));
    ck_assert_int_eq(products_last_engine(opencl_from(device)), ENGINE_CLBLAST);
}

static void part_own_remembered(void)
{
    struct weft_device_info opened, after;
    device_open("opencl");
    ck_assert(opencl_from(device)->engine_wrong[ENGINE_PLAIN]);
    ck_assert_int_eq(products_engine(opencl_from(device), WEFT_GEMM_OWN, PRODUCT_FORWARD, 5, 5, 5),
                     ENGINE_CLBLAST);
    device_close();
    ck_ok(train(&opened, &after));
    ck_assert_ptr_nonnull(strstr(opened.note, "plain products computed wrong; using CLBlast"));
    ck_assert_str_eq(opened.note, after.note);
}

START_TEST(a_repair_of_its_own_products_is_remembered)
{
    char first[48], next[48];
    products_of_training = WEFT_GEMM_OWN;
    wrong_engines[ENGINE_PLAIN] = true;
    in_a_process(part_own_repair, first);
    in_a_process(part_own_remembered, next);
    ck_assert_str_eq(next, first);
}
END_TEST

START_TEST(a_setting_that_there_is_not)
{
    char first[48], next[48];
    in_a_process(part_remember_nonsense, first);
    in_a_process(part_first, next);
    ck_assert_str_eq(next, first);
}
END_TEST

START_TEST(own_products_are_remembered)
{
    char first[48], next[48];
    in_a_process(part_remember_own, first);
    in_a_process(part_open, next);
    ck_assert_str_ne(first, "own");
    ck_assert_str_eq(next, "own");
}
END_TEST

static void part_check(void)
{
    const struct record_check passed = {.network = "2-2", .results = 60};
    struct weft_device_info info;
    device_open("opencl");
    record_set_check(device->record, &passed);
    ck_ok(record_store(device->record));
    weft_device_get_info(device, &info);
    ck_assert_uint_eq(strlen(info.checked), 10);
}

/* A kernel that is wrong cannot be repaired: the error says so, and the check counts no more. */
static void part_wrong_kernel(void)
{
    struct weft_device_info opened, after;
    wrong_kernel = true;
    ck_fails(train(&opened, &after), WEFT_ERROR_WRONG_RESULT, "metrics_sum");
    ck_assert_uint_eq(strlen(opened.checked), 10);
    ck_assert_str_eq(after.checked, "");
}

static void part_unchecked(void)
{
    struct weft_device_info info;
    device_open("opencl");
    ck_ok(weft_device_describe(device->info.index, &info));
    ck_assert_str_eq(info.checked, "");
}

START_TEST(a_wrong_result_ends_a_check)
{
    char setting[48];
    in_a_process(part_check, setting);
    in_a_process(part_wrong_kernel, setting);
    in_a_process(part_unchecked, setting);
}
END_TEST

static void set_up(void)
{
    temporary_create();
    ck_assert_int_eq(setenv("XDG_CACHE_HOME", temporary_path("caches"), 1), 0);
}

int main(void)
{
    Suite *suite = suite_create("repair_memory");
    TCase *tests = tcase_create("opencl");
    tcase_add_checked_fixture(tests, set_up, temporary_remove);
    tcase_add_test(tests, a_repair_is_remembered);
    tcase_add_test(tests, a_repair_of_its_own_products_is_remembered);
    tcase_add_test(tests, where_all_are_wrong_nothing_is_used);
    tcase_add_test(tests, a_setting_that_there_is_not);
    tcase_add_test(tests, own_products_are_remembered);
    tcase_add_test(tests, a_wrong_result_ends_a_check);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
