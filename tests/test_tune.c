/* Tuning: the choice from given times, candidates that are wrong, hang or crash, and that a device
 * uses what its record says. How long anything takes is not tested. */
#define _XOPEN_SOURCE 700
#include <unistd.h>

#include "api/device_record.h"
#include "base/memory.h"
#include "check/check.h"
#include "opencl/products.h"
#include "temporary.h"
#include "tune/choice.h"
#include "tune/tune.h"

#include "faulty_device.h" /* after them: its `device` would shadow their parameters */

/* ---- the choice ---- */

/* A candidate of product `group`; no seconds: not timed. */
static struct tune_candidate candidate(size_t group, const char *engine, const char *setting,
                                       double seconds)
{
    struct tune_candidate made = {.group = group, .operations = 1e9, .product = {.k = 1}};
    made.product.m = made.product.n = group + 1;
    snprintf(made.product.form, sizeof made.product.form, "forward");
    snprintf(made.product.engine, sizeof made.product.engine, "%s", engine);
    snprintf(made.way.engine, sizeof made.way.engine, "%s", engine);
    snprintf(made.way.setting, sizeof made.way.setting, "%s", setting);
    made.rounds = seconds > 0.0;
    made.seconds[0] = seconds;
    return made;
}

START_TEST(the_fastest_wins)
{
    struct tune_candidate list[] = {
        candidate(0, "blocked", "", 2.0),  candidate(0, "clblast", "a", 3.0),
        candidate(0, "clblast", "b", 1.0), candidate(1, "blocked", "", 8.0),
        candidate(1, "clblast", "a", 1.0), candidate(1, "clblast", "b", 5.0)};
    struct record_tuning best = {.product_count = 0};
    choose_products(list, 6, &best);
    ck_assert_str_eq(best.setting, "a"); /* 3 + 1 against 1 + 5 */
    ck_assert_uint_eq(best.product_count, 2);
    ck_assert_str_eq(best.products[0].engine, "blocked"); /* b is faster, but not in force */
    ck_assert_double_eq(best.products[0].gflops, 0.5);
    ck_assert_str_eq(best.products[1].engine, "clblast");
    for (size_t i = 0; i < 6; i++)
        ck_assert(list[i].told.winner == (i == 0 || i == 4));
}
END_TEST

/* One slow turn does not make a candidate slow. */
START_TEST(the_median_counts)
{
    struct tune_candidate list[] = {candidate(0, "blocked", "", 9.0),
                                    candidate(0, "plain", "", 2.0)};
    struct record_tuning best = {.product_count = 0};
    list[0].rounds = 3;
    list[0].seconds[1] = list[0].seconds[2] = 1.0;
    choose_products(list, 2, &best);
    ck_assert_str_eq(best.products[0].engine, "blocked");
}
END_TEST

START_TEST(a_setting_that_failed_is_out)
{
    struct tune_candidate list[] = {
        candidate(0, "clblast", "a", 1.0), candidate(0, "clblast", "b", 2.0),
        candidate(1, "clblast", "a", 0.0), candidate(1, "clblast", "b", 3.0)};
    struct record_tuning best = {.product_count = 0};
    list[2].out = true;
    choose_products(list, 4, &best);
    ck_assert_str_eq(best.setting, "b");
    ck_assert_uint_eq(best.product_count, 2);
    ck_assert(!list[0].told.winner);
}
END_TEST

/* Where one may still be faster nobody has won. */
START_TEST(what_was_not_tried_decides_nothing)
{
    struct tune_candidate list[] = {candidate(0, "blocked", "", 1.0),
                                    candidate(0, "tiled", "", 0.0)};
    struct record_tuning best = {.product_count = 0};
    choose_products(list, 2, &best);
    ck_assert_uint_eq(best.product_count, 0);
    ck_assert_str_eq(best.setting, "");
}
END_TEST

/* The plain kernel is the last to be tried, and fast nowhere. */
START_TEST(the_plain_one_may_be_left_over)
{
    struct tune_candidate list[] = {candidate(0, "plain", "", 0.0),
                                    candidate(0, "blocked", "", 2.0),
                                    candidate(0, "tiled", "", 1.0)};
    struct record_tuning best = {.product_count = 0};
    choose_products(list, 3, &best);
    ck_assert_uint_eq(best.product_count, 1);
    ck_assert_str_eq(best.products[0].engine, "tiled");
}
END_TEST

