/* Tests tuning. Candidates that are wrong, hang or crash never win, and a device uses the results
 * in its record. Times are not tested; test_tune_choice.c tests which candidate wins for given
 * times. */
#define _XOPEN_SOURCE 700
#include <unistd.h>

#include "api/device_record.h"
#include "base/memory.h"
#include "check/check.h"
#include "opencl/products.h"
#include "temporary.h"
#include "tune/tune.h"
#include "weft_device.h"

#include "faulty_device.h" /* after them: its `device` would shadow their parameters */

/* ---- candidates that are not right ---- */

/* What goes wrong in the children, with Weft's own plain kernel. */
static enum { NOTHING, WRONG, HANG, CRASH } plain_fault;

static enum weft_status run_faulty(struct weft_device *faulty, const struct primitive_call *call)
{
    TRY(backend->primitive_run(faulty, call));
    if (call->primitive != PRIMITIVE_PRODUCT ||
        products_last_engine(opencl_from(faulty)) != ENGINE_PLAIN)
        return WEFT_OK;
    if (plain_fault == WRONG)
        ((float *)call->arrays[2].values)[call->offset] += 1.0f;
    else if (plain_fault == HANG)
        sleep(600);
    else if (plain_fault == CRASH)
        abort();
    return WEFT_OK;
}

/* Weft's own kernels alone: CLBlast's take seconds to build. */
static bool own_algorithm(struct weft_device *own, size_t index, struct record_product *product,
                          const char **setting)
{
    return backend->product_algorithm(own, index, product, setting) && (*setting)[0] == '\0';
}

/* The plain kernel and, for weight gradients, CLBlast under the first setting. */
static bool clblast_algorithm(struct weft_device *own, size_t index, struct record_product *product,
                              const char **setting)
{
    const bool gradient = strcmp(product->form, "weight_gradient") == 0;
    bool first = gradient;
    for (size_t algorithm = 0; backend->product_algorithm(own, algorithm, product, setting);
         algorithm++) {
        const bool clblast = strcmp(product->engine, "clblast") == 0;
        if (((clblast && first) || strcmp(product->engine, "plain") == 0) && index-- == 0)
            return true;
        first = first && !clblast;
    }
    return false;
}

static enum weft_status open_faulty(const char *spec, weft_log_function *log, void *user,
                                    struct weft_device **opened)
{
    TRY(device_create_as_shipped(spec, log, user, &device));
    backend = device->backend;
    *opened = device_spoil(run_faulty);
    faulty_backend.product_algorithm = own_algorithm;
    return WEFT_OK;
}

static enum weft_status open_with_clblast(const char *spec, weft_log_function *log, void *user,
                                          struct weft_device **opened)
{
    TRY(open_faulty(spec, log, user, opened));
    faulty_backend.product_algorithm = clblast_algorithm;
    return WEFT_OK;
}

static int stop_at_once(void *user, const struct weft_tune_candidate *now)
{
    (void)user, (void)now;
    return 1;
}

static struct network small;
static struct weft_tune_plan plan;
static struct tune_job job;

static void small_set_up(void)
{
    static const size_t widths[] = {20, 18, 3};
    ck_ok(network_init(&small, widths, 2, WEFT_HEAD_SOFTMAX, true));
    plan = (struct weft_tune_plan){.device = "opencl", .seconds = 100.0};
    job = (struct tune_job){.plan = &plan,
                            .network = &small,
                            .batch = 32,
                            .block = 1024,
                            .device_create = open_faulty,
                            .device_destroy = weft_device_destroy};
}

static void small_tear_down(void)
{
    network_reset(&small);
}

/* Tunes with `plain_fault`; of the plain kernel's candidates the first is told `verdict`, no other
 * is tried, and none wins. */
