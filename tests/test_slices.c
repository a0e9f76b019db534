/* Tests batches in slices: the same bytes for every number of ranks, resumed runs, and what a run
 * in slices learns. The ranks are processes; see process_ranks.h. */
#define _GNU_SOURCE

#include "process_ranks.h"
#include "same_model.h"
#include "watched_training.h"

/* ---- ranks ---- */

/* A training run on ranks. Each rank writes its model into a file of its own. */
struct job {
    const char *device, *options;
    bool regress;
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

static enum weft_status job_train(const struct job *job, const struct slice_group *group,
                                  struct weft_model *model, const struct task *task)
{
    struct weft_training training;
    char path[256];
    FILE *scores;
    TRY(weft_train(device, model, &task->options, task->train, task->validation, NULL, NULL,
                   &training));
    rank_path(path, group->ranks, group->rank);
    TRY(weft_model_write(model, path));
    scores = fopen(path, "a"); /* the scores of the run must be the same, too */
    ck_assert_ptr_nonnull(scores);
    fprintf(scores, "%a %a %a %a %a %a %zu %zu %s", training.train.error, training.train.accuracy,
            training.train.r2, training.validation.error, training.validation.accuracy,
            training.validation.r2, training.epochs, training.best_epoch, training.note);
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
    device_open(job->device);
    device->group = group->ranks > 1 ? group : NULL;
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
    ck_ok(file_read(path, 1 << 20, WEFT_ERROR_IO, &content));
    return content;
}

static const struct job jobs[] = {
    {"cpu", "slices=8 batch-size=40", false},
    {"cpu",
     "slices=8 batch-size=40 dropout=0.3 input-dropout=0.1 optimizer=adamw clip-norm=0.5 "
     "ema=0.9 shift=1 flip=yes mixup=0.3 l1=0.001",
     false},
    {"cpu", "slices=9 shuffle=no patience=2 monitor=macro-f1 epochs=5 optimizer=momentum", false},
    {"cpu", "slices=8 batch-norm=yes dropout=0.3 optimizer=adamw clip-norm=0.5 batch-size=40",
     false},
    {"cpu", "slices=16 batch-norm=yes shuffle=no batch-size=20", false}, /* some are empty */
    {"cpu", "slices=8 patience=2 optimizer=adamw", true},
    {"opencl", "slices=8 batch-size=40", false},
    {"opencl", "slices=8 batch-size=40 dropout=0.3 optimizer=adamw clip-norm=0.5 ema=0.9 mixup=0.3",
     false},
    {"opencl", "slices=8 batch-norm=yes dropout=0.3 optimizer=adamw clip-norm=0.5 ema=0.9", false},
    {"opencl", "slices=8 optimizer=nesterov clip-norm=0.3", true},
};
enum { JOBS = sizeof jobs / sizeof *jobs };

START_TEST(every_number_of_ranks_gives_the_same_bytes)
{
    static const size_t counts[] = {1, 2, 3, 5, 8};
    struct job job = jobs[_i];
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        ranks_run(counts[c], job_run, &job);
        const struct file_content one = rank_file(1, 0);
        for (size_t r = 0; r < counts[c]; r++) {
            const struct file_content other = rank_file(counts[c], r);
            ck_assert_uint_eq(other.size, one.size);
            ck_assert_msg(memcmp(other.data, one.data, one.size) == 0, "rank %zu of %zu differs", r,
                          counts[c]);
            memory_free(other.data);
        }
        memory_free(one.data);
    }
}
END_TEST

static void add_ranks(TCase *tests)
{
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_checked_fixture(tests, numbers_open, numbers_close);
    tcase_add_loop_test(tests, every_number_of_ranks_gives_the_same_bytes, 0, JOBS);
}

int main(void)
{
    Suite *suite = suite_create("slices");
    TCase *ranks = tcase_create("ranks");
    add_ranks(ranks);
    suite_add_tcase(suite, ranks);
    return suite_main(suite);
}
