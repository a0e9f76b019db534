/* Tests which device a word selects, on machines with any set of devices. It includes the source of
 * api_device.c, which sees the lists of this suite instead of the OpenCL devices. */
#define _XOPEN_SOURCE 700

#include "suite.h"

#define opencl_device_count    listed_count
#define opencl_device_describe listed_describe
#define opencl_device_create   listed_create
#define opencl_idle_platforms  listed_idle_platforms
#include "api/api_device.c"
#include "network/model.h"
#include "record_files.h" /* after it: its `record` would shadow its variables */

static struct {
    const char *type; /* NULL: one that cannot be described */
    bool unified;
} listed[8];
static size_t listed_devices;
static size_t listed_counts; /* how often somebody asked */

enum weft_status listed_count(size_t *count)
{
    listed_counts++;
    *count = listed_devices;
    return WEFT_OK;
}

enum weft_status listed_describe(size_t index, struct weft_device_info *info)
{
    if (listed[index].type == NULL)
        return fail(WEFT_ERROR_DEVICE, "OpenCL device %zu: cannot be described", index);
    *info = (struct weft_device_info){
        .opencl = true, .index = index, .unified_memory = listed[index].unified};
    snprintf(info->type, sizeof info->type, "%s", listed[index].type);
    snprintf(info->name, sizeof info->name, "device %zu", index);
    return WEFT_OK;
}

static const char *listed_idle = ""; /* platforms without devices */

const char *listed_idle_platforms(void)
{
    return listed_idle;
}

/* Opens none, but tells which. */
enum weft_status listed_create(const struct opencl_plan *plan, struct weft_device **device)
{
    (void)device;
    return fail(WEFT_ERROR_DEVICE, "chosen: %zu", plan->index);
}

static void add(const char *type, bool unified)
{
    listed[listed_devices].type = type;
    listed[listed_devices++].unified = unified;
}

#define ck_chosen(spec, words)                                                                     \
    do {                                                                                           \
        struct weft_device *ck_device_;                                                            \
        ck_fails(weft_device_create(spec, NULL, NULL, &ck_device_), WEFT_ERROR_DEVICE, words);     \
    } while (0)

/* The CPU backend in the place of a device, which is said. */
static void assert_cpu_instead(const char *words)
{
    struct weft_device *device;
    struct weft_device_info info;
    ck_ok(weft_device_create("auto", NULL, NULL, &device));
    weft_device_get_info(device, &info);
    ck_assert(!info.opencl);
    ck_assert_str_eq(info.note, words);
    weft_device_destroy(device);
}

