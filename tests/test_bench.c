/* Tests benchmarks: their arithmetic against numbers worked by hand, and that every side does the
 * work of a training. Times are not tested. */
#include "bench/bench.h"
#include "bench/figures.h"
#include "small_training.h"
#include "weft_device.h"

/* ---- arithmetic ---- */

/* 784-50-10, 60000 samples: 4 * 60000 * 39200 + 6 * 60000 * 500 = 9.408e9 + 1.8e8 */
START_TEST(operations_of_the_article)
{
    const size_t widths[] = {784, 50, 10};
    struct network network;
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SIGMOID, false));
    ck_assert_double_eq(epoch_operations(&network, 60000), 9588000000.0);
    network_reset(&network);
}
END_TEST

/* 3-5-4-2, 7 samples: 7 * (4 * 15 + 6 * 20 + 6 * 8) = 7 * 228 */
START_TEST(operations_of_three_layers)
{
    const size_t widths[] = {3, 5, 4, 2};
    struct network network;
    ck_ok(network_init(&network, widths, 3, WEFT_HEAD_SOFTMAX, true));
    ck_assert_double_eq(epoch_operations(&network, 7), 1596.0);
    network_reset(&network);
}
END_TEST

START_TEST(spread)
{
    double odd[] = {5, 1, 4, 2, 3}, even[] = {8, 1, 2, 4}, one[] = {7};
    struct spread s = spread_of(odd, 5);
    ck_assert_double_eq(s.median, 3);
    ck_assert_double_eq(s.min, 1);
    ck_assert_double_eq(s.max, 5);
    ck_assert_double_eq(spread_of(even, 4).median, 3);
    s = spread_of(one, 1);
    ck_assert_double_eq(s.min, 7);
    ck_assert_double_eq(s.median, 7);
    ck_assert_double_eq(s.max, 7);
}
END_TEST

START_TEST(differences)
{
    ck_assert_double_eq(relative_difference(4.0, 5.0), 0.2);
    ck_assert_double_eq(relative_difference(5.0, 4.0), 0.2);
    ck_assert_double_eq(relative_difference(-4.0, 4.0), 2.0);
    ck_assert_double_eq(relative_difference(0.0, 0.0), 0.0);
    ck_assert(isinf(relative_difference((double)NAN, 1.0)));
    ck_assert(isinf(relative_difference((double)INFINITY, (double)INFINITY)));
}
END_TEST

static double break_even(double start, double first, double later, double other_later)
{
    const struct running_time side = {start, first, later}, other = {1, 4, other_later};
    return break_even_epochs(&side, &other);
}

/* The other side: 1 s, a first epoch of 4 s, then its later epochs. */
START_TEST(break_evens)
{
    /* 10 + 1, 12, 13, 14 ... against 5, 8, 11, 14: level after the fourth */
    ck_assert_double_eq(break_even(10, 1, 1, 3), 4);
    /* a little behind: after the fifth */
    ck_assert_double_eq(break_even(10.5, 1, 1, 3), 5);
    ck_assert_double_eq(break_even(1, 4, 1, 3), 1); /* level at once */
    ck_assert_double_eq(break_even(0, 1, 1, 1), 1);
    ck_assert(isinf(break_even(10, 1, 3, 3)));
    ck_assert(isinf(break_even(10, 1, 4, 3)));
    ck_assert(isinf(break_even(0, 1, 4, 3))); /* ahead, but not for long */
    ck_assert(isnan(break_even((double)NAN, 1, 1, 3)));
    ck_assert(isnan(break_even(1, 1, 1, (double)NAN)));
}
END_TEST

/* Two sides: a GPU with 4 + 1 + 1 s before its first epoch, the first epochs alike. */
static struct weft_bench *two_sides(double median, double cpu_median)
{
    static struct weft_bench bench;
    const double nan = (double)NAN;
    bench = (struct weft_bench){.side_count = 2, .disagreement = 1e-6, .disagreement_limit = 1e-4};
    bench.sides[0] = (struct weft_bench_side){
        .startup = {1, 4, 1, 1, 0}, .first_epoch_seconds = 1, .median_epoch_seconds = median};
    bench.sides[1] = (struct weft_bench_side){.startup = {nan, nan, nan, 0, 0},
                                              .first_epoch_seconds = 1,
                                              .median_epoch_seconds = cpu_median};
    return &bench;
}

START_TEST(conclusions)
{
    struct weft_bench *bench = two_sides(0.5, 2.5);
    bench_conclude(bench);
    ck_assert_double_eq(bench->sides[0].speedup, 5);
    ck_assert_double_eq(bench->sides[0].break_even_cold, 4); /* 6 s behind, 2 s an epoch */
    ck_assert_double_eq(bench->sides[0].break_even_warm, 3); /* 3 s behind */
    ck_assert(isnan(bench->sides[1].speedup));
    ck_assert(isnan(bench->sides[1].break_even_cold));
    bench = two_sides(2.5, 0.5);
    bench_conclude(bench);
    ck_assert_double_eq(bench->sides[0].speedup, 0.2);
    ck_assert(isinf(bench->sides[0].break_even_cold));
}
END_TEST

