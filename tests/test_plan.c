/* Compares planned memory with the memory that a training holds: the buffers of the OpenCL device
 * to the byte, and the blocks of the host up to small structures.
 *
 * The linker redirects memory_zeroed and memory_free of the library to the functions here (see
 * CMakeLists.txt), which count the live bytes. */
#include <inttypes.h>

#include "api/training_rate.h"
#include "devices.h"
#include "random_training.h"

/* ---- the blocks of the host ---- */

enum { MOST_BLOCKS = 1 << 14 };

static struct {
    void *blocks[MOST_BLOCKS];
    size_t bytes[MOST_BLOCKS];
    size_t count, live;
} heap;

void *__real_memory_zeroed(size_t count, size_t size);
void __real_memory_free(void *block);
void *__wrap_memory_zeroed(size_t count, size_t size);
void __wrap_memory_free(void *block);

void *__wrap_memory_zeroed(size_t count, size_t size)
{
    void *block = __real_memory_zeroed(count, size);
    ck_assert_uint_lt(heap.count, MOST_BLOCKS);
    if (block != NULL) {
        heap.blocks[heap.count] = block;
        heap.bytes[heap.count++] = count * size;
        heap.live += count * size;
    }
    return block;
}

void __wrap_memory_free(void *block)
{
    for (size_t i = heap.count; i > 0 && block != NULL; i--)
        if (heap.blocks[i - 1] == block) {
            heap.live -= heap.bytes[i - 1];
            heap.count--;
            heap.blocks[i - 1] = heap.blocks[heap.count];
            heap.bytes[i - 1] = heap.bytes[heap.count];
            break;
        }
    __real_memory_free(block);
}

/* ---- a training and its plan ---- */

/* Structures, curves and names of a model, which a plan leaves out. */
enum { SMALL_THINGS = 8000 };

struct seen {
    size_t host, device; /* most live bytes after an epoch */
};

static int look(void *user, const struct weft_epoch *epoch)
{
    struct seen *seen = user;
    (void)epoch;
    seen->host = size_max(seen->host, heap.live);
    seen->device = device->info.opencl ? opencl_from(device)->allocated : 0;
    return 1; /* one epoch shows everything */
}

static void train_once(struct weft_model *model, const struct weft_options *options,
                       const struct weft_data_sets *sets, struct seen *seen)
{
    struct weft_training training;
    const struct weft_callbacks callbacks = {.user = seen, .epoch = look};
    ck_ok(weft_train(device, model, options, sets->train, sets->validation, sets->test, &callbacks,
                     &training));
}

/* Trains `members` models of an ensemble, and looks at the memory while the last one trains. The
 * first training of a device also makes its kernel objects, so one goes before. */
static struct seen seen_of(const struct weft_options *options, const struct weft_data_sets *sets,
                           size_t members)
{
    struct weft_model *first = NULL, *model;
    struct seen seen = {0, 0};
    ck_ok(weft_model_create(options, sets->train, &model));
    train_once(model, options, sets, &seen);
    weft_model_destroy(model);
    const size_t before = heap.live;
    seen.host = 0;
    for (size_t m = 0; m < members; m++) {
        ck_ok(weft_model_create(options, sets->train, &model));
        train_once(model, options, sets, &seen);
        if (m > 0)
            ck_ok(weft_model_add_member(first, model));
        else
            first = model;
    }
    seen.host -= before;
    weft_model_destroy(first);
    return seen;
}

static uint64_t bytes_of(const struct weft_dataset *set)
{
    if (set == NULL)
        return 0;
    const size_t row = set->features + (set->labels != NULL) + (set->weights != NULL) +
                       (set->targets != NULL ? set->classes : 0);
    return sizeof(float) * row * set->samples;
}

/* Asserts that the training `what` holds what is planned. */
static void compare(const char *what, const struct weft_options *options,
                    const struct weft_data_sets *sets, size_t members)
{
    const size_t before = heap.live;
    struct weft_training_plan plan;
    ck_ok(weft_plan_training(device, NULL, options, sets, members, &plan));
    ck_assert_int_eq(plan.fits, WEFT_OK);
    ck_assert_msg(heap.live == before, "%s: the plan keeps memory", what);
    const struct seen seen = seen_of(options, sets, members);
    const uint64_t data = bytes_of(sets->train) + bytes_of(sets->validation) + bytes_of(sets->test);
    const uint64_t host = plan.host.total - data; /* the data are there anyway */
    ck_assert_msg(plan.device.total == seen.device,
                  "%s: planned %" PRIu64 " bytes on the device, allocated %zu", what,
                  plan.device.total, seen.device);
    const size_t workspaces = members * (options->slices > 1 ? options->slices : 1);
    ck_assert_msg(host <= seen.host && seen.host - host < workspaces * SMALL_THINGS,
                  "%s: planned %" PRIu64 " bytes on the host, allocated %zu", what, host,
                  seen.host);
}

