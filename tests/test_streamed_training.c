/* Tests training runs on devices that are too small for their data sets. The streamed sets must
 * give the bytes of resident ones, and the plan must say what is streamed. */
#define _XOPEN_SOURCE 700

#include "random_training.h"
#include "same_model.h"
#include "watched_training.h"

/* ---- devices without enough memory ---- */

static struct weft_training_plan plan_of(const struct task *task)
{
    const struct weft_data_sets sets = {.train = task->train, .validation = task->validation};
    struct weft_training_plan plan;
    ck_ok(weft_plan_training(device, NULL, &task->options, &sets, 1, &plan));
    return plan;
}

/* Limits the device to what the training run needs if everything is streamed, and returns it. */
static uint64_t limit_to_the_least(const struct task *task)
{
    uint64_t least = 0;
    weft_device_limit_memory(device, 1);
    const struct weft_training_plan plan = plan_of(task);
    const char *need = strstr(plan.refusal, "need ");
    ck_assert_int_eq(plan.fits, WEFT_ERROR_DEVICE);
    ck_assert(need != NULL && sscanf(need, "need %" SCNu64 " bytes", &least) == 1);
    weft_device_limit_memory(device, least - 1);
    ck_assert_int_eq(plan_of(task).fits, WEFT_ERROR_DEVICE);
    weft_device_limit_memory(device, least);
    return least;
}

/* ---- the same bytes ---- */

static struct task task_read(struct training_recipe recipe)
{
    struct task task;
    ck_ok(training_options(&recipe, &task.options));
    task.options.gemm = device_products;
    task.train = training_samples(&recipe, task.options.task, recipe.samples, 0);
    task.validation = recipe.validation > 0
                          ? training_samples(&recipe, task.options.task, recipe.validation, 1)
                          : NULL;
    return task;
}

/* The result of a training run, without its times. */
static struct weft_training timeless(struct weft_training training)
{
    training.check_seconds = training.median_epoch_seconds = 0.0;
    training.min_epoch_seconds = training.max_epoch_seconds = 0.0;
    return training;
}

static struct weft_model *run_of(const struct task *task, struct watched *watched,
                                 const struct weft_checkpoint *from, struct weft_training *training)
{
    struct weft_model *model = task_model(task);
    ck_ok(task_run(task, model, watched, from, training));
    *training = timeless(*training);
    return model;
}

static void assert_same_scores(const struct weft_training *a, const struct weft_training *b)
{
    ck_assert_mem_eq(&a->train, &b->train, sizeof a->train);
    ck_assert_mem_eq(&a->validation, &b->validation, sizeof a->validation);
    ck_assert_uint_eq(a->epochs, b->epochs);
    ck_assert_uint_eq(a->best_epoch, b->best_epoch);
}

/* Trains with resident and with streamed sets. In addition, streamed sets go on from a checkpoint
 * of a run with resident ones. */
static void check_task(const struct task *task)
{
    struct watched whole = {.stop = 0}, streamed = {.stop = 0}, before = {.stop = 0}, after;
    struct weft_training want, got;
    struct weft_checkpoint *checkpoint;
    after = (struct watched){.stop = 0};
    struct weft_model *resident = run_of(task, &whole, NULL, &want);
    before.stop = whole.batches / 2 + 1;
    before.path = temporary_path("checkpoint");
    weft_model_destroy(run_of(task, &before, NULL, &got));
    ck_ok(weft_checkpoint_read(before.path, &checkpoint));
    limit_to_the_least(task);
    const struct weft_training_plan plan = plan_of(task);
    ck_assert(plan.streams_train);
    ck_assert(plan.streams_validation == (task->validation != NULL));
    struct weft_model *model = run_of(task, &streamed, NULL, &got);
    assert_same(resident, model);
    assert_same_scores(&want, &got);
    ck_assert_uint_eq(whole.epoch_count, streamed.epoch_count);
    ck_assert_mem_eq(whole.epochs, streamed.epochs, whole.epoch_count * sizeof *whole.epochs);
    weft_model_destroy(model);
    model = run_of(task, &after, checkpoint, &got);
    assert_same(resident, model);
    weft_device_limit_memory(device, 0);
    weft_model_destroy(model);
    weft_model_destroy(resident);
    weft_checkpoint_destroy(checkpoint);
}