START_TEST(no_conclusions_from_other_work)
{
    const double wrong[] = {1.01e-4, (double)INFINITY, (double)NAN};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct weft_bench *bench = two_sides(0.5, 2.5);
        bench->disagreement = wrong[i];
        bench_conclude(bench);
        ck_assert(isnan(bench->sides[0].speedup));
        ck_assert(isnan(bench->sides[0].break_even_cold));
        ck_assert(isnan(bench->sides[0].break_even_warm));
    }
}
END_TEST

static size_t pays_from(double a, double b, double c)
{
    struct weft_bench benches[3] = {{0}, {0}, {0}};
    benches[0].sides[0].speedup = a;
    benches[1].sides[0].speedup = b;
    benches[2].sides[0].speedup = c;
    const struct weft_bench *all[] = {&benches[0], &benches[1], &benches[2]};
    return weft_bench_pays_from(all, 3);
}

START_TEST(what_pays_from_where)
{
    ck_assert_uint_eq(pays_from(1.1, 2, 3), 0);
    ck_assert_uint_eq(pays_from(0.5, 1.5, 3), 1);
    ck_assert_uint_eq(pays_from(1.5, 0.5, 3), 2); /* a lucky small batch does not count */
    ck_assert_uint_eq(pays_from(3, 2, 0.9), 3);
    ck_assert_uint_eq(pays_from(3, 2, 1), 3);
    ck_assert_uint_eq(pays_from(3, (double)NAN, 2), 2);
}
END_TEST

/* ---- synthetic samples ---- */

START_TEST(synthetic_samples)
{
    struct weft_dataset *made, *again, *other;
    struct weft_dataset_info info, info_again, info_other;
    double sum = 0.0, squares = 0.0;
    ck_ok(weft_dataset_synthetic(1001, 7, 3, 5, &made));
    ck_ok(weft_dataset_synthetic(1001, 7, 3, 5, &again));
    ck_ok(weft_dataset_synthetic(1001, 7, 3, 6, &other));
    weft_dataset_get_info(made, &info);
    weft_dataset_get_info(again, &info_again);
    weft_dataset_get_info(other, &info_other);
    ck_assert_uint_eq(info.samples, 1001);
    ck_assert_uint_eq(info.classes, 3);
    const size_t count = 1001 * 7;
    ck_assert_mem_eq(info.x, info_again.x, count * sizeof *info.x);
    ck_assert_mem_ne(info.x, info_other.x, count * sizeof *info.x);
    for (size_t i = 0; i < count; i++) {
        ck_assert(info.x[i] >= -1.0f && info.x[i] < 1.0f);
        sum += (double)info.x[i];
        squares += (double)info.x[i] * (double)info.x[i];
    }
    /* mean 0, mean of squares 1/3: within four standard deviations */
    ck_assert_double_eq_tol(sum / (double)count, 0.0, 4 * 0.5774 / sqrt((double)count));
    ck_assert_double_eq_tol(squares / (double)count, 1.0 / 3.0, 4 * 0.2981 / sqrt((double)count));
    for (size_t r = 0; r < 1001; r++)
        for (size_t c = 0; c < 3; c++)
            ck_assert(info.x[r * 7 + c] <= info.x[r * 7 + (size_t)info.labels[r]]);
    weft_dataset_destroy(made);
    weft_dataset_destroy(again);
    weft_dataset_destroy(other);
}
END_TEST

START_TEST(synthetic_labels_without_features_for_them)
{
    struct weft_dataset *made;
    struct weft_dataset_info info;
    size_t seen[5] = {0};
    ck_ok(weft_dataset_synthetic(1000, 2, 5, 1, &made));
    weft_dataset_get_info(made, &info);
    for (size_t r = 0; r < 1000; r++)
        seen[info.labels[r]]++;
    for (size_t c = 0; c < 5; c++)
        ck_assert(seen[c] > 100 && seen[c] < 300);
    weft_dataset_destroy(made);
    ck_fails(weft_dataset_synthetic(0, 2, 5, 1, &made), WEFT_ERROR_USAGE, "0 samples");
    ck_fails(weft_dataset_synthetic(1, 0, 5, 1, &made), WEFT_ERROR_USAGE, "0 features");
    ck_fails(weft_dataset_synthetic(SIZE_MAX, 2, 5, 1, &made), WEFT_ERROR_USAGE, "samples");
    ck_fails(weft_dataset_synthetic(1, 2, 1, 1, &made), WEFT_ERROR_USAGE, "classes: got 1");
    ck_assert_ptr_null(made);
}
END_TEST