START_TEST(gpus_before_cpus_before_the_rest)
{
    struct weft_device *device;
    add("accelerator", false);
    ck_chosen("opencl", "chosen: 0");
    assert_cpu_instead("no OpenCL GPU or CPU that can be used: using the CPU backend");
    ck_fails(weft_device_create("gpu", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE,
             "--device gpu: no such device: there are 0 \"device 0\" (accelerator), and cpu");
    add("cpu", true);
    ck_chosen("auto", "chosen: 1");
    ck_chosen("opencl", "chosen: 1");
    ck_fails(weft_device_create("gpu", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE, "no such");
    add("gpu", true);
    ck_chosen("auto", "chosen: 2");
    add("gpu", false);
    ck_chosen("auto", "chosen: 3");
    ck_chosen(NULL, "chosen: 3");
    ck_chosen("opencl", "chosen: 3");
    ck_chosen("gpu", "chosen: 3");
    ck_chosen("0", "chosen: 0");
}
END_TEST

START_TEST(a_device_that_cannot_be_described)
{
    struct weft_device *device;
    add(NULL, false);
    assert_cpu_instead("no OpenCL GPU or CPU that can be used: using the CPU backend");
    ck_fails(weft_device_create("opencl", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE,
             "--device opencl: no such device");
    add("cpu", true);
    ck_chosen("auto", "chosen: 1");
}
END_TEST

START_TEST(no_device)
{
    assert_cpu_instead("no OpenCL device on this machine: using the CPU backend");
    ck_fails(weft_device_create("opencl", NULL, NULL, &(struct weft_device *){NULL}),
             WEFT_ERROR_NO_DEVICE, "pocl-opencl-icd for the CPU; --device cpu needs none");
}
END_TEST

/* What is installed is not to be installed again: it is named. */
START_TEST(a_platform_without_devices)
{
    struct weft_device *device;
    listed_idle = "; platform P has no device: set Q";
    assert_cpu_instead("no OpenCL device on this machine; platform P has no device: set Q: "
                       "using the CPU backend");
    ck_fails(weft_device_create("opencl", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE,
             "--device opencl: no OpenCL device on this machine; platform P has no device: set Q; "
             "--device cpu needs none");
    ck_assert_ptr_null(strstr(weft_error(), "install"));
    add("cpu", false);
    ck_fails(weft_device_create("gpu", NULL, NULL, &device), WEFT_ERROR_NO_DEVICE,
             "and cpu; platform P has no device: set Q");
}
END_TEST

/* ---- the fastest device ---- */

#define UNKNOWN ((double)NAN)

/* The first rate belongs to the device of "auto". */
static const struct {
    double gflops[3];
    size_t fastest;
} rates[] = {{{100.0, 80.0, 90.0}, 0},
             {{100.0, 104.0, 104.9}, 0}, /* times vary */
             {{100.0, 106.0, 90.0}, 1},
             {{100.0, 106.0, 107.0}, 2},
             {{100.0, 107.0, 106.0}, 1},
             {{UNKNOWN, 500.0, 900.0}, 0},
             {{100.0, UNKNOWN, 200.0}, 2},
             {{100.0, UNKNOWN, UNKNOWN}, 0},
             {{UNKNOWN, UNKNOWN, UNKNOWN}, 0},
             {{0.0, UNKNOWN, 3.0}, 2},
             /* it failed */ {{0.0, 0.0, 0.0}, 0},
             {{100.0, 0.0, 120.0}, 2}};

START_TEST(the_fastest_of_some_rates)
{
    struct device_candidate candidates[3];
    for (size_t i = 0; i < 3; i++)
        candidates[i] = (struct device_candidate){.gflops = rates[_i].gflops[i]};
    ck_assert_uint_eq(device_fastest(candidates, 3), rates[_i].fastest);
}
END_TEST

START_TEST(candidates_in_order)
{
    struct device_candidate candidates[MOST_CANDIDATES];
    size_t count;
    add("cpu", true);
    add("accelerator", false);
    add(NULL, false);
    add("gpu", true);
    add("gpu", false);
    ck_ok(device_candidates(candidates, &count));
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(candidates[0].spec, "4");
    ck_assert_str_eq(candidates[1].spec, "3");
    ck_assert_str_eq(candidates[2].spec, "0");
    ck_assert_str_eq(candidates[3].spec, "cpu");
    ck_assert(!candidates[3].info.opencl);
    ck_assert(isnan(candidates[0].gflops));
    for (int more = 0; more < 3; more++)
        add("gpu", false);
    ck_ok(device_candidates(candidates, &count));
    ck_assert_uint_eq(count, 7);
    ck_assert_str_eq(candidates[6].spec, "cpu");
}
END_TEST

/* A network 2-3-2 on batches of 4 samples: 4 (4 x 6 + 6 x 6) operations a batch. */
static struct weft_device_choice choose_for(const char *epochs, size_t models,
                                            const char *check_every, const char *last)
{
    static const float x[16] = {1, 2, 3, 4, 5};
    static const int32_t labels[8] = {0, 1};
    struct weft_options options;
    struct weft_dataset *train;
    struct weft_device_choice choice;
    ck_ok(weft_options_init(&options, "default"));
    ck_ok(weft_options_set(&options, "hidden", "3"));
    ck_ok(weft_options_set(&options, "batch-size", "4"));
    ck_ok(weft_options_set(&options, "epochs", epochs));
    if (check_every != NULL)
        ck_ok(weft_options_set(&options, "check-every", check_every));
    ck_ok(weft_dataset_create(8, 2, 2, x, labels, &train));
    ck_ok(weft_device_choose(&options, train, models, last, true, &choice));
    weft_dataset_destroy(train);
    return choice;
}

static struct weft_device_choice choose_for_epochs(const char *epochs, const char *last)
{
    return choose_for(epochs, 1, NULL, last);
}

/* Trains long enough to be no small run, and too short to be measured. */
static struct weft_device_choice choose_for_network(const char *last)
{
    return choose_for_epochs("3000000", last);
}

static void assert_choice(const char *device, const char *why)
{
    const struct weft_device_choice choice = choose_for_network(NULL);
    ck_assert_str_eq(choice.device, device);
    ck_assert_str_eq(choice.why, why);
}

/* Keeps a rate in the record of a device. */
static void keep(const struct weft_device_info *info, const char *network, double gflops)
{
    struct record *kept;
    struct record_speed speed = {.batch = 4, .gflops = gflops};
    snprintf(speed.network, sizeof speed.network, "%s", network);
    ck_ok(device_record_open(info, &kept));
    record_add_speed(kept, &speed);
    ck_ok(record_store(kept));
    record_destroy(kept);
}

static struct weft_device_info listed_info(size_t index)
{
    struct weft_device_info info;
    ck_ok(listed_describe(index, &info));
    return info;
}

static struct weft_device_info cpu_info(void)
{
    struct weft_device *cpu;
    struct weft_device_info info;
    ck_ok(weft_device_create("cpu", NULL, NULL, &cpu));
    weft_device_get_info(cpu, &info);
    weft_device_destroy(cpu);
    return info;
}

static void with_two_devices(void)
{
    temporary_create();
    use_caches(temporary_path("caches"));
    add("cpu", false);
}

/* The rate of the first device alone decides nothing. */
static void assert_first_alone(void)
{
    const struct weft_device_info first = listed_info(0);
    use_caches(temporary_path("others"));
    keep(&first, "2-3-2", 9.6e-6);
    assert_choice("auto", "");
    use_caches(temporary_path("caches"));
}

/* 8 samples of 60 operations are 480e-9 GFLOP. Only what was measured for the same network on both
 * sides decides. */
START_TEST(recorded_rates_decide)
{
    const struct weft_device_info first = listed_info(0), cpu = cpu_info();
    assert_choice("auto", "");
    keep(&cpu, "2-3-2", 4.8e-6);
    assert_choice("auto", "");
    keep(&first, "2-4-2", 9.6e-6);
    assert_choice("auto", "");
    assert_first_alone();
    keep(&first, "2-3-2", 2.4e-6);
    assert_choice("cpu", "measured 0.1 s an epoch; OpenCL device 0 0.2 s");
    keep(&first, "2-3-2", 9.6e-6);
    assert_choice("auto", "measured 0.05 s an epoch; CPU backend 0.1 s");
}
END_TEST

/* A new driver is another device, and may be faster. */
START_TEST(records_of_another_driver_do_not_count)
{
    struct weft_device_info first = listed_info(0);
    const struct weft_device_info cpu = cpu_info();
    keep(&cpu, "2-3-2", 4.8e-6);
    snprintf(first.driver, sizeof first.driver, "2.0");
    keep(&first, "2-3-2", 2.4e-6);
    assert_choice("auto", "");
}
END_TEST

START_TEST(a_damaged_record_does_not_count)
{
    static const char *const damages[] = {"", "{", "[1, 2]", "{\"speeds\": 3}"};
    const struct weft_device_info cpu = cpu_info(), first = listed_info(0);
    keep(&first, "2-3-2", 2.4e-6);
    overwrite(only_file(".json"), damages[_i], strlen(damages[_i]));
    keep(&cpu, "2-3-2", 4.8e-6);
    assert_choice("auto", "");
    keep(&first, "2-3-2", 2.4e-6);
    assert_choice("cpu", "measured 0.1 s an epoch; OpenCL device 0 0.2 s");
}
END_TEST

/* So that it ends with the bits that it would have had. */
START_TEST(a_resumed_run_keeps_its_device)
{
    const struct weft_device_info cpu = cpu_info(), first = listed_info(0);
    ck_assert_str_eq(choose_for_network(cpu.name).device, "cpu");
    keep(&cpu, "2-3-2", 4.8e-6);
    keep(&first, "2-3-2", 2.4e-6);
    ck_assert_str_eq(choose_for_network("device 0").device, "auto");
    ck_assert_str_eq(choose_for_network("a device that is gone").device, "cpu");
}
END_TEST

/* A platform without devices is the same to "auto" as none. */
START_TEST(without_opencl_there_is_no_choice)
{
    const struct weft_device_info cpu = cpu_info();
    listed_devices = 0;
    keep(&cpu, "2-3-2", 4.8e-6);
    assert_choice("auto", "");
}
END_TEST

/* ---- small work ---- */

/* 480 operations an epoch: 2083333 epochs are at most 10^9 operations. */
START_TEST(a_small_training_run_needs_no_opencl)
{
    const struct weft_device_info first = listed_info(0), cpu = cpu_info();
    listed_counts = 0;
    const struct weft_device_choice choice = choose_for_epochs("2083333", NULL);
    ck_assert_str_eq(choice.device, "cpu");
    ck_assert_str_eq(choice.why, "a small training run: starting OpenCL would take longer");
    ck_assert_uint_eq(listed_counts, 0);
    ck_assert_str_eq(choose_for_epochs("2083334", NULL).device, "auto");
    ck_assert_uint_gt(listed_counts, 0);
    keep(&first, "2-3-2", 9.6e-6);
    keep(&cpu, "2-3-2", 4.8e-6);
    ck_assert_str_eq(choose_for_epochs("1", NULL).device, "cpu");
    ck_assert_str_eq(choose_for_epochs("1", "device 0").device, "auto");
}
END_TEST

/* All members of an ensemble count. */
START_TEST(an_ensemble_of_small_networks_is_no_small_run)
{
    ck_assert_str_eq(choose_for("20833", 100, NULL, NULL).device, "cpu");
    ck_assert_str_eq(choose_for("20834", 100, NULL, NULL).device, "auto");
}
END_TEST

/* Whoever checks or replaces what a device computes wants a device. */
START_TEST(a_device_under_test_is_used)
{
    static const char *const variables[] = {"WEFT_KERNEL_DIR", "WEFT_DEVICE_SHAPE"};
    struct weft_model model = {.network.weight_count = 12};
    struct weft_device_choice choice;
    ck_assert_str_eq(choose_for("1", 1, NULL, NULL).device, "cpu");
    ck_assert_str_eq(choose_for("1", 1, "10", NULL).device, "auto");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        ck_assert_int_eq(setenv(variables[i], "", 1), 0);
        ck_assert_str_eq(choose_for("1", 1, NULL, NULL).device, "cpu");
        ck_assert_int_eq(setenv(variables[i], i == 0 ? "/" : "gpu", 1), 0);
        ck_assert_str_eq(choose_for("1", 1, NULL, NULL).device, "auto");
        weft_device_choose_predict(&model, 1, &choice);
        ck_assert_str_eq(choice.device, "auto");
        ck_assert_int_eq(unsetenv(variables[i]), 0);
    }
}
END_TEST

/* A model 2-3-2 has 12 weights, so a sample takes 24 operations. */
START_TEST(few_predictions_need_no_opencl)
{
    struct weft_model model = {.network.weight_count = 12};
    struct weft_device_choice choice;
    listed_counts = 0;
    weft_device_choose_predict(&model, 41666666, &choice);
    ck_assert_str_eq(choice.device, "cpu");
    ck_assert_str_eq(choice.why, "few predictions: starting OpenCL would take longer");
    weft_device_choose_predict(&model, 41666667, &choice);
    ck_assert_str_eq(choice.device, "auto");
    ck_assert_str_eq(choice.why, "");
    weft_device_choose_predict(&model, SIZE_MAX, &choice);
    ck_assert_str_eq(choice.device, "auto");
    model.member_count = 1; /* two networks, and mirror images for each */
    model.mirror_width = 2;
    weft_device_choose_predict(&model, 10416666, &choice);
    ck_assert_str_eq(choice.device, "cpu");
    weft_device_choose_predict(&model, 10416667, &choice);
    ck_assert_str_eq(choice.device, "auto");
    ck_assert_uint_eq(listed_counts, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("device_choice");
    TCase *fastest = tcase_create("fastest");
    tcase_add_checked_fixture(fastest, with_two_devices, temporary_remove);
    tcase_add_test(fastest, recorded_rates_decide);
    tcase_add_test(fastest, records_of_another_driver_do_not_count);
    tcase_add_loop_test(fastest, a_damaged_record_does_not_count, 0, 4);
    tcase_add_test(fastest, a_resumed_run_keeps_its_device);
    tcase_add_test(fastest, without_opencl_there_is_no_choice);
    tcase_add_test(fastest, a_small_training_run_needs_no_opencl);
    tcase_add_test(fastest, an_ensemble_of_small_networks_is_no_small_run);
    tcase_add_test(fastest, a_device_under_test_is_used);
    tcase_add_test(fastest, few_predictions_need_no_opencl);
    suite_add_tcase(suite, fastest);
    TCase *tests = tcase_create("words");
    tcase_add_test(tests, gpus_before_cpus_before_the_rest);
    tcase_add_test(tests, a_device_that_cannot_be_described);
    tcase_add_test(tests, no_device);
    tcase_add_test(tests, a_platform_without_devices);
    tcase_add_loop_test(tests, the_fastest_of_some_rates, 0, sizeof rates / sizeof *rates);
    tcase_add_test(tests, candidates_in_order);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
