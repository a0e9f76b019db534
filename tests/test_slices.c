/* Tests batches in slices: the same bytes for every number of ranks, resumed runs, and what a run
 * in slices learns. The ranks are processes; see process_ranks.h. */
#define _GNU_SOURCE
#include <omp.h>

#include "process_ranks.h"
#include "same_model.h"
#include "watched_training.h"

/* ---- ranks ---- */

/* A training run on ranks. Each rank writes its model into a file of its own. */
struct job {
    const char *device, *options;
    bool regress;
    int threads; /* of the CPU backend; 0: as many as there are */
};

static struct weft_dataset *numbers; /* of the same features, for regression */

static void numbers_open(void)
{
    float x[SAMPLES * FEATURES], y[SAMPLES * 2];
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        x[i] = random_uniform((struct random_stream){6, RANDOM_SYNTHETIC, 0}, i, 3.0f, 9.0f);
    for (size_t r = 0; r < SAMPLES; r++) {
        y[2 * r] = x[r * FEATURES] * x[r * FEATURES + 1];
        y[2 * r + 1] = x[r * FEATURES] - x[r * FEATURES + 2];
    }
    ck_ok(weft_dataset_create_targets(SAMPLES, FEATURES, 2, x, y, &numbers));
}

static void numbers_close(void)
{
    weft_dataset_destroy(numbers);
}

static void rank_path(char path[256], size_t ranks, size_t rank)
{
    char name[64];
    snprintf(name, sizeof name, "model-%zu-%zu", ranks, rank);
    snprintf(path, 256, "%s", temporary_path(name));
}

/* If not 0, a slice must not exchange more bytes, apart from gradients. */
static size_t most_bytes;

static enum weft_status gather_little(struct slice_group *group, size_t slices, const void *own,
                                      size_t bytes, void *all)
{
    ck_assert_msg(bytes <= most_bytes, "a slice gives %zu bytes", bytes);
    return process_gather(group, slices, own, bytes, all);
}

/* If true, the device of rank 1 finds class 0 for the first sample of each block. */
static bool one_lies, trains; /* but not before training, when devices are checked */
static struct backend lying;

static const struct backend *device_backend; /* without lies */

static enum weft_status lie(struct workspace *workspace, enum tensor tensor, size_t layer,
                            float *values)
{
    TRY(device_backend->tensor_download(workspace, tensor, layer, values));
    if (trains)
        values[0] = 1000.0f;
    return WEFT_OK;
}

/* If true, the samples stay on the host, although they are few. */
static bool streams;
static struct backend streaming;

static enum weft_status streamed_create(struct weft_device *to, const struct data_source *source,
                                        struct device_data **made)
{
    struct data_source streamed = *source;
    streamed.streamed = source->largest > 0; /* not those of the check of the device */
    return device_backend->data_create(to, &streamed, made);
}

static void group_set(struct slice_group *group)
{
    device_backend = device->backend;
    device->group = group->ranks > 1 ? group : NULL;
    if (most_bytes > 0)
        group->gather = gather_little;
    if (streams) {
        streaming = *device->backend;
        streaming.data_create = streamed_create;
        device->backend = &streaming;
    }
    if (!one_lies || group->rank != 1)
        return;
    lying = *device->backend;
    lying.tensor_download = lie;
    device->backend = &lying;
}

static int training_begins(void *user, const struct weft_progress *progress)
{
    (void)user;
    (void)progress;
    trains = true;
    return 0;
}

/* The scores of the epochs, as text. */
static char epochs[4096];

static int epoch_write(void *user, const struct weft_epoch *epoch)
{
    const size_t used = strlen(epochs);
    (void)user;
    snprintf(epochs + used, sizeof epochs - used, "%a %a %a\n", epoch->validation_accuracy,
             epoch->validation_r2, epoch->monitored);
    return 0;
}

