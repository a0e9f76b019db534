/* Shows a training that survives an interruption: it writes checkpoints, and continues from the
 * last one to the same bytes.
 *
 *     cc resume.c $(pkg-config --cflags --libs weft)
 *
 * A real program stops in its callback when a signal has come. This one stops after 30 batches, and
 * then does what it would do when it is started again.
 */
#include <stdio.h>
#include <time.h>
#include <weft.h>

static const char path[] = "resume-example.checkpoint";

/* What the batch callback needs to know. */
struct watch {
    int batches;              /* that ran in this process */
    int stop;                 /* stop after so many; 0: never */
    time_t written_at;        /* when the last checkpoint was written, or the training began */
    enum weft_status written; /* whether that has succeeded */
};

/* Writes a checkpoint every five minutes, and before it ends the training. */
static int after_batch(void *user, struct weft_moment *moment)
{
    struct watch *watch = user;
    const bool stops = ++watch->batches == watch->stop;
    if (stops || time(NULL) - watch->written_at >= 300) {
        watch->written = weft_checkpoint_write(moment, path, "the XOR example", NULL);
        watch->written_at = time(NULL);
    }
    return stops; /* anything but 0 ends the training */
}

/* Trains a new model, or continues the training of the checkpoint if there is one. A model has the
 * options, the data and the seed of the first time, so that the checkpoint fits. */
static enum weft_status learn(struct weft_device *device, const struct weft_options *options,
                              const struct weft_dataset *data, struct weft_checkpoint *checkpoint,
                              int stop, struct weft_training *training)
{
    struct watch watch = {.stop = stop, .written_at = time(NULL)};
    const struct weft_callbacks callbacks = {.user = &watch, .batch = after_batch};
    struct weft_model *model;
    enum weft_status status = weft_model_create(options, data, &model);
    if (status != WEFT_OK)
        return status;
    status = checkpoint == NULL
                 ? weft_train(device, model, options, data, NULL, NULL, &callbacks, training)
                 : weft_resume(device, model, options, data, NULL, NULL, &callbacks, checkpoint,
                               training);
    weft_model_destroy(model); /* a real program saves it with weft_model_write */
    return status != WEFT_OK ? status : watch.written;
}

/* Interrupts a training, and resumes it. */
static enum weft_status run(struct weft_device *device, const struct weft_options *options,
                            const struct weft_dataset *data)
{
    struct weft_training training;
    struct weft_checkpoint *checkpoint = NULL;
    struct weft_checkpoint_info info;
    enum weft_status status = learn(device, options, data, NULL, 30, &training);
    if (status == WEFT_OK)
        status = weft_checkpoint_read(path, &checkpoint);
    if (status != WEFT_OK)
        return status;
    weft_checkpoint_get_info(checkpoint, &info);
    printf("interrupted in epoch %zu, ", info.epoch);
    status = learn(device, options, data, checkpoint, 0, &training);
    weft_checkpoint_destroy(checkpoint);
    if (status == WEFT_OK)
        printf("resumed, accuracy %.2f after %zu epochs\n", training.train.accuracy,
               training.epochs);
    return status;
}

int main(void)
{
    struct weft_options options;
    struct weft_checkpoint_lock *lock = NULL;
    struct weft_dataset *data = NULL;
    struct weft_device *device = NULL;
    /* The lock keeps a second process from the same file. */
    bool ok = weft_checkpoint_lock(path, &lock) == WEFT_OK &&
              weft_options_init(&options, "xor") == WEFT_OK &&
              weft_dataset_open("xor", &data, NULL) == WEFT_OK &&
              weft_device_create("cpu", NULL, NULL, &device) == WEFT_OK &&
              run(device, &options, data) == WEFT_OK;
    if (!ok)
        fprintf(stderr, "%s\n", weft_error());
    weft_device_destroy(device);
    weft_dataset_destroy(data);
    if (lock != NULL) /* else the file belongs to another process */
        remove(path);
    weft_checkpoint_unlock(lock);
    return ok ? 0 : 1;
}