START_TEST(random_trainings_hold_what_is_planned)
{
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct training_recipe recipe = training_draw(seed);
        struct weft_options options;
        char text[TRAINING_TEXT];
        recipe.samples += 100 * (seed % 7); /* several blocks of a pass, too */
        training_print(&recipe, text);
        if (training_options(&recipe, &options) != WEFT_OK)
            continue;
        options.gemm = device_products;
        struct weft_data_sets sets = {
            .train = training_samples(&recipe, options.task, recipe.samples, 0),
            .validation = recipe.validation > 0
                              ? training_samples(&recipe, options.task, recipe.validation, 1)
                              : NULL};
        compare(text, &options, &sets, 1);
        weft_data_sets_reset(&sets);
    }
}
END_TEST

/* Networks that are large beside SMALL_THINGS. */
static const char *const large[] = {
    "seed=1 samples=2000 image=12x12x1 outputs=5 validation=0 bytes=0 preset=default "
    "hidden=300,200",
    "seed=2 samples=2000 image=12x12x1 outputs=5 validation=900 bytes=1 preset=default "
    "hidden=300,200 optimizer=adamw ema=0.9 batch-norm=yes patience=3 monitor=loss",
    "seed=3 samples=1500 image=12x12x1 outputs=5 validation=0 bytes=1 preset=default hidden=400 "
    "optimizer=momentum shift=2 flip=yes activation=gelu dropout=0.3",
    "seed=4 samples=1500 image=10x10x1 outputs=3 validation=70 bytes=0 preset=default "
    "task=regress hidden=300,100 optimizer=rmsprop batch-size=700",
    "seed=5 samples=1500 image=10x10x1 outputs=6 validation=70 bytes=0 preset=default "
    "task=multilabel hidden=300,100 optimizer=nesterov mixup=0.2",
    "seed=6 samples=1500 image=10x10x1 outputs=3 validation=0 bytes=0 preset=default hidden=300 "
    "class-weight=balanced optimizer=adam shuffle=no scale=none",
    "seed=7 samples=1500 image=28x28x1 outputs=10 validation=0 bytes=1 preset=article"};

START_TEST(large_networks_hold_what_is_planned)
{
    struct weft_options options;
    struct training_recipe recipe = training_read(large[_i]);
    ck_ok(training_options(&recipe, &options));
    options.gemm = device_products;
    struct weft_data_sets sets = {
        .train = training_samples(&recipe, options.task, recipe.samples, 0),
        .validation = recipe.validation > 0
                          ? training_samples(&recipe, options.task, recipe.validation, 1)
                          : NULL,
        .test = training_samples(&recipe, options.task, 33, 2)};
    compare(large[_i], &options, &sets, 1);
    weft_data_sets_reset(&sets);
}
END_TEST

/* The first member keeps its optimizer state, unless early stopping has chosen other weights. */
START_TEST(ensembles_hold_what_is_planned)
{
    static const size_t members[] = {2, 2, 3, 9};
    struct weft_options options;
    struct training_recipe recipe = training_read(large[_i % 2]);
    ck_ok(training_options(&recipe, &options));
    struct weft_data_sets sets = {.train =
                                      training_samples(&recipe, options.task, recipe.samples, 0),
                                  .validation = training_samples(&recipe, options.task, 70, 1)};
    compare("an ensemble", &options, &sets, members[_i]);
    weft_data_sets_reset(&sets);
}
END_TEST

/* ---- what does not fit ---- */

static size_t planned_slices;

/* Plans a network with these hidden layers on a device with less memory. */
static struct weft_training_plan plan_small(const char *hidden, uint64_t global, uint64_t buffer)
{
    struct weft_options options;
    struct weft_training_plan plan;
    struct training_recipe recipe = training_read(large[0]);
    ck_ok(training_options(&recipe, &options));
    ck_ok(weft_options_set(&options, "hidden", hidden));
    options.slices = planned_slices;
    struct weft_data_sets sets = {.train =
                                      training_samples(&recipe, options.task, recipe.samples, 0)};
    device->info.global_bytes = global;
    device->largest_buffer = buffer;
    ck_ok(weft_plan_training(device, NULL, &options, &sets, 1, &plan));
    if (plan.fits != WEFT_OK) {
        struct weft_model *model;
        struct weft_training training;
        const size_t before = heap.live;
        char refusal[sizeof plan.refusal];
        snprintf(refusal, sizeof refusal, "%s", plan.refusal);
        ck_ok(weft_model_create(&options, sets.train, &model));
        ck_fails(weft_train(device, model, &options, sets.train, NULL, NULL, NULL, &training),
                 plan.fits, refusal);
        weft_model_destroy(model);
        ck_assert_uint_eq(heap.live, before);
        if (device->info.opencl)
            ck_assert_uint_eq(opencl_from(device)->base.peak_bytes, 0);
    }
    weft_data_sets_reset(&sets);
    return plan;
}