static enum weft_status job_train(const struct job *job, const struct slice_group *group,
                                  struct weft_model *model, const struct task *task)
{
    struct weft_training training;
    char path[256];
    FILE *scores;
    const struct weft_callbacks callbacks = {.progress = training_begins, .epoch = epoch_write};
    TRY(weft_train(device, model, &task->options, task->train, task->validation, NULL, &callbacks,
                   &training));
    rank_path(path, group->ranks, group->rank);
    TRY(weft_model_write(model, path));
    scores = fopen(path, "a"); /* the scores of the run must be the same, too */
    ck_assert_ptr_nonnull(scores);
    fprintf(scores, "%s%a %a %a %a %a %a %zu %zu %s", epochs, training.train.error,
            training.train.accuracy, training.train.r2, training.validation.error,
            training.validation.accuracy, training.validation.r2, training.epochs,
            training.best_epoch, training.note);
    ck_assert_int_eq(fclose(scores), 0);
    (void)job;
    return WEFT_OK;
}

static enum weft_status job_run(void *user, struct slice_group *group)
{
    const struct job *job = user;
    struct weft_model *model;
    struct task task = {.options = small(job->regress ? "xor" : "default")};
    if (job->regress) {
        ck_ok(weft_options_init(&task.options, "default"));
        set_all(&task.options, "task=regress hidden=7,5 epochs=3 batch-size=40");
        set_all(&task.options, job->options);
        ck_ok(weft_dataset_holdout(numbers, 0.25, 3, &task.train, &task.validation));
    } else {
        task = task_of(job->options);
    }
    if (job->threads > 0)
        omp_set_num_threads(job->threads);
    device_open(job->device);
    group_set(group);
    model = task_model(&task);
    const enum weft_status status = job_train(job, group, model, &task);
    weft_model_destroy(model);
    device_close();
    task_reset(&task);
    return status;
}

static struct file_content rank_file(size_t ranks, size_t rank)
{
    struct file_content content;
    char path[256];
    rank_path(path, ranks, rank);
    ck_ok(file_read(path, 1 << 22, WEFT_ERROR_IO, &content));
    return content;
}

/* Asserts that all ranks have written what rank 0 of `like` ranks has. */
static void check_files(size_t ranks, size_t like)
{
    const struct file_content one = rank_file(like, 0);
    for (size_t r = 0; r < ranks; r++) {
        const struct file_content other = rank_file(ranks, r);
        ck_assert_uint_eq(other.size, one.size);
        ck_assert_msg(memcmp(other.data, one.data, one.size) == 0, "rank %zu of %zu differs", r,
                      ranks);
        memory_free(other.data);
    }
    memory_free(one.data);
}

static const struct job jobs[] = {
    {"cpu", "slices=8 batch-size=40", false, 0},
    {"cpu",
     "slices=8 batch-size=40 dropout=0.3 input-dropout=0.1 optimizer=adamw clip-norm=0.5 "
     "ema=0.9 shift=1 flip=yes mixup=0.3 l1=0.001",
     false, 0},
    {"cpu", "slices=9 shuffle=no patience=2 monitor=macro-f1 epochs=5 optimizer=momentum", false,
     0},
    {"cpu", "slices=8 batch-norm=yes dropout=0.3 optimizer=adamw clip-norm=0.5 batch-size=40",
     false, 0},
    {"cpu", "slices=16 batch-norm=yes shuffle=no batch-size=20", false, 0}, /* some are empty */
    {"cpu", "slices=8 patience=2 optimizer=adamw", true, 0},
    {"opencl", "slices=8 batch-size=40", false, 0},
    {"opencl", "slices=8 batch-size=40 dropout=0.3 optimizer=adamw clip-norm=0.5 ema=0.9 mixup=0.3",
     false, 0},
    {"opencl", "slices=8 batch-norm=yes dropout=0.3 optimizer=adamw clip-norm=0.5 ema=0.9", false,
     0},
    {"opencl", "slices=8 optimizer=nesterov clip-norm=0.3", true, 0},
};
enum { JOBS = sizeof jobs / sizeof *jobs };