/* ---- whole benchmarks ---- */

static struct weft_bench *bench_both(struct weft_bench_plan plan,
                                     const struct weft_options *options)
{
    static const struct weft_bench nothing; /* no start-up is measured: that takes seconds */
    struct weft_bench *bench;
    struct weft_model *model = model_new(options);
    plan.rounds = WEFT_BENCH_ROUNDS;
    if (plan.started == NULL)
        plan.started = &nothing;
    ck_ok(weft_bench(&plan, model, options, data, &bench));
    struct weft_model *untouched = model_new(options);
    ck_assert_mem_eq(weft_model_weights(model, 0), weft_model_weights(untouched, 0),
                     HIDDEN * FEATURES * sizeof(float));
    weft_model_destroy(untouched);
    weft_model_destroy(model);
    return bench;
}

static int keep_error(void *user, const struct weft_epoch *epoch)
{
    *(double *)user = epoch->error;
    return 0;
}

/* Of a training on the CPU: a benchmark of two sides has an epoch first, and two in each round. */
static double error_after_eleven_epochs(const struct weft_options *options)
{
    struct weft_options eleven = *options;
    double error = 0.0;
    const struct weft_callbacks callbacks = {.user = &error, .epoch = keep_error};
    struct weft_training training;
    eleven.epochs = 11;
    device_open("cpu");
    weft_model_destroy(trained(&eleven, &callbacks, &training));
    device_close();
    return error;
}

/* Both sides do the same, and the same as a training: its error to the bit. */
START_TEST(the_work_of_training)
{
    struct weft_options options = small("default");
    const struct weft_bench_plan plan = {.devices = {"opencl", "cpu"}, .device_count = 2};
    options.l2 = 0.01;
    struct weft_bench *bench = bench_both(plan, &options);
    ck_assert_uint_eq(bench->side_count, 2);
    ck_assert(bench->sides[0].device.opencl && !bench->sides[1].device.opencl);
    ck_assert_uint_eq(bench->samples, SAMPLES);
    ck_assert_uint_eq(bench->batches, (SAMPLES + BATCH - 1) / BATCH);
    ck_assert(bench->disagreement <= 1e-5 && isfinite(bench->sides[0].speedup));
    for (size_t s = 0; s < 2; s++) {
        const struct weft_bench_side *side = &bench->sides[s];
        ck_assert(side->min_epoch_seconds > 0.0);
        ck_assert(side->min_epoch_seconds <= side->median_epoch_seconds);
        ck_assert(side->median_epoch_seconds <= side->max_epoch_seconds);
        ck_assert(side->ceiling_gflops > 0.0 && side->gflops > 0.0);
        ck_assert_double_eq_tol(side->samples_per_second * side->median_epoch_seconds, SAMPLES,
                                1e-9);
        ck_assert_uint_eq(side->operation_count, 0);
    }
    /* samples, labels and order are there, and more */
    ck_assert(bench->sides[0].device_bytes > 4 * SAMPLES * (FEATURES + 2));
    ck_assert_uint_eq(bench->sides[1].device_bytes, 0);
    ck_assert_double_eq(bench->sides[1].error, error_after_eleven_epochs(&options));
    weft_bench_destroy(bench);
}
END_TEST

START_TEST(operations_by_name)
{
    static const char *const names[] = {"order",        "gather",     "forward 1",  "forward 2",
                                        "output delta", "backward 2", "backward 1", "penalty",
                                        "update",       "download"};
    struct weft_options options = small("default");
    const struct weft_bench_plan plan = {
        .devices = {"opencl", "cpu"}, .device_count = 2, .profile = true};
    options.l2 = 0.01;
    struct weft_bench *bench = bench_both(plan, &options);
    for (size_t s = 0; s < bench->side_count; s++) {
        ck_assert_uint_eq(bench->sides[s].operation_count, sizeof names / sizeof *names);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            ck_assert_str_eq(bench->sides[s].operations[i].name, names[i]);
            ck_assert(bench->sides[s].operations[i].seconds > 0.0);
        }
    }
    weft_bench_destroy(bench);
}
END_TEST

START_TEST(a_device_twice_is_one_side)
{
    const struct weft_options options = small("default");
    const struct weft_bench_plan plan = {.devices = {"cpu", "cpu"}, .device_count = 2};
    struct weft_bench *bench = bench_both(plan, &options);
    ck_assert_uint_eq(bench->side_count, 1);
    ck_assert(isnan(bench->sides[0].speedup));
    weft_bench_destroy(bench);
}
END_TEST