static const char *const trainings[] = {
    "seed=1 samples=2600 image=6x5x1 outputs=4 validation=2300 bytes=0 preset=default hidden=9,7 "
    "epochs=3 batch-size=100",
    "seed=2 samples=2600 image=6x5x1 outputs=4 validation=0 bytes=1 preset=default hidden=9,7 "
    "epochs=2 batch-size=300 batch-norm=yes optimizer=adamw ema=0.9",
    "seed=3 samples=2600 image=6x5x1 outputs=4 validation=2300 bytes=1 preset=default hidden=9 "
    "epochs=2 batches=9 shift=1 flip=yes dropout=0.3 mixup=0.2 patience=1 monitor=loss",
    "seed=4 samples=2600 image=6x5x1 outputs=3 validation=2300 bytes=0 preset=default "
    "task=regress hidden=9 epochs=3 batch-size=1300 optimizer=rmsprop",
    "seed=5 samples=2600 image=6x5x1 outputs=4 validation=0 bytes=0 preset=default "
    "task=multilabel hidden=9 epochs=2 batch-size=128 shuffle=no input-dropout=0.1",
    "seed=6 samples=2600 image=6x5x1 outputs=4 validation=2300 bytes=0 preset=default hidden=9 "
    "epochs=2 batch-size=64 class-weight=balanced shuffle=no scale=none",
    "seed=7 samples=2600 image=6x5x1 outputs=10 validation=0 bytes=1 preset=article epochs=2",
    "seed=8 samples=2600 image=6x5x1 outputs=4 validation=0 bytes=0 preset=default hidden=9 "
    "epochs=2 batch-size=1 shuffle=no",
    "seed=9 samples=2600 image=6x5x1 outputs=4 validation=2300 bytes=1 preset=default hidden=9 "
    "epochs=2 batch-size=2000 slices=3 dropout=0.2",
    "seed=10 samples=2600 image=6x5x1 outputs=4 validation=0 bytes=0 preset=default hidden=9 "
    "epochs=2 batch-size=300 slices=7 batch-norm=yes shuffle=no",
    "seed=11 samples=2600 image=6x5x1 outputs=3 validation=2300 bytes=0 preset=default "
    "task=regress hidden=9 epochs=2 batch-size=1300 slices=5 shuffle-blocks=yes"};

START_TEST(streamed_sets_give_the_same_bytes)
{
    struct task task = task_read(training_read(trainings[_i]));
    check_task(&task);
    task_reset(&task);
}
END_TEST

/* Trainings that end with an error are left out; test_checkpoint compares how they end. */
START_TEST(random_trainings_give_the_same_bytes)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct training_recipe recipe = training_draw(seed);
        struct weft_options options;
        struct weft_training training;
        struct watched watched = {.stop = 0};
        recipe.samples += 2100;
        recipe.validation = 0;
        if (training_options(&recipe, &options) != WEFT_OK)
            continue;
        struct task task = task_read(recipe);
        struct weft_model *model = task_model(&task);
        const enum weft_status status = task_run(&task, model, &watched, NULL, &training);
        weft_model_destroy(model);
        if (status == WEFT_OK)
            check_task(&task);
        task_reset(&task);
    }
}
END_TEST

/* ---- which sets ---- */

static void assert_streams(const struct weft_training_plan *plan, bool train, bool validation)
{
    ck_assert_int_eq(plan->fits, WEFT_OK);
    ck_assert_int_eq(plan->streams_train, train);
    ck_assert_int_eq(plan->streams_validation, validation);
}

static struct weft_training_plan with_limit(const struct task *task, uint64_t bytes)
{
    weft_device_limit_memory(device, bytes);
    return plan_of(task);
}

/* With less and less memory, first the validation set is streamed, then the training set, which is
 * larger, and then both. */
START_TEST(as_little_as_possible_is_streamed)
{
    struct task task = task_read(training_read(trainings[0]));
    if (!device->info.opencl) {
        task_reset(&task);
        return;
    }
    const uint64_t all = plan_of(&task).device.total;
    struct weft_training_plan plan = with_limit(&task, all);
    assert_streams(&plan, false, false);
    ck_assert_uint_eq(plan.staging_device_bytes + plan.staging_host_bytes, 0);
    ck_assert_uint_eq(plan.epoch_copied_bytes, 0);
    plan = with_limit(&task, all - 1);
    assert_streams(&plan, false, true);
    ck_assert_uint_lt(plan.device.total, all);
    /* 30 features, a label; the weights are all 1 and stay on the device */
    ck_assert_uint_eq(plan.epoch_copied_bytes, 2300 * 31 * sizeof(float));
    ck_assert_uint_eq(plan.staging_host_bytes, 2 * 1024 * 31 * sizeof(float));
    plan = with_limit(&task, plan.device.total - 1);
    assert_streams(&plan, true, false);
    ck_assert_uint_eq(plan.epoch_copied_bytes, 2600 * 31 * sizeof(float));
    plan = with_limit(&task, plan.device.total - 1);
    assert_streams(&plan, true, true);
    ck_assert_uint_eq(plan.epoch_copied_bytes, (2600 + 2300) * 31 * sizeof(float));
    plan = with_limit(&task, plan.device.total - 1);
    ck_assert_int_eq(plan.fits, WEFT_ERROR_DEVICE);
    weft_device_limit_memory(device, 0);
    task_reset(&task);
}
END_TEST