START_TEST(a_small_device_is_refused_with_a_batch_that_fits)
{
    const uint64_t plenty = (uint64_t)1 << 40;
    const uint64_t whole = plan_small("300,200", plenty, plenty).device.total;
    char text[64];
    const struct weft_training_plan tight = plan_small("300,200", whole, plenty);
    ck_assert_int_eq(tight.fits, WEFT_OK);
    const struct weft_training_plan plan = plan_small("300,200", whole - 1, plenty);
    ck_assert_int_eq(plan.fits, WEFT_ERROR_DEVICE);
    snprintf(text, sizeof text, "device memory for the training: need %" PRIu64 " bytes", whole);
    ck_assert_ptr_nonnull(strstr(plan.refusal, text));
    snprintf(text, sizeof text, "available %" PRIu64 " bytes", whole - 1);
    ck_assert_ptr_nonnull(strstr(plan.refusal, text));
    ck_assert_ptr_nonnull(strstr(plan.refusal, "--batch-size 64 would fit (now 128)"));
    ck_assert_ptr_nonnull(strstr(plan.refusal, "--device cpu"));
}
END_TEST

/* The slices that the message names fit, and half of them do not. */
START_TEST(slices_that_fit_are_named)
{
    const uint64_t plenty = (uint64_t)1 << 40;
    const uint64_t whole = plan_small("30,20", plenty, plenty).device.total;
    const struct weft_training_plan plan = plan_small("30,20", whole - 1, plenty);
    const char *named = strstr(plan.refusal, ", or --slices ");
    ck_assert_msg(named != NULL, "%s", plan.refusal);
    ck_assert_int_eq(sscanf(named, ", or --slices %zu", &planned_slices), 1);
    ck_assert_int_eq(plan_small("30,20", whole - 1, plenty).fits, WEFT_OK);
    planned_slices /= 2;
    ck_assert_int_eq(plan_small("30,20", whole - 1, plenty).fits, WEFT_ERROR_DEVICE);
}
END_TEST

START_TEST(a_small_buffer_is_refused)
{
    const uint64_t plenty = (uint64_t)1 << 40;
    const uint64_t largest = plan_small("300,200", plenty, plenty).device.largest;
    ck_assert_int_eq(plan_small("300,200", plenty, largest).fits, WEFT_OK);
    const struct weft_training_plan plan = plan_small("300,200", plenty, largest - 1);
    ck_assert_int_eq(plan.fits, WEFT_ERROR_DEVICE);
    ck_assert_ptr_nonnull(strstr(plan.refusal, "the largest buffer for the training: need "));
    ck_assert_ptr_nonnull(
        strstr(plan.refusal, "no batch size fits; try fewer or narrower --hidden"));
}
END_TEST

/* Neither the model nor any of its arrays can exist, and sizes overflow. */
START_TEST(absurd_networks_are_planned)
{
    static const char *const hidden[] = {"1000000,1000000", "2000000000"};
    struct weft_options options;
    struct weft_training_plan plan;
    struct training_recipe recipe = training_read(large[0]);
    ck_ok(training_options(&recipe, &options));
    ck_ok(weft_options_set(&options, "hidden", hidden[_i]));
    struct weft_data_sets sets = {.train =
                                      training_samples(&recipe, options.task, recipe.samples, 0)};
    ck_ok(weft_plan_training(device, NULL, &options, &sets, 1, &plan));
    ck_assert_int_ne(plan.fits, WEFT_OK);
    ck_assert_ptr_nonnull(
        strstr(plan.refusal, "no batch size fits; try fewer or narrower --hidden"));
    ck_ok(weft_plan_training(NULL, NULL, &options, &sets, 1, &plan));
    ck_assert_int_eq(plan.fits, WEFT_ERROR_MEMORY);
    ck_assert_uint_gt(plan.host.total, (uint64_t)1 << 42);
    weft_data_sets_reset(&sets);
}
END_TEST

/* ---- the network, and time ---- */

