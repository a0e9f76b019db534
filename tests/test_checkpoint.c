/* Tests checkpoints: a training that is resumed gives the bytes of one that was never interrupted,
 * and what does not belong to it is refused. The other side of each comparison is a training
 * without any checkpoint. */
#define _XOPEN_SOURCE 700

#include "random_training.h"
#include "same_model.h"
#include "watched_training.h"

/* Epochs of the interrupted training up to its checkpoint, and then those of the resumed one, are
 * those of the whole training. */
static void assert_same_epochs(const struct watched *whole, const struct watched *before,
                               const struct watched *after)
{
    ck_assert_uint_eq(before->epochs_at_stop + after->epoch_count, whole->epoch_count);
    ck_assert_mem_eq(before->epochs, whole->epochs, before->epochs_at_stop * sizeof *whole->epochs);
    ck_assert_mem_eq(after->epochs, whole->epochs + before->epochs_at_stop,
                     after->epoch_count * sizeof *whole->epochs);
}

/* Stops a training after `stop` batches and resumes it, as another process would. */
static void interrupt_and_resume(const struct task *task, size_t stop, struct watched *before,
                                 struct watched *after, enum weft_status *status,
                                 struct weft_model **resumed, struct weft_training *training)
{
    struct weft_checkpoint *checkpoint;
    struct weft_checkpoint_info info;
    struct weft_model *interrupted = task_model(task);
    *before = (struct watched){.stop = stop, .path = temporary_path("checkpoint")};
    *after = (struct watched){.stop = 0};
    /* The batch that stopped it may be the one that diverges. */
    const enum weft_status first = task_run(task, interrupted, before, NULL, training);
    ck_assert(first == WEFT_OK || first == WEFT_ERROR_DIVERGED);
    weft_model_destroy(interrupted);
    ck_ok(weft_checkpoint_read(before->path, &checkpoint));
    weft_checkpoint_get_info(checkpoint, &info);
    ck_assert_uint_eq(info.epoch, before->epochs_at_stop + 1);
    ck_assert_str_eq(info.note, "a note");
    *resumed = task_model(task);
    *status = task_run(task, *resumed, after, checkpoint, training);
    weft_checkpoint_destroy(checkpoint);
}

/* Interrupts a training after its first batch, in the middle, and at the end. */
static void check_task(const struct task *task)
{
    struct watched whole = {.stop = 0}, before, after;
    struct weft_training training, again;
    struct weft_model *model = task_model(task), *resumed;
    const enum weft_status status = task_run(task, model, &whole, NULL, &training);
    const size_t n = whole.batches, stops[] = {1, (n + 1) / 2, n};
    ck_assert(status == WEFT_OK || status == WEFT_ERROR_DIVERGED);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        enum weft_status other;
        interrupt_and_resume(task, stops[i], &before, &after, &other, &resumed, &again);
        ck_assert_int_eq(other, status);
        ck_assert_uint_eq(before.batches + after.batches, n);
        assert_same_epochs(&whole, &before, &after);
        assert_same(model, resumed);
        ck_assert_uint_eq(again.epochs, training.epochs);
        ck_assert_uint_eq(again.best_epoch, training.best_epoch);
        ck_assert_int_eq(again.stopped_early, training.stopped_early);
        weft_model_destroy(resumed);
    }
    weft_model_destroy(model);
}

/* ---- every kind of training ---- */

static const char *const rows[] = {
    "optimizer=sgd",
    "optimizer=momentum schedule=step rate-every=1",
    "optimizer=nesterov schedule=exponential clip-norm=0.5",
    "optimizer=rmsprop schedule=one-cycle",
    "optimizer=adam schedule=cosine warmup=1",
    "optimizer=adamw weight-decay=0.1 ema=0.9",
    "batch-norm=yes ema=0.9",
    "dropout=0.4 input-dropout=0.2",
    "mixup=0.4 label-smoothing=0.1 class-weight=balanced",
    "shift=1 flip=yes erase=1",
    "shift=1 batch-norm=yes dropout=0.3 ema=0.95 mixup=0.2 optimizer=adamw",
    "schedule=plateau rate-patience=2 min-delta=0.2 learning-rate=0.05 epochs=10",
    "patience=2 epochs=12 learning-rate=0.1",
    "patience=3 schedule=plateau rate-patience=0 ema=0.8 epochs=12 monitor=macro-f1",
    "check-every=2 optimizer=adamw",
    "l1=0.001 l2=0.01 shuffle=no scale=global",
    "slices=4 dropout=0.3 mixup=0.2 optimizer=adamw ema=0.9",
    "slices=5 batch-norm=yes batch-size=20 optimizer=momentum",
};
enum { ROWS = sizeof rows / sizeof *rows };

START_TEST(a_resumed_training_has_the_same_bytes)
{
    struct task task = task_of(rows[_i]);
    check_task(&task);
    task_reset(&task);
}
END_TEST

enum { RECIPES = 12 };