static void assert_refused(const char *verdict)
{
    struct weft_tuning tuning = {.count = 0};
    static struct record_tuning best;
    size_t plain = 0, winners = 0;
    ck_ok(tune_run(&job, &tuning, &best));
    for (size_t i = 0; i < tuning.count; i++) {
        const struct weft_tune_candidate *told = &tuning.candidates[i];
        winners += told->winner;
        if (strcmp(told->candidate, "plain") != 0)
            continue;
        const char *want = plain++ == 0 ? verdict : "left out: failed at ";
        ck_assert_msg(strstr(told->verdict, want) != NULL, "%s: %s", told->shape, told->verdict);
        ck_assert(!told->right && !told->winner);
    }
    ck_assert(tuning.complete);
    ck_assert_uint_gt(plain, 1);
    ck_assert_uint_gt(best.product_count, 0);
    ck_assert_uint_eq(winners, best.product_count + best.step_count);
    ck_assert_uint_eq(best.step_count, 1);
    for (size_t i = 0; i < best.product_count; i++)
        ck_assert_str_ne(best.products[i].engine, "plain");
    memory_free(tuning.candidates);
}

START_TEST(a_wrong_one)
{
    plain_fault = WRONG;
    assert_refused("wrong: product_");
}
END_TEST

START_TEST(one_that_hangs)
{
    plain_fault = HANG;
    plan.seconds = 20.0; /* a quarter of it is the limit */
    assert_refused("timed out after 5 s");
}
END_TEST

START_TEST(one_that_crashes)
{
    plain_fault = CRASH;
    assert_refused("failed: child process: died of signal 6");
}
END_TEST

/* Every product of training and of passes, each once: 2 layers have 3 + 2 + 2. Where the fused step
 * wins, which is the machine's affair, training runs none of its 5 by itself. */
START_TEST(all_right)
{
    struct weft_tuning tuning = {.count = 0};
    static struct record_tuning best;
    size_t unused = 0;
    ck_ok(tune_run(&job, &tuning, &best));
    ck_assert(tuning.complete);
    ck_assert_uint_eq(best.step_count, 1);
    ck_assert_uint_eq(best.product_count, best.steps[0].fused ? 2 : 7);
    for (size_t i = 0; i < tuning.count; i++) {
        const struct weft_tune_candidate *told = &tuning.candidates[i];
        const bool idle = strcmp(told->verdict, "right; unused: the step is fused") == 0;
        ck_assert_msg(idle || strcmp(told->verdict, "right") == 0, "%s", told->verdict);
        ck_assert(told->right && !(idle && told->winner));
        unused += idle;
    }
    ck_assert_int_eq(unused > 0, best.steps[0].fused);
    ck_assert_str_eq(best.steps[0].network, "20-18-3");
    ck_assert_uint_eq(best.steps[0].batch, 32);
    memory_free(tuning.candidates);
}
END_TEST

/* Offered for both gradients of weights, run, held against the reference, timed. Their setting is
 * put in force if one wins, which is the machine's affair. */
START_TEST(clblast_under_a_setting)
{
    struct weft_tuning tuning = {.count = 0};
    static struct record_tuning best;
    static const char engine[] = "clblast ";
    const char *setting = "";
    size_t tried = 0;
    job.device_create = open_with_clblast;
    ck_ok(tune_run(&job, &tuning, &best));
    for (size_t i = 0; i < tuning.count; i++) {
        const struct weft_tune_candidate *told = &tuning.candidates[i];
        ck_assert_msg(told->right, "%s: %s", told->shape, told->verdict);
        if (strncmp(told->candidate, engine, strlen(engine)) != 0)
            continue;
        if (told->winner)
            setting = strchr(told->candidate, ' ') + 1;
        ck_assert_str_eq(told->product, "weight_gradient");
        ck_assert(told->gflops > 0.0);
        tried++;
    }
    ck_assert_uint_eq(tried, 2);
    ck_assert_str_eq(best.setting, setting);
    memory_free(tuning.candidates);
}
END_TEST

START_TEST(stopped)
{
    struct weft_tuning tuning = {.count = 0};
    static struct record_tuning best;
    plan.progress = stop_at_once;
    ck_ok(tune_run(&job, &tuning, &best));
    ck_assert(tuning.stopped);
    ck_assert_uint_eq(best.product_count, 0);
    memory_free(tuning.candidates);
}
END_TEST