START_TEST(a_plan_describes_the_network)
{
    struct weft_options options;
    struct weft_training_plan plan;
    struct training_recipe recipe = training_read(large[1]); /* 144-300-200-5 */
    ck_ok(training_options(&recipe, &options));
    struct weft_data_sets sets = {
        .train = training_samples(&recipe, options.task, recipe.samples, 0),
        .validation = training_samples(&recipe, options.task, recipe.validation, 1)};
    ck_ok(weft_plan_training(device, NULL, &options, &sets, 1, &plan));
    ck_assert_uint_eq(plan.layer_count, 3);
    ck_assert_uint_eq(plan.layers[0].parameters, 144 * 300 + 2 * 300); /* batch norm */
    ck_assert_uint_eq(plan.layers[2].parameters, 200 * 5 + 5);
    ck_assert_uint_eq(plan.parameters, 144 * 300 + 600 + 300 * 200 + 400 + 200 * 5 + 5);
    ck_assert_uint_eq(plan.batches, 16); /* 2000 samples in batches of 128 */
    /* Two or three products of 2 operations a sample, and a block of 1024 validation samples. */
    ck_assert_double_eq_tol(plan.epoch_gflop,
                            1e-9 * (4.0 * 2000 * 144 * 300 + 6.0 * 2000 * (300 * 200 + 200 * 5) +
                                    2.0 * 1024 * (144 * 300 + 300 * 200 + 200 * 5)),
                            1e-12);
    ck_assert(isnan(plan.epoch_seconds) && isnan(plan.seconds)); /* nothing was measured */
    weft_data_sets_reset(&sets);
}
END_TEST

START_TEST(time_follows_from_the_record)
{
    static const size_t widths[] = {7, 5, 3};
    struct network network;
    struct record_tuning tuning = {.product_count = 5,
                                   /* 2 m n k operations at 1 (then 2) GFLOP/s */
                                   .products = {{"forward", 10, 5, 7, "plain", 1.0},
                                                {"weight_gradient", 5, 7, 10, "plain", 1.0},
                                                {"forward", 10, 3, 5, "plain", 2.0},
                                                {"weight_gradient", 3, 5, 10, "plain", 2.0},
                                                {"delta", 10, 5, 3, "plain", 2.0}}};
    const struct record_key key = {.backend = "test"};
    struct record *record;
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    ck_ok(record_open(&key, &record));
    ck_assert(isnan(training_rate(NULL, &network, 10)));
    ck_assert(isnan(training_rate(record, &network, 10)));
    record_set_tuning(record, &tuning);
    /* 1400 operations at 1, 900 at 2 */
    ck_assert_double_eq_tol(training_rate(record, &network, 10), 2300.0 / (1400.0 + 450.0), 1e-9);
    ck_assert(isnan(training_rate(record, &network, 11)));
    record_tuning_add_step(&tuning, &(struct record_step){"7-5-3", 10, true, 4.5});
    record_set_tuning(record, &tuning);
    ck_assert_double_eq(training_rate(record, &network, 10), 4.5);
    record_add_speed(record, &(struct record_speed){"7-5-3", 10, 0.25}); /* a whole epoch */
    record_add_speed(record, &(struct record_speed){"7-5-4", 10, 9.0});
    record_add_speed(record, &(struct record_speed){"7-5-3", 11, 9.0});
    ck_assert_double_eq(training_rate(record, &network, 10), 0.25);
    record_destroy(record);
    network_reset(&network);
}
END_TEST

static void add_random(TCase *tests)
{
    tcase_add_test(tests, random_trainings_hold_what_is_planned);
}

static void add_large(TCase *tests)
{
    tcase_add_loop_test(tests, large_networks_hold_what_is_planned, 0,
                        sizeof large / sizeof *large);
    tcase_add_loop_test(tests, ensembles_hold_what_is_planned, 0, 4);
    tcase_add_loop_test(tests, absurd_networks_are_planned, 0, 2);
    tcase_add_test(tests, a_plan_describes_the_network);
}

static void add_small(TCase *tests)
{
    tcase_add_test(tests, a_small_device_is_refused_with_a_batch_that_fits);
    tcase_add_test(tests, slices_that_fit_are_named);
    tcase_add_test(tests, a_small_buffer_is_refused);
    tcase_add_test(tests, time_follows_from_the_record);
}

int main(void)
{
    static const struct device_case opencl[] = {{"small", device_open_opencl}};
    Suite *suite = suite_create("plan");
    suite_add_engines(suite, add_random);
    suite_add_devices(suite, add_large);
    suite_add_cases(suite, add_small, opencl, 1);
    return suite_main(suite);
}