START_TEST(random_trainings_resume)
{
    for (uint64_t seed = 0; seed < RECIPES; seed++) {
        const struct training_recipe recipe = training_draw(5000 + seed);
        struct task task;
        ck_ok(training_options(&recipe, &task.options));
        task.train = training_samples(&recipe, task.options.task, recipe.samples, 0);
        task.validation = recipe.validation > 0
                              ? training_samples(&recipe, task.options.task, recipe.validation, 1)
                              : NULL;
        check_task(&task);
        task_reset(&task);
    }
}
END_TEST

/* The batch that diverges may lie before the interruption. If it is the first one of an epoch, the
 * model goes back to the epoch before. */
START_TEST(a_training_that_diverges_diverges_at_the_same_batch)
{
    static const char *const rates[] = {"1e15", "1000", "300", "200", "150", "100"};
    char text[128], error[512];
    snprintf(text, sizeof text,
             "optimizer=sgd l2=1 batch-size=20 epochs=3 learning-rate=%s check-every=%s", rates[_i],
             _i % 2 == 0 ? "none" : "3");
    struct task task = task_of(text);
    struct watched whole = {.stop = 0}, before, after;
    struct weft_training training, again;
    struct weft_model *model = task_model(&task), *resumed;
    enum weft_status status = task_run(&task, model, &whole, NULL, &training);
    ck_assert_int_eq(status, WEFT_ERROR_DIVERGED);
    snprintf(error, sizeof error, "%s", weft_error());
    for (size_t stop = 1; stop <= whole.batches; stop++) {
        interrupt_and_resume(&task, stop, &before, &after, &status, &resumed, &again);
        ck_assert_int_eq(status, WEFT_ERROR_DIVERGED);
        ck_assert_str_eq(weft_error(), error);
        ck_assert_uint_eq(again.epochs, training.epochs);
        assert_same(model, resumed);
        weft_model_destroy(resumed);
    }
    weft_model_destroy(model);
    task_reset(&task);
}
END_TEST

/* The checkpoint that a resumed training writes is as good as the first one. */
START_TEST(a_training_is_interrupted_after_every_batch)
{
    struct task task = task_of("ema=0.9 dropout=0.2 batch-norm=yes patience=2");
    struct watched whole = {.stop = 0};
    struct weft_training training;
    struct weft_model *model = task_model(&task), *last = NULL;
    struct weft_checkpoint *checkpoint = NULL;
    ck_ok(task_run(&task, model, &whole, NULL, &training));
    for (size_t batch = 0; batch <= whole.batches; batch++) {
        struct watched step = {.stop = batch < whole.batches, .path = temporary_path("step")};
        weft_model_destroy(last);
        last = task_model(&task);
        ck_ok(task_run(&task, last, &step, checkpoint, &training));
        weft_checkpoint_destroy(checkpoint);
        ck_ok(weft_checkpoint_read(step.stop ? step.path : temporary_path("step"), &checkpoint));
    }
    assert_same(model, last);
    weft_checkpoint_destroy(checkpoint);
    weft_model_destroy(last);
    weft_model_destroy(model);
    task_reset(&task);
}
END_TEST

/* A checkpoint from the second call of weft_partial_fit leads to the model of weft_fit. */
START_TEST(partial_fit_resumes)
{
    struct task task = task_of("optimizer=adam ema=0.9 batch-norm=yes patience=9");
    struct watched quiet = {.stop = 0}, watched = {.stop = 0};
    struct weft_training training;
    struct weft_model *whole = task_model(&task), *parts = task_model(&task),
                      *resumed = task_model(&task);
    struct weft_checkpoint *checkpoint;
    const struct weft_callbacks callbacks = callbacks_of(&watched);
    ck_ok(weft_fit(device, whole, &task.options, task.train, task.validation, NULL, &training));
    ck_ok(weft_partial_fit(device, parts, &task.options, task.train, task.validation, NULL,
                           &training));
    watched = (struct watched){.stop = 3, .path = temporary_path("checkpoint")};
    ck_ok(weft_partial_fit(device, parts, &task.options, task.train, task.validation, &callbacks,
                           &training));
    ck_ok(weft_checkpoint_read(watched.path, &checkpoint));
    ck_ok(task_run(&task, resumed, &quiet, checkpoint, &training));
    assert_same(whole, resumed);
    weft_checkpoint_destroy(checkpoint);
    weft_model_destroy(resumed);
    weft_model_destroy(parts);
    weft_model_destroy(whole);
    task_reset(&task);
}
END_TEST

/* ---- what belongs to another training ---- */

static void assert_refused(const struct task *task, const struct weft_checkpoint *checkpoint,
                           const char *text)
{
    struct watched watched = {.stop = 0};
    struct weft_training training;
    struct weft_model *model = task_model(task);
    ck_fails(task_run(task, model, &watched, checkpoint, &training), WEFT_ERROR_MODEL, text);
    weft_model_destroy(model);
}