/* Up to WEFT_RANKS ranks, for sanitizers: with three, ranks have different numbers of slices. */
START_TEST(every_number_of_ranks_gives_the_same_bytes)
{
    static const size_t counts[] = {1, 2, 3, 5, 8};
    const char *most = getenv("WEFT_RANKS");
    struct job job = jobs[_i];
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        if (most != NULL && counts[c] > strtoul(most, NULL, 10))
            break;
        ranks_run(counts[c], job_run, &job);
        check_files(counts[c], 1);
    }
}
END_TEST

START_TEST(ranks_stream_their_samples)
{
    static const char *const options[] = {"slices=5 batch-size=40 shuffle=no",
                                          "slices=5 batch-size=40 shuffle=no batch-norm=yes",
                                          "slices=5 batch-size=40"};
    for (size_t i = 0; i < 3; i++) {
        struct job job = {_i == 0 ? "cpu" : "opencl", options[i], false, 0};
        streams = false;
        ranks_run(1, job_run, &job);
        streams = true;
        for (size_t ranks = 2; ranks <= 3; ranks++) {
            ranks_run(ranks, job_run, &job);
            check_files(ranks, 1);
        }
    }
}
END_TEST

/* 152 samples and three classes or two numbers: z alone would take 900 bytes of each slice. */
START_TEST(scores_exchange_little)
{
    struct job job = {"cpu", "slices=2 patience=2 monitor=macro-f1", false, 0};
    if (_i == 1)
        job = (struct job){"cpu", "slices=2", true, 0};
    most_bytes = 200;
    ranks_run(2, job_run, &job);
}
END_TEST

/* Each rank judges with the predictions of all devices, so that all ranks stop together. */
START_TEST(ranks_agree_when_their_devices_do_not)
{
    struct job job = {"cpu", "slices=3 patience=1 monitor=macro-f1 epochs=6", false, 0};
    one_lies = true;
    ranks_run(3, job_run, &job);
    check_files(3, 3);
}
END_TEST

/* Layers and slices are large enough for threads to share. */
START_TEST(threads_change_no_bit)
{
    struct file_content one = {.data = NULL};
    struct job job = {
        "cpu", "hidden=600 slices=2 batch-size=128 batch-norm=yes dropout=0.2 epochs=2", false, 1};
    for (; job.threads <= 3; job.threads++) {
        ranks_run(2, job_run, &job);
        const struct file_content other = rank_file(2, 0);
        if (job.threads == 1)
            one = other;
        ck_assert_uint_eq(other.size, one.size);
        ck_assert_msg(memcmp(other.data, one.data, one.size) == 0, "%d threads", job.threads);
        if (job.threads > 1)
            memory_free(other.data);
    }
    memory_free(one.data);
}
END_TEST

/* ---- a single rank ---- */

static struct weft_model *trained_with(const char *options, struct weft_training *training)
{
    struct task task = task_of(options);
    struct watched watched = {.stop = 0};
    struct weft_model *model = task_model(&task);
    ck_ok(task_run(&task, model, &watched, NULL, training));
    task_reset(&task);
    return model;
}

/* Without shuffling, slices are parts of the batches of a whole run. Each gradient is then the same
 * but for rounding, and few steps of a smooth network move no weight by more than a few ulps. */
