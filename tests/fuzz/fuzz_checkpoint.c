/* Fuzzes checkpoints.
 *
 * The input is the file. An accepted checkpoint has the digest that checkpoint_digest.h computes.
 * If it belongs to the training of this target, what is restored from it is written, read, restored
 * and written again to the same bytes, and the training can be resumed from it. An empty input
 * stands for a checkpoint of this training; WEFT_WRITE_CORPUS=FOLDER writes the corpus there.
 */
#include <stdio.h>

#include "checkpoint_digest.h"
#include "cpu/cpu.h"
#include "fuzz_target.h"
#include "memory_files.h"
#include "train/checkpoint.h"
#include "train/scaling.h"

enum { SAMPLES = 6, FEATURES = 2, CLASSES = 2, LARGEST = 1 << 16 };

/* The training to which checkpoints belong, with every array that one may have. */
static struct {
    struct weft_device *device;
    struct weft_options options;
    struct weft_dataset *data;
    uint8_t checkpoint[LARGEST]; /* [size] of it, after a batch in the last epoch */
    size_t size;
} training;

static struct weft_model *model_new(void)
{
    struct weft_model *model;
    REQUIRE(weft_model_create(&training.options, training.data, &model) == WEFT_OK);
    REQUIRE(model_set_dropout(model, &training.options) == WEFT_OK);
    return model;
}

static struct training_sets sets(void)
{
    return (struct training_sets){.train = training.data, .validation = training.data};
}

static enum weft_status train(struct weft_model *model, const struct weft_checkpoint *from,
                              const struct weft_callbacks *callbacks)
{
    const struct training_sets all = sets();
    const struct training_run run = {.epochs = training.options.epochs, .resumed = from};
    struct weft_training result = {.epochs = 0};
    return trainer_run(training.device, model, &training.options, &all, run, callbacks, NULL,
                       &result);
}

/* ---- the corpus ---- */

struct stop {
    size_t batch, stop;                /* batches that ran, and the one to stop at */
    const struct weft_model *finished; /* for the checkpoint */
};

static int stop_there(void *user, struct weft_moment *moment)
{
    struct stop *stop = user;
    if (++stop->batch < stop->stop)
        return 0;
    REQUIRE(weft_checkpoint_write(moment, "made", "a note", stop->finished) == WEFT_OK);
    return 1;
}

/* Makes the checkpoint after batch `batch`, as the file "made". */
static void make_checkpoint(size_t batch, const struct weft_model *finished)
{
    struct stop stop = {.stop = batch, .finished = finished};
    const struct weft_callbacks callbacks = {.user = &stop, .batch = stop_there};
    struct weft_model *model = model_new();
    REQUIRE(train(model, NULL, &callbacks) == WEFT_OK);
    weft_model_destroy(model);
}