START_TEST(likely_winners_are_first)
{
    static const char *const cpu[] = {"blocked", "clblast", "tiled", "plain"};
    static const char *const gpu[] = {"clblast", "tiled", "blocked", "plain"};
    for (int turn = 0; turn < TUNE_TURNS; turn++) {
        const struct tune_candidate on_cpu = candidate(0, cpu[turn], "", 0.0);
        const struct tune_candidate on_gpu = candidate(0, gpu[turn], "a", 0.0);
        ck_assert_int_eq(tune_candidate_turn(&on_cpu, "cpu"), turn);
        ck_assert_int_eq(tune_candidate_turn(&on_gpu, "gpu"), turn);
        ck_assert_int_eq(tune_candidate_turn(&on_gpu, "accelerator"), turn);
    }
}
END_TEST

START_TEST(lists_keep_the_newest)
{
    struct record_tuning tuning = {.product_count = 0};
    for (size_t i = 0; i <= RECORD_PRODUCTS; i++) {
        const struct tune_candidate added = candidate(i, "plain", "", 1.0);
        record_tuning_add_product(&tuning, &added.product);
    }
    ck_assert_uint_eq(tuning.product_count, RECORD_PRODUCTS);
    ck_assert_uint_eq(tuning.products[0].m, 2);
    const struct tune_candidate again = candidate(6, "blocked", "", 1.0);
    record_tuning_add_product(&tuning, &again.product);
    ck_assert_uint_eq(tuning.product_count, RECORD_PRODUCTS);
    ck_assert_uint_eq(tuning.products[RECORD_PRODUCTS - 1].m, 7);
    ck_assert_str_eq(tuning.products[RECORD_PRODUCTS - 1].engine, "blocked");
}
END_TEST

/* ---- candidates that are not right ---- */

/* What goes wrong in the children, with Weft's own plain kernel. */
static enum { NOTHING, WRONG, HANG, CRASH } plain_fault;

static enum weft_status run_faulty(struct weft_device *faulty, const struct primitive_call *call)
{
    TRY(backend->primitive_run(faulty, call));
    if (call->primitive != PRIMITIVE_PRODUCT || opencl_from(faulty)->tested != ENGINE_PLAIN)
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
static bool own_way(struct weft_device *own, size_t index, struct record_product *product,
                    const char **setting)
{
    return backend->product_way(own, index, product, setting) && (*setting)[0] == '\0';
}

static enum weft_status open_faulty(const char *spec, weft_log_function *log, void *user,
                                    struct weft_device **opened)
{
    TRY(device_create_as_shipped(spec, log, user, &device));
    backend = device->backend;
    *opened = device_spoil(run_faulty);
    faulty_backend.product_way = own_way;
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

/* Every product of training and of passes, each once: 2 layers have 3 + 2 + 2. */
START_TEST(all_right)
{
    struct weft_tuning tuning = {.count = 0};
    static struct record_tuning best;
    ck_ok(tune_run(&job, &tuning, &best));
    ck_assert(tuning.complete);
    ck_assert_uint_eq(best.product_count, 7);
    for (size_t i = 0; i < tuning.count; i++)
        ck_assert_str_eq(tuning.candidates[i].verdict, "right");
    ck_assert_str_eq(best.steps[0].network, "20-18-3");
    ck_assert_uint_eq(best.steps[0].batch, 32);
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

START_TEST(the_cpu_has_one_way)
{
    struct weft_tuning tuning = {.count = 0};
    static struct record_tuning best;
    plan.device = "cpu";
    job.device_create = weft_device_create;
    ck_fails(tune_run(&job, &tuning, &best), WEFT_ERROR_NO_DEVICE, "nothing to tune");
}
END_TEST

/* ---- what a device makes of its record ---- */

static const struct record_tuning a_tuning = {
    .setting = "portable-64",
    .product_count = 4,
    .step_count = 2,
    .products = {{"forward", 100, 50, 70, "clblast", 1.0},
                 {"forward", 1000, 50, 70, "plain", 1.0},
                 {"weight_gradient", 50, 70, 100, "plain", 1.0},
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

static enum product_engine engine_of(enum weft_products wanted, enum product_form form, size_t m,
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
    const enum weft_products automatic = WEFT_PRODUCTS_AUTO;
    const enum product_engine shipped = engine_of(automatic, PRODUCT_FORWARD, 100, 51, 70);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_FORWARD, 100, 50, 70), ENGINE_CLBLAST);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_FORWARD, 7, 50, 70), ENGINE_CLBLAST);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_FORWARD, 101, 50, 70), ENGINE_PLAIN);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_FORWARD, 1001, 50, 70), shipped);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_WEIGHT_GRADIENT, 50, 70, 100), ENGINE_PLAIN);
    ck_assert_int_eq(engine_of(automatic, PRODUCT_DELTA, 100, 70, 50), shipped);
    ck_assert_int_eq(engine_of(WEFT_PRODUCTS_FUSED, PRODUCT_FORWARD, 101, 50, 70), ENGINE_BLOCKED);
    ck_assert_int_eq(engine_of(WEFT_PRODUCTS_CLBLAST, PRODUCT_FORWARD, 101, 50, 70),
                     ENGINE_CLBLAST);
    ck_assert(!products_fused(opencl, automatic, &small, 32));
    ck_assert(products_fused(opencl, automatic, &small, 33));
    ck_assert(products_fused(opencl, automatic, &small, 64));
    ck_assert(products_fused(opencl, WEFT_PRODUCTS_FUSED, &small, 32));
    ck_assert(!products_fused(opencl, WEFT_PRODUCTS_CLBLAST, &small, 64));
    weft_device_destroy(device);
}
END_TEST