START_TEST(another_training_is_refused)
{
    struct task task = task_of(""), other = task_of("");
    struct weft_checkpoint *checkpoint = checkpoint_of(&task, NULL);
    ck_ok(weft_options_set(&other.options, "learning-rate", "0.02"));
    assert_refused(&other, checkpoint,
                   "checkpoint: learning-rate: got 0.02, the checkpoint has 0.01");
    other.options = task.options;
    ck_ok(weft_options_set(&other.options, "hidden", "7"));
    assert_refused(&other, checkpoint, "hidden: got 7, the checkpoint has 6");
    other.options = task.options;
    ck_ok(weft_options_set(&other.options, "seed", "99"));
    assert_refused(&other, checkpoint, "seed: got 99");
    other.options = task.options;
    other.train->x[7] += 1.0f;
    assert_refused(&other, checkpoint, "the training set differs from that of the checkpoint");
    other.train->x[7] -= 1.0f;
    other.train->x[7] = task.train->x[7];
    other.validation->labels[3] = (other.validation->labels[3] + 1) % CLASSES;
    assert_refused(&other, checkpoint, "the validation set differs from that of the checkpoint");
    snprintf(checkpoint->record.weft_version, sizeof checkpoint->record.weft_version, "0.0.1");
    assert_refused(&task, checkpoint, "written by Weft 0.0.1");
    weft_checkpoint_destroy(checkpoint);
    task_reset(&other);
    task_reset(&task);
}
END_TEST

/* How a training is computed may change. */
START_TEST(checks_may_be_switched_on)
{
    struct task task = task_of("");
    struct watched watched = {.stop = 0};
    struct weft_training training;
    struct weft_checkpoint *checkpoint = checkpoint_of(&task, NULL);
    struct weft_model *model = task_model(&task);
    task.options.check_every = 1;
    ck_ok(task_run(&task, model, &watched, checkpoint, &training));
    weft_model_destroy(model);
    weft_checkpoint_destroy(checkpoint);
    task_reset(&task);
}
END_TEST

/* ---- what else is in the file ---- */

/* Model files keep at most 500 epochs, and checkpoints all. */
enum { LONG_CURVE = 1003 };

static void add_long_curve(struct weft_model *model)
{
    for (size_t e = 1; e <= LONG_CURVE; e++) {
        const struct weft_epoch epoch = {.epoch = e,
                                         .error = 1.0 / (double)e,
                                         .validation_accuracy = (double)NAN,
                                         .validation_r2 = (double)NAN};
        ck_ok(curve_add(&model->curve, &epoch));
    }
}

static void assert_same_curve(const struct weft_model *a, const struct weft_model *b, size_t member)
{
    const struct curve *one = model_curve(a, member), *other = model_curve(b, member);
    ck_assert_uint_eq(one->count, LONG_CURVE);
    ck_assert_uint_eq(other->count, LONG_CURVE);
    ck_assert_mem_eq(one->points, other->points, LONG_CURVE * sizeof *one->points);
}

START_TEST(a_finished_model_comes_back)
{
    struct task task = task_of("");
    struct weft_model *finished = task_model(&task), *second, *back;
    task.options.seed = 4;
    second = task_model(&task);
    add_long_curve(finished);
    add_long_curve(second);
    ck_ok(weft_model_add_member(finished, second));
    struct weft_checkpoint *checkpoint = checkpoint_of(&task, finished);
    ck_ok(weft_checkpoint_get_finished(checkpoint, &back));
    ck_assert_ptr_nonnull(back);
    assert_same(finished, back);
    for (size_t m = 0; m < 2; m++)
        assert_same_curve(finished, back, m);
    weft_checkpoint_destroy(checkpoint);
    weft_model_destroy(back);
    checkpoint = checkpoint_of(&task, NULL);
    ck_ok(weft_checkpoint_get_finished(checkpoint, &back));
    ck_assert_ptr_null(back);
    weft_checkpoint_destroy(checkpoint);
    weft_model_destroy(finished);
    task_reset(&task);
}
END_TEST

/* Adds what differs between engines: how the arrays of a training lie on the device. */
static void add_trainings(TCase *tests)
{
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, random_trainings_resume);
    tcase_add_test(tests, a_training_is_interrupted_after_every_batch);
}

static void add_tests(TCase *tests)
{
    add_trainings(tests);
    tcase_add_loop_test(tests, a_resumed_training_has_the_same_bytes, 0, ROWS);
    tcase_add_loop_test(tests, a_training_that_diverges_diverges_at_the_same_batch, 0, 6);
    tcase_add_test(tests, partial_fit_resumes);
    tcase_add_test(tests, another_training_is_refused);
    tcase_add_test(tests, checks_may_be_switched_on);
    tcase_add_test(tests, a_finished_model_comes_back);
}

int main(void)
{
    static const struct device_case middle = {"middle", device_open_gpu};
    Suite *suite = suite_create("checkpoint");
    suite_add_devices(suite, add_tests);
    suite_add_cases(suite, add_trainings, &middle, 1);
    return suite_main(suite);
}