START_TEST(the_cpu_has_one_algorithm)
{
    struct weft_tuning tuning = {.count = 0};
    static struct record_tuning best;
    plan.device = "cpu";
    job.device_create = weft_device_create;
    ck_fails(tune_run(&job, &tuning, &best), WEFT_ERROR_NO_DEVICE, "nothing to tune");
}
END_TEST

/* ---- what a device makes of its record ---- */

/* Two of its engines are unknown: one that earlier versions of Weft had, and one that none had. */
static const struct record_tuning a_tuning = {
    .setting = "portable-64",
    .product_count = 5,
    .step_count = 2,
    .products = {{"forward", 100, 50, 70, "clblast", 1.0},
                 {"forward", 1000, 50, 70, "plain", 1.0},
                 {"weight_gradient", 50, 70, 100, "plain", 1.0},
                 {"weight_gradient", 50, 71, 100, "clblast-4", 1.0},
                 {"delta", 100, 70, 50, "sorcery", 1.0}},
    .steps = {{"20-18-3", 32, false, 1.0}, {"20-18-3", 64, true, 1.0}}};

static void device_reopen(void)
{
    weft_device_destroy(device);
    device_open("opencl");
}

/* Opens a device whose record has `tuning`. */
static void tuned_device(const struct record_tuning *tuning)
{
    device_open("opencl");
    record_set_tuning(device->record, tuning);
    ck_ok(record_store(device->record));
}

static enum product_engine engine_of(enum weft_gemm wanted, enum product_form form, size_t m,
                                     size_t n, size_t k)
{
    return products_engine(opencl_from(device), wanted, form, m, n, k);
}

START_TEST(rules_are_used)
{
    struct weft_device_info info;
    ck_ok(weft_device_describe(0, &info));
    struct record *record;
    ck_ok(device_record_open(&info, &record));
    record_set_tuning(record, &a_tuning);
    ck_ok(record_store(record));
    record_destroy(record);
    device_open("0");
    weft_device_get_info(device, &info);
    ck_assert_uint_eq(strlen(info.tuned), 10);
    const struct opencl_device *opencl = opencl_from(device);
    ck_assert_str_eq(products_setting_name(opencl), "portable-64");
    const enum weft_gemm automatic = WEFT_GEMM_AUTO;
    const enum product_engine shipped = engine_of(automatic, PRODUCT_FORWARD, 100, 51, 70);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_FORWARD, 100, 50, 70), ENGINE_CLBLAST);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_FORWARD, 7, 50, 70), ENGINE_CLBLAST);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_FORWARD, 101, 50, 70), ENGINE_PLAIN);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_FORWARD, 1001, 50, 70), shipped);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_WEIGHT_GRADIENT, 50, 70, 100), ENGINE_PLAIN);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_WEIGHT_GRADIENT, 50, 71, 99), ENGINE_BLOCKED);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_DELTA, 100, 70, 50), shipped);
    ck_assert_int_eq(engine_of(WEFT_GEMM_OWN, PRODUCT_FORWARD, 101, 50, 70), ENGINE_BLOCKED);
    ck_assert_int_eq(engine_of(WEFT_GEMM_CLBLAST, PRODUCT_FORWARD, 101, 50, 70), ENGINE_CLBLAST);
    ck_assert_ptr_eq(device_step_plan(automatic, &small, 32), &step_by_operation);
    ck_assert_ptr_eq(device_step_plan(automatic, &small, 33), &step_fused);
    ck_assert_ptr_eq(device_step_plan(automatic, &small, 64), &step_fused);
    ck_assert_ptr_eq(device_step_plan(WEFT_GEMM_OWN, &small, 32), &step_fused);
    ck_assert_ptr_eq(device_step_plan(WEFT_GEMM_CLBLAST, &small, 64), &step_by_operation);
    weft_device_destroy(device);
}
END_TEST

/* A rule in favor of CLBlast under another setting than the one in force says nothing: the
 * next one that fits counts. */
START_TEST(another_setting_is_in_force)
{
    tuned_device(&a_tuning);
    device_reopen(); /* of the same process: its first setting stays */
    ck_assert_str_ne(products_setting_name(opencl_from(device)), "portable-64");
    ck_assert_int_eq(engine_of(WEFT_GEMM_AUTO, PRODUCT_FORWARD, 100, 50, 70), ENGINE_PLAIN);
    weft_device_destroy(device);
}
END_TEST

