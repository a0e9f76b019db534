/* Provides trainings that are watched, interrupted with a checkpoint, and resumed. Needs the folder
 * of temporary.h. */
#ifndef WEFT_TESTS_WATCHED_TRAINING_H
#define WEFT_TESTS_WATCHED_TRAINING_H

#include "small_training.h"
#include "temporary.h"
#include "train/checkpoint.h"

enum { MOST_EPOCHS_KEPT = 64 };

/* A training that is watched, and may be stopped. */
struct watched {
    size_t stop; /* stop after this many batches, and write a checkpoint; 0: never */
    const char *path;
    const struct weft_model *finished; /* for the checkpoint; may be NULL */
    size_t batches;                    /* that ran */
    struct weft_epoch epochs[MOST_EPOCHS_KEPT];
    size_t epoch_count, epochs_at_stop;
};

static inline int on_batch(void *user, struct weft_moment *moment)
{
    struct watched *watched = user;
    if (++watched->batches != watched->stop)
        return 0;
    ck_ok(weft_checkpoint_write(moment, watched->path, "a note", watched->finished));
    watched->epochs_at_stop = watched->epoch_count;
    return 1;
}

static inline int on_epoch(void *user, const struct weft_epoch *epoch)
{
    struct watched *watched = user;
    ck_assert_uint_lt(watched->epoch_count, MOST_EPOCHS_KEPT);
    watched->epochs[watched->epoch_count] = *epoch;
    watched->epochs[watched->epoch_count++].seconds = 0.0;
    return 0;
}

static inline struct weft_callbacks callbacks_of(struct watched *watched)
{
    return (struct weft_callbacks){.user = watched, .epoch = on_epoch, .batch = on_batch};
}

/* What is trained, and on what. */
struct task {
    struct weft_options options;
    struct weft_dataset *train, *validation; /* owned; `validation` may be NULL */
};

static inline void task_reset(struct task *task)
{
    weft_dataset_destroy(task->train);
    weft_dataset_destroy(task->validation);
}

static inline struct weft_model *task_model(const struct task *task)
{
    struct weft_model *model;
    ck_ok(weft_model_create(&task->options, task->train, &model));
    return model;
}

/* Trains from the start, or from the checkpoint if there is one. */
static inline enum weft_status task_run(const struct task *task, struct weft_model *model,
                                        struct watched *watched, const struct weft_checkpoint *from,
                                        struct weft_training *training)
{
    const struct weft_callbacks callbacks = callbacks_of(watched);
    if (from == NULL)
        return weft_train(device, model, &task->options, task->train, task->validation, NULL,
                          &callbacks, training);
    return weft_resume(device, model, &task->options, task->train, task->validation, NULL,
                       &callbacks, from, training);
}

static inline void set_all(struct weft_options *options, const char *text)
{
    char name[64], value[64];
    int used = 0;
    for (; sscanf(text, " %63[^= ]=%63s%n", name, value, &used) == 2; text += used)
        ck_ok(weft_options_set(options, name, value));
}

static inline struct task task_of(const char *text)
{
    struct task task = {.options = small("default")};
    task.options.learning_rate = 0.01;
    set_all(&task.options, text);
    ck_ok(weft_dataset_holdout(data, 0.25, 3, &task.train, &task.validation));
    ck_ok(weft_dataset_set_image(task.train, 3, 3, 1));
    ck_ok(weft_dataset_set_image(task.validation, 3, 3, 1));
    return task;
}

/* Writes a checkpoint of `task` after two batches, and reads it. */
static inline struct weft_checkpoint *checkpoint_of(const struct task *task,
                                                    const struct weft_model *finished)
{
    struct watched watched = {
        .stop = 2, .path = temporary_path("checkpoint"), .finished = finished};
    struct weft_training training;
    struct weft_model *model = task_model(task);
    struct weft_checkpoint *checkpoint;
    ck_ok(task_run(task, model, &watched, NULL, &training));
    weft_model_destroy(model);
    ck_ok(weft_checkpoint_read(watched.path, &checkpoint));
    return checkpoint;
}

#endif