/* What an earlier benchmark measured of start-up is taken over. */
START_TEST(startup_taken_over)
{
    const struct weft_options options = small("default");
    struct weft_bench earlier = {.side_count = 1};
    earlier.sides[0].startup.check_seconds = 12.0;
    earlier.sides[0].ceiling_gflops = 34.0;
    const struct weft_bench_plan plan = {
        .devices = {"cpu"}, .device_count = 1, .started = &earlier};
    struct weft_bench *bench = bench_both(plan, &options);
    ck_assert_double_eq(bench->sides[0].startup.check_seconds, 12.0);
    ck_assert_double_eq(bench->sides[0].ceiling_gflops, 34.0);
    ck_assert(bench->sides[0].first_epoch_seconds > 0.0);
    weft_bench_destroy(bench);
}
END_TEST

/* In a child of this process, which has started no threads yet. */
START_TEST(startup_measured)
{
    const struct weft_options options = small("default");
    const struct weft_bench_plan plan = {
        .devices = {"cpu"}, .device_count = 1, .rounds = WEFT_BENCH_ROUNDS};
    struct weft_model *model = model_new(&options);
    struct weft_bench *bench;
    ck_ok(weft_bench(&plan, model, &options, data, &bench));
    const struct weft_bench_side *side = &bench->sides[0];
    ck_assert(isnan(side->startup.platform_seconds));
    ck_assert(isnan(side->startup.build_cold_seconds));
    ck_assert(isnan(side->startup.build_warm_seconds));
    ck_assert(side->startup.check_seconds > 0.0 && side->startup.upload_seconds > 0.0);
    ck_assert(side->first_epoch_seconds > 0.0);
    ck_assert(side->host_bytes > 1 << 20);
    weft_bench_destroy(bench);
    weft_model_destroy(model);
}
END_TEST

static int stop_at_once(void *user, const struct weft_bench_progress *now)
{
    ck_assert_ptr_nonnull(now->what);
    ck_assert_ptr_nonnull(now->device);
    return ++*(int *)user >= 3;
}

START_TEST(stopped)
{
    const struct weft_options options = small("default");
    int calls = 0;
    const struct weft_bench_plan plan = {
        .devices = {"cpu"}, .device_count = 1, .user = &calls, .progress = stop_at_once};
    struct weft_bench *bench = bench_both(plan, &options);
    ck_assert(bench->stopped);
    ck_assert_int_eq(calls, 3);
    weft_bench_destroy(bench);
}
END_TEST

START_TEST(refused)
{
    struct weft_options options = small("default");
    struct weft_model *model = model_new(&options);
    struct weft_bench *bench;
    struct weft_bench_plan plan = {.devices = {"cpu"}, .device_count = 1, .rounds = 4};
    ck_fails(weft_bench(&plan, model, &options, data, &bench), WEFT_ERROR_USAGE, "rounds: got 4");
    plan.rounds = WEFT_BENCH_ROUNDS;
    plan.device_count = 0;
    ck_fails(weft_bench(&plan, model, &options, data, &bench), WEFT_ERROR_USAGE, "devices: got 0");
    plan.device_count = 1;
    plan.devices[0] = "no such device";
    ck_fails(weft_bench(&plan, model, &options, data, &bench), WEFT_ERROR_NO_DEVICE,
             "no such device");
    options.learning_rate = -2.0;
    ck_fails(weft_bench(&plan, model, &options, data, &bench), WEFT_ERROR_USAGE, "learning-rate");
    ck_assert_ptr_null(bench);
    weft_model_destroy(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench");
    TCase *arithmetic = tcase_create("arithmetic");
    tcase_add_test(arithmetic, operations_of_the_article);
    tcase_add_test(arithmetic, operations_of_three_layers);
    tcase_add_test(arithmetic, spread);
    tcase_add_test(arithmetic, differences);
    tcase_add_test(arithmetic, break_evens);
    tcase_add_test(arithmetic, conclusions);
    tcase_add_test(arithmetic, no_conclusions_from_other_work);
    tcase_add_test(arithmetic, what_pays_from_where);
    tcase_add_test(arithmetic, synthetic_samples);
    tcase_add_test(arithmetic, synthetic_labels_without_features_for_them);
    suite_add_tcase(suite, arithmetic);
    TCase *whole = tcase_create("whole");
    tcase_add_checked_fixture(whole, data_open, data_close);
    tcase_add_test(whole, the_work_of_training);
    tcase_add_test(whole, operations_by_name);
    tcase_add_test(whole, a_device_twice_is_one_side);
    tcase_add_test(whole, startup_taken_over);
    tcase_add_test(whole, startup_measured);
    tcase_add_test(whole, stopped);
    tcase_add_test(whole, refused);
    suite_add_tcase(suite, whole);
    return suite_main(suite);
}