/* What computed wrong after it was tuned is not begun with again. */
START_TEST(a_repair_came_later)
{
    static const struct record_repair repair = {
        .setting = "portable-16", .wrong = "CLBlast setting portable-64", .fault = "a fault"};
    struct weft_device_info info;
    struct record *record;
    ck_ok(weft_device_describe(0, &info));
    ck_ok(device_record_open(&info, &record));
    record_set_tuning(record, &a_tuning);
    record_set_repair(record, &repair);
    ck_ok(record_store(record));
    record_destroy(record);
    device_open("0");
    ck_assert_str_eq(products_setting_name(opencl_from(device)), "portable-16");
    weft_device_destroy(device);
}
END_TEST

START_TEST(other_kernels_are_another_record)
{
    tuned_device(&a_tuning);
    FILE *file = fopen(temporary_path("update.cl"), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs("/* changed */\n", file), 0);
    ck_assert_int_eq(fclose(file), 0);
    struct weft_device_info info;
    ck_ok(weft_device_describe(device->info.index, &info));
    ck_assert_str_ne(info.tuned, "");
    ck_assert_int_eq(setenv("WEFT_KERNEL_DIR", temporary_folder, 1), 0);
    ck_ok(weft_device_describe(device->info.index, &info));
    ck_assert_str_eq(info.tuned, "");
    weft_device_destroy(device);
}
END_TEST

/* Training with every engine that rules can name passes the known-answer test, and rules do not
 * change what it finds: the engine of a rule is repaired as any other. */
START_TEST(rules_are_tested_before_training)
{
    static const struct record_tuning plain = {
        .setting = "", .product_count = 1, .products = {{"forward", 32, 18, 20, "plain", 1.0}}};
    tuned_device(&plain);
    device_reopen();
    struct check_result fault = {.name = NULL};
    const struct check_plan answers = {.network = &small, .batches = {32, 0}, .block = 1024};
    ck_ok(known_answer_test(device, &answers, &fault));
    device->known_answers = 0;
    plain_fault = WRONG;
    device_spoil(run_faulty);
    ck_ok(known_answer_test(device, &answers, &fault));
    ck_assert_str_eq(fault.shape, "32x18x20");
    ck_assert_ptr_nonnull(strstr(device->info.note, "plain products computed wrong; using "));
    ck_assert_int_ne(
        products_engine(opencl_from(device), WEFT_GEMM_AUTO, PRODUCT_FORWARD, 32, 18, 20),
        ENGINE_PLAIN);
    weft_device_destroy(device);
}
END_TEST

static void caches_set_up(void)
{
    temporary_create();
    ck_assert_int_eq(setenv("XDG_CACHE_HOME", temporary_folder, 1), 0);
    small_set_up();
}

static void caches_tear_down(void)
{
    small_tear_down();
    temporary_remove();
}

int main(void)
{
    Suite *suite = suite_create("tune");
    TCase *trials = tcase_create("trials");
    tcase_add_checked_fixture(trials, small_set_up, small_tear_down);
    tcase_add_test(trials, all_right);
    tcase_add_test(trials, a_wrong_one);
    tcase_add_test(trials, one_that_hangs);
    tcase_add_test(trials, one_that_crashes);
    tcase_add_test(trials, clblast_under_a_setting);
    tcase_add_test(trials, stopped);
    tcase_add_test(trials, the_cpu_has_one_algorithm);
    suite_add_tcase(suite, trials);
    TCase *rules = tcase_create("rules");
    tcase_add_checked_fixture(rules, caches_set_up, caches_tear_down);
    tcase_add_test(rules, rules_are_used);
    tcase_add_test(rules, another_setting_is_in_force);
    tcase_add_test(rules, a_repair_came_later);
    tcase_add_test(rules, other_kernels_are_another_record);
    tcase_add_test(rules, rules_are_tested_before_training);
    suite_add_tcase(suite, rules);
    return suite_main(suite);
}
