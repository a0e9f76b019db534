/* Tests training steps in parts of the batch on the CPU backend. In random training runs, the
 * reference computes each batch again. The bits depend neither on the number of threads nor on the
 * width of the vectors. */
#define _XOPEN_SOURCE 700
#include <omp.h>

#include "cpu/cpu.h"
#include "cpu/cpu_vectors.h"
#include "cpu/cpu_workspace.h"
#include "random_training.h"
#include "same_model.h"

enum { TRAININGS = 60, LEAST_IN_PARTS = 20 /* of these */ };

static struct weft_device *device;
static struct backend watched;
static size_t steps_in_parts;

static enum weft_status watched_delta(struct workspace *workspace, const struct loss_rule *rule,
                                      size_t slot)
{
    steps_in_parts += cpu_parts_in_use(workspace);
    return cpu_output_delta(workspace, rule, slot);
}

static void open_device(void)
{
    ck_ok(cpu_device_create(&device));
    watched = *device->backend;
    watched.output_delta = watched_delta;
    device->backend = &watched;
    steps_in_parts = 0;
}

static void close_device(void)
{
    device->backend->device_destroy(device);
}

/* Returns a random recipe with batches that have up to a few parts. */
static struct training_recipe large_recipe_draw(uint64_t seed)
{
    struct training_recipe recipe = training_draw(seed);
    struct dice dice = {stream_of(seed, STREAM_RECIPE + 1000), 0};
    recipe.samples = dice_between(&dice, 60, 400);
    for (size_t i = 0; i < recipe.count; i++) {
        struct setting *setting = &recipe.settings[i];
        if (strcmp(setting->name, "batch-size") == 0)
            snprintf(setting->value, sizeof setting->value, "%zu",
                     dice_between(&dice, 40, recipe.samples));
    }
    return recipe;
}

/* Trains, with the reference beside each step if `checked`, and returns the model, or NULL if the
 * numbers overflowed. */
static struct weft_model *recipe_train(const struct training_recipe *recipe, bool checked)
{
    struct weft_options options;
    struct weft_training training;
    struct weft_model *model = NULL;
    char text[TRAINING_TEXT];
    training_print(recipe, text);
    ck_ok(training_options(recipe, &options));
    options.check_every = checked ? 1 : 0;
    struct weft_dataset *data = training_samples(recipe, options.task, recipe->samples, 0);
    struct weft_dataset *held = recipe->validation > 0
                                    ? training_samples(recipe, options.task, recipe->validation, 1)
                                    : NULL;
    ck_ok(weft_model_create(&options, data, &model));
    const enum weft_status status =
        weft_train(device, model, &options, data, held, NULL, NULL, &training);
    ck_assert_msg(status == WEFT_OK || status == WEFT_ERROR_DIVERGED, "%s: %s", text, weft_error());
    weft_dataset_destroy(data);
    weft_dataset_destroy(held);
    if (status == WEFT_OK)
        return model;
    weft_model_destroy(model);
    return NULL;
}

START_TEST(steps_as_the_reference)
{
    size_t in_parts = 0;
    for (uint64_t seed = 1; seed <= TRAININGS; seed++) {
        const struct training_recipe recipe = large_recipe_draw(seed);
        steps_in_parts = 0;
        weft_model_destroy(recipe_train(&recipe, true));
        in_parts += steps_in_parts > 0;
    }
    ck_assert_uint_ge(in_parts, cpu_vectors() != CPU_VECTORS_128 ? LEAST_IN_PARTS : 0);
}
END_TEST

/* ---- the same bits ---- */