START_TEST(slices_learn_what_whole_batches_learn)
{
    static const char *const same[] = {
        "activation=tanh shuffle=no epochs=2 dropout=0.3 input-dropout=0.2 flip=yes shift=1 l2=0.1",
        "activation=tanh shuffle=no epochs=2 batch-norm=yes dropout=0.2 clip-norm=0.5",
        "activation=tanh shuffle=no epochs=2 optimizer=momentum ema=0.9 erase=1"};
    static const char *const slices[] = {"2", "3", "7", "32"};
    struct weft_training training, other;
    char text[256];
    struct weft_model *whole = trained_with(same[_i], &training);
    for (size_t s = 0; s < sizeof slices / sizeof *slices; s++) {
        snprintf(text, sizeof text, "%s slices=%s", same[_i], slices[s]);
        struct weft_model *model = trained_with(text, &other);
        for (size_t i = 0; i < whole->network.value_count; i++) {
            const double want = (double)whole->parameters[i], got = (double)model->parameters[i];
            ck_assert_msg(fabs(got - want) <= 1e-5 * (1.0 + fabs(want)),
                          "%s: parameter %zu: got %.9g, expected %.9g", text, i, got, want);
        }
        ck_assert_double_eq_tol(other.train.error, training.train.error, 1e-5);
        weft_model_destroy(model);
    }
    weft_model_destroy(whole);
}
END_TEST

START_TEST(one_slice_is_a_whole_batch)
{
    struct weft_training training;
    struct weft_model *whole = trained_with("dropout=0.2 batch-norm=yes", &training);
    struct weft_model *one = trained_with("dropout=0.2 batch-norm=yes slices=1", &training);
    struct weft_model *two = trained_with("dropout=0.2 batch-norm=yes slices=2", &training);
    struct weft_model_info info;
    weft_model_get_info(two, &info);
    assert_same(whole, one);
    ck_assert_uint_eq(whole->record.options.slices, 0);
    ck_assert_uint_eq(two->record.options.slices, 2);
    ck_assert_mem_ne(whole->parameters, two->parameters,
                     whole->network.parameter_count * sizeof(float));
    weft_model_destroy(two);
    weft_model_destroy(one);
    weft_model_destroy(whole);
}
END_TEST

/* All ranks say what this one says. */
static enum weft_status gather_own(struct slice_group *group, size_t slices, const void *own,
                                   size_t bytes, void *all)
{
    (void)group;
    for (size_t s = 0; s < slices; s++)
        memcpy((unsigned char *)all + s * bytes, own, bytes);
    return WEFT_OK;
}

START_TEST(more_slices_than_samples_are_refused)
{
    struct task task = task_of("slices=33");
    struct watched watched = {.stop = 0};
    struct weft_training training;
    struct weft_model *model = task_model(&task);
    ck_fails(task_run(&task, model, &watched, NULL, &training), WEFT_ERROR_USAGE,
             "slices: got 33, need at most the 32 samples of a batch");
    struct slice_group group = {.ranks = 5, .rank = 1, .gather = gather_own};
    task.options.slices = 4;
    device->group = &group;
    ck_fails(task_run(&task, model, &watched, NULL, &training), WEFT_ERROR_USAGE,
             "slices: got 4, need one for each of 5 ranks");
    weft_model_destroy(model);
    task_reset(&task);
}
END_TEST

static void add_one_rank(TCase *tests)
{
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, slices_learn_what_whole_batches_learn, 0, 3);
    tcase_add_test(tests, one_slice_is_a_whole_batch);
    tcase_add_test(tests, more_slices_than_samples_are_refused);
}

static void add_ranks(TCase *tests)
{
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_checked_fixture(tests, numbers_open, numbers_close);
    tcase_add_loop_test(tests, every_number_of_ranks_gives_the_same_bytes, 0, JOBS);
    tcase_add_loop_test(tests, ranks_stream_their_samples, 0, 2);
    tcase_add_loop_test(tests, scores_exchange_little, 0, 2);
    tcase_add_test(tests, ranks_agree_when_their_devices_do_not);
    tcase_add_test(tests, threads_change_no_bit);
}

int main(void)
{
    Suite *suite = suite_create("slices");
    suite_add_devices(suite, add_one_rank);
    TCase *ranks = tcase_create("ranks");
    add_ranks(ranks);
    suite_add_tcase(suite, ranks);
    return suite_main(suite);
}