/* A rule in favour of CLBlast under another setting than the one in force says nothing: the
 * next one that fits counts. */
START_TEST(another_setting_is_in_force)
{
    tuned_device(&a_tuning);
    device_reopen(); /* of the same process: its first setting stays */
    ck_assert_str_ne(products_setting_name(opencl_from(device)), "portable-64");
    ck_assert_int_eq(engine_of(WEFT_PRODUCTS_AUTO, PRODUCT_FORWARD, 100, 50, 70), ENGINE_PLAIN);
    weft_device_destroy(device);
}
END_TEST

/* What computed wrong after it was tuned is not begun with again. */
START_TEST(a_repair_came_later)
{
    static const struct record_repair repair = {
        .setting = "portable-16", .wrong = "portable-64", .fault = "a fault"};
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
 * change what it finds. */
START_TEST(rules_are_tested_before_training)
{
    static const struct record_tuning plain = {
        .setting = "", .product_count = 1, .products = {{"forward", 32, 18, 20, "plain", 1.0}}};
    tuned_device(&plain);
    device_reopen();
    struct check_result fault = {.name = NULL};
    const struct known_answer_plan answers = {
        .network = &small, .batches = {32, 0}, .block = 1024, .fault = &fault};
    ck_ok(known_answer_test(device, &answers));
    device->known_answers = 0;
    plain_fault = WRONG;
    device_spoil(run_faulty);
    ck_fails(known_answer_test(device, &answers), WEFT_ERROR_WRONG_RESULT, "product_forward 32x18");
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
    TCase *choice = tcase_create("choice");
    tcase_add_test(choice, the_fastest_wins);
    tcase_add_test(choice, the_median_counts);
    tcase_add_test(choice, a_setting_that_failed_is_out);
    tcase_add_test(choice, what_was_not_tried_decides_nothing);
    tcase_add_test(choice, the_plain_one_may_be_left_over);
    tcase_add_test(choice, likely_winners_are_first);
    tcase_add_test(choice, lists_keep_the_newest);
    suite_add_tcase(suite, choice);
    TCase *trials = tcase_create("trials");
    tcase_add_checked_fixture(trials, small_set_up, small_tear_down);
    tcase_add_test(trials, all_right);
    tcase_add_test(trials, a_wrong_one);
    tcase_add_test(trials, one_that_hangs);
    tcase_add_test(trials, one_that_crashes);
    tcase_add_test(trials, stopped);
    tcase_add_test(trials, the_cpu_has_one_way);
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