static void write_file(const char *folder, const char *name)
{
    char path[512];
    size_t size;
    const void *data = memory_files_get("made", &size);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    REQUIRE(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static void write_corpus(const char *folder)
{
    struct weft_model *finished = model_new(), *member = model_new();
    REQUIRE(weft_model_add_member(finished, member) == WEFT_OK);
    make_checkpoint(1, NULL);
    write_file(folder, "first_batch");
    make_checkpoint(3, NULL);
    write_file(folder, "end_of_epoch");
    make_checkpoint(11, NULL);
    write_file(folder, "last_epoch");
    make_checkpoint(11, finished);
    write_file(folder, "ensemble");
    weft_model_destroy(finished);
}

static void prepare(void)
{
    /* After the first epoch none is better, so that all counters count. */
    static const char *const settings[][2] = {
        {"hidden", "2"},        {"epochs", "4"},         {"batches", "3"},
        {"batch-norm", "yes"},  {"ema", "0.9"},          {"patience", "9"},
        {"dropout", "0.25"},    {"optimizer", "adamw"},  {"scale", "none"},
        {"weight-decay", "1"},  {"min-delta", "100"},    {"schedule", "plateau"},
        {"rate-patience", "1"}, {"learning-rate", "0.1"}};
    static const float x[SAMPLES * FEATURES] = {0, 1, 1, 0, 0, 0, 1, 1, 0.5f, 1, 1, 0.5f};
    static const int32_t labels[SAMPLES] = {0, 1, 1, 0, 1, 0};
    struct weft_options *options = &training.options;
    REQUIRE(weft_options_init(options, "default") == WEFT_OK);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        REQUIRE(weft_options_set(options, settings[i][0], settings[i][1]) == WEFT_OK);
    REQUIRE(weft_dataset_create(SAMPLES, FEATURES, CLASSES, x, labels, &training.data) == WEFT_OK);
    REQUIRE(weft_options_settle(options, training.data) == WEFT_OK);
    REQUIRE(cpu_device_create(&training.device) == WEFT_OK);
    if (getenv("WEFT_WRITE_CORPUS") != NULL)
        write_corpus(getenv("WEFT_WRITE_CORPUS"));
    make_checkpoint(11, NULL);
    const void *made = memory_files_get("made", &training.size);
    REQUIRE(training.size <= LARGEST);
    memcpy(training.checkpoint, made, training.size);
    memory_files_clear();
}

/* ---- what must hold ---- */

/* Restores a checkpoint and writes it to `path`. Returns what the restoring has returned. */
static enum weft_status restore_and_write(const struct weft_checkpoint *checkpoint,
                                          const struct weft_model *finished, const char *path)
{
    struct weft_checkpoint_info info;
    struct weft_model *model = model_new();
    const struct training_sets all = sets();
    struct epoch_loop loop = {.device = training.device,
                              .network = &model->network,
                              .options = &training.options,
                              .plan = trainer_batch_plan(&training.options, training.data)};
    struct weft_moment moment = {.loop = &loop, .model = model, .sets = &all};
    enum weft_status status = checkpoint_fits(checkpoint, &moment);
    if (status == WEFT_OK) {
        REQUIRE(epoch_loop_init(&loop, training.data) == WEFT_OK);
        status = checkpoint_restore(checkpoint, &loop, model);
        loop.first = loop.state->batch; /* the batches before it did not run here */
    }
    if (status == WEFT_OK) {
        weft_checkpoint_get_info(checkpoint, &info);
        REQUIRE(weft_checkpoint_write(&moment, path, info.note, finished) == WEFT_OK);
    }
    epoch_loop_reset(&loop);
    weft_model_destroy(model);
    return status;
}

static bool same_number(double a, double b)
{
    return a == b || (a != a && b != b);
}

/* Nothing that a training is gets lost on the way from the file to the state and back. The name of
 * the device is that of the device now. */
static void check_same(const struct weft_checkpoint *a, const struct weft_checkpoint *b)
{
    static const char *const names[] = {"trained", "model", "previous", "metrics", "curve"};
    const struct checkpoint_record *one = &a->record, *two = &b->record;
    REQUIRE(memcmp(&one->identity, &two->identity, sizeof one->identity) == 0);
    REQUIRE(one->epoch == two->epoch && one->batch == two->batch && one->steps == two->steps);
    REQUIRE(one->epochs == two->epochs && one->recorded == two->recorded);
    REQUIRE(one->drops == two->drops && one->worse == two->worse);
    REQUIRE(one->best_epoch == two->best_epoch && same_number(one->best, two->best));
    REQUIRE(one->plateau_epoch == two->plateau_epoch && one->plateau_worse == two->plateau_worse);
    REQUIRE(same_number(one->plateau_best, two->plateau_best));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct safetensor *was = safetensors_find(&a->file, names[i]),
                                *is = safetensors_find(&b->file, names[i]);
        REQUIRE((was == NULL) == (is == NULL));
        REQUIRE(was == NULL || (was->count == is->count &&
                                memcmp(was->values, is->values, was->count * sizeof(float)) == 0));
    }
}

static void check_round_trip(const struct weft_checkpoint *checkpoint,
                             const struct weft_model *finished)
{
    struct weft_checkpoint *again;
    struct weft_model *finished_again;
    size_t one_size, two_size;
    if (restore_and_write(checkpoint, finished, "first") != WEFT_OK) {
        REQUIRE(strstr(weft_error(), ": ") != NULL);
        return;
    }
    REQUIRE(weft_checkpoint_read("first", &again) == WEFT_OK);
    check_same(checkpoint, again);
    REQUIRE(weft_checkpoint_get_finished(again, &finished_again) == WEFT_OK);
    REQUIRE((finished == NULL) == (finished_again == NULL));
    REQUIRE(restore_and_write(again, finished_again, "second") == WEFT_OK);
    const void *one = memory_files_get("first", &one_size),
               *two = memory_files_get("second", &two_size);
    REQUIRE(one_size == two_size && memcmp(one, two, one_size) == 0);
    weft_model_destroy(finished_again);
    weft_checkpoint_destroy(again);
}

static void check_resumed(const struct weft_checkpoint *checkpoint)
{
    struct weft_model *model = model_new();
    const enum weft_status status = train(model, checkpoint, NULL);
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_MODEL || status == WEFT_ERROR_DIVERGED ||
            status == WEFT_ERROR_DATA);
    weft_model_destroy(model);
}

static void check_accepted(const struct weft_checkpoint *checkpoint, const uint8_t *data,
                           size_t size)
{
    char digest[DIGEST_TEXT];
    struct weft_model *finished = NULL;
    if (checkpoint_digest_of(data, size, digest))
        REQUIRE(strcmp(safetensors_entry(&checkpoint->file, "digest"), digest) == 0);
    const enum weft_status status = weft_checkpoint_get_finished(checkpoint, &finished);
    REQUIRE(status == WEFT_OK || (status == WEFT_ERROR_MODEL && finished == NULL));
    check_round_trip(checkpoint, finished);
    if (data == training.checkpoint) {
        const void *again = memory_files_get("first", &size);
        REQUIRE(size == training.size && memcmp(again, data, size) == 0);
    }
    weft_model_destroy(finished);
    check_resumed(checkpoint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_checkpoint *checkpoint;
    if (training.device == NULL)
        prepare();
    if (size == 0) {
        data = training.checkpoint;
        size = training.size;
    }
    memory_files_set("input", data, size);
    const enum weft_status status = weft_checkpoint_read("input", &checkpoint);
    if (status == WEFT_OK)
        check_accepted(checkpoint, data, size);
    else
        REQUIRE(status == WEFT_ERROR_MODEL && strstr(weft_error(), ": ") != NULL &&
                checkpoint == NULL);
    weft_checkpoint_destroy(checkpoint);
    memory_files_clear();
    return 0;
}