/* Rank 1 of 2 owns 3 of 5 slices, 20 samples each, of the batches. It scores three fifths of
 * the validation set. */
START_TEST(a_rank_copies_its_own_slices)
{
    struct slice_group group = {.ranks = 2, .rank = 1};
    struct training_recipe recipe = training_read(trainings[0]);
    recipe.samples = 20000;
    recipe.validation = 10000;
    struct task task = task_read(recipe);
    task.options.slices = 5;
    if (device->info.opencl)
        for (int shuffle = 0; shuffle < 2; shuffle++) {
            task.options.shuffle = shuffle;
            device->group = &group;
            limit_to_the_least(&task);
            ck_assert_uint_eq(plan_of(&task).epoch_copied_bytes,
                              (12000 + 6000) * 31 * sizeof(float));
            device->group = NULL;
            weft_device_limit_memory(device, 0);
        }
    task_reset(&task);
}
END_TEST

/* Only the samples of a slice are staged, or a block of a pass if that is larger. So 64 slices fit
 * where 2 do not. */
START_TEST(slices_are_staged_and_not_batches)
{
    static const size_t staged[][2] = {{1, 4096}, {2, 2048}, {64, 1024}}; /* slices, samples */
    struct training_recipe recipe = training_read(trainings[3]);
    uint64_t need[3];
    recipe.samples = 20000;
    struct task task = task_read(recipe);
    task.options.batch_size = 4096;
    for (size_t i = 0; i < 3; i++) {
        task.options.slices = staged[i][0];
        need[i] = limit_to_the_least(&task);
        const struct weft_training_plan plan = plan_of(&task);
        ck_assert(plan.streams_train);
        if (device->info.opencl) /* 30 features and 3 targets; the weights are all 1 */
            ck_assert_uint_eq(plan.staging_host_bytes,
                              2 * (staged[i][1] + 1024) * 33 * sizeof(float));
    }
    ck_assert(need[0] > need[1] && need[1] > need[2]);
    task.options.slices = 2;
    ck_assert_int_eq(plan_of(&task).fits, WEFT_ERROR_DEVICE);
    weft_device_limit_memory(device, 0);
    task_reset(&task);
}
END_TEST

/* ---- scores ---- */

enum { SCORED = 20000 };

/* What a model says about a set. */
struct scores {
    struct weft_evaluation *evaluation;
    int32_t classes[SCORED];
    float values[SCORED * 4];
};

static void scores_take(const struct weft_model *model, const struct weft_dataset *set,
                        struct scores *scores)
{
    ck_ok(weft_evaluate(device, model, set, &scores->evaluation));
    ck_ok(weft_predict(device, model, set->x, set->samples, scores->classes, scores->values));
}

/* The samples, of 120 bytes, do not fit into the limit. */
START_TEST(streamed_scores_are_the_same)
{
    static struct scores want, got;
    struct training_recipe recipe = training_read(trainings[0]);
    recipe.samples = SCORED;
    struct task task = task_read(recipe);
    struct weft_model *model = task_model(&task);
    struct weft_training training;
    ck_ok(weft_train(device, model, &task.options, task.train, NULL, NULL, NULL, &training));
    scores_take(model, task.train, &want);
    weft_device_limit_memory(device, SCORED * 100);
    scores_take(model, task.train, &got);
    weft_device_limit_memory(device, 0);
    ck_assert_mem_eq(want.classes, got.classes, sizeof want.classes);
    ck_assert_mem_eq(want.values, got.values, sizeof want.values);
    ck_assert(want.evaluation->loss == got.evaluation->loss);
    ck_assert(want.evaluation->accuracy == got.evaluation->accuracy);
    weft_evaluation_destroy(want.evaluation);
    weft_evaluation_destroy(got.evaluation);
    weft_model_destroy(model);
    task_reset(&task);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_loop_test(tests, streamed_sets_give_the_same_bytes, 0,
                        sizeof trainings / sizeof *trainings);
    tcase_add_test(tests, random_trainings_give_the_same_bytes);
    tcase_add_test(tests, as_little_as_possible_is_streamed);
    tcase_add_test(tests, a_rank_copies_its_own_slices);
    tcase_add_test(tests, slices_are_staged_and_not_batches);
    tcase_add_test(tests, streamed_scores_are_the_same);
}

int main(void)
{
    Suite *suite = suite_create("streamed_training");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