static const char *const large[] = {
    "seed=1 samples=1000 image=28x28x1 outputs=10 validation=0 bytes=1 preset=default epochs=2 "
    "hidden=50 dropout=0.2 batch-size=500 shift=2",
    "seed=2 samples=700 image=3x3x1 outputs=3 validation=0 bytes=0 preset=default epochs=3 "
    "hidden=64,30 activation=gelu,tanh batch-size=200 task=regress optimizer=adamw",
    /* a batch of 512 samples has 16 parts, and a batch of 513 only 13 */
    "seed=4 samples=1025 image=3x3x1 outputs=3 validation=0 bytes=0 preset=default epochs=2 "
    "hidden=60 batch-size=513 shuffle=no",
    /* deltas of more than 128 outputs are transposed first */
    "seed=3 samples=800 image=10x10x1 outputs=4 validation=0 bytes=0 preset=default epochs=4 "
    "hidden=160 batch-size=800"};

static void widths_set(const char *width)
{
    ck_assert_int_eq(setenv("WEFT_CPU_VECTORS", width, 1), 0);
    ck_ok(cpu_vectors_choose());
}

START_TEST(threads_and_widths_change_nothing)
{
    const struct training_recipe recipe = training_read(large[_i]);
    omp_set_num_threads(1);
    widths_set("512");
    struct weft_model *one = recipe_train(&recipe, true);
    const bool narrower = cpu_vectors() == CPU_VECTORS_512;
    ck_assert((steps_in_parts > 0) == (cpu_vectors() != CPU_VECTORS_128));
    omp_set_num_threads(3);
    struct weft_model *threads = recipe_train(&recipe, false);
    assert_same(one, threads);
    if (narrower)
        widths_set("256");
    struct weft_model *widths = recipe_train(&recipe, false);
    assert_same(one, widths);
    weft_model_destroy(one);
    weft_model_destroy(threads);
    weft_model_destroy(widths);
}
END_TEST

/* ---- what runs in parts ---- */

START_TEST(plans_in_parts)
{
    static const size_t widths[] = {9, 8, 3}, large_widths[] = {784, 128, 10};
    const bool wide = cpu_vectors() != CPU_VECTORS_128;
    struct network network, large_network;
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    ck_ok(network_init(&large_network, large_widths, 2, WEFT_HEAD_SOFTMAX, true));
    const struct workspace_plan plan = {.network = &network, .batch = 512, .training = true};
    struct workspace_plan other = plan;
    ck_assert(cpu_parts_take(&plan) == wide);
    other.by_operation = true;
    ck_assert(!cpu_parts_take(&other));
    other = plan;
    other.training = false;
    ck_assert(!cpu_parts_take(&other));
    other = plan;
    other.augmentation.mixup = 0.2;
    ck_assert(!cpu_parts_take(&other));
    other = plan;
    other.network = &large_network;
    ck_assert(!cpu_parts_take(&other));
    network_reset(&network);
    network_reset(&large_network);
}
END_TEST

START_TEST(a_wrong_width_is_refused)
{
    ck_assert_int_eq(setenv("WEFT_CPU_VECTORS", "384", 1), 0);
    ck_fails(cpu_vectors_choose(), WEFT_ERROR_USAGE, "unknown width \"384\"");
    ck_assert_int_eq(setenv("WEFT_CPU_VECTORS", "", 1), 0);
    ck_ok(cpu_vectors_choose());
}
END_TEST

/* Without fused multiply-adds, the BLAS computes the products. */
START_TEST(narrow_vectors_have_no_parts)
{
    const struct training_recipe recipe = training_read(large[0]);
    widths_set("128");
    weft_model_destroy(recipe_train(&recipe, true));
    ck_assert_uint_eq(steps_in_parts, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu_parts");
    TCase *tests = tcase_create("cpu");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, open_device, close_device);
    tcase_add_test(tests, steps_as_the_reference);
    tcase_add_loop_test(tests, threads_and_widths_change_nothing, 0,
                        (int)(sizeof large / sizeof *large));
    tcase_add_test(tests, plans_in_parts);
    tcase_add_test(tests, a_wrong_width_is_refused);
    tcase_add_test(tests, narrow_vectors_have_no_parts);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
