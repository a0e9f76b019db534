/* weft_checkpoint.h: what a training run needs before it starts, and how to resume it.
 *
 * The conventions of weft.h apply here too. */
#ifndef WEFT_CHECKPOINT_H
#define WEFT_CHECKPOINT_H

#include "weft_data.h"
#include "weft_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* See weft.h. */
struct weft_device;
struct weft_callbacks;
struct weft_moment;
struct weft_training;

/* ---------------------------------------------------------------- plans
 *
 * A plan describes the network, the memory and the time of a training run before it starts. */

/* What a training run uses memory for. */
enum weft_memory {
    WEFT_MEMORY_SAMPLES,     /* data sets: samples, labels, targets, sample weights, their order */
    WEFT_MEMORY_PARAMETERS,  /* weights, biases and statistics; also their copies from earlier
                                epochs, and those of ensemble members whose training is finished */
    WEFT_MEMORY_OPTIMIZER,   /* the optimizer state, and the running average of the weights */
    WEFT_MEMORY_GRADIENT,    /* the gradient, and the statistics of a batch */
    WEFT_MEMORY_ACTIVATIONS, /* the results of all layers for a batch */
    WEFT_MEMORY_WORKSPACE    /* batches, packed operands of matrix products, sums, metrics */
};
enum { WEFT_MEMORY_KINDS = 6 };

/* Returns the name of a kind of memory, such as "optimizer state". The string is static. */
WEFT_API const char *weft_memory_name(enum weft_memory kind);

/* The memory that Weft allocates on the host or on a device during training, in bytes. Drivers and
 * libraries need some memory of their own in addition. */
struct weft_memory_plan {
    uint64_t bytes[WEFT_MEMORY_KINDS]; /* by enum weft_memory */
    uint64_t total;                    /* the sum of all kinds */
    uint64_t available;                /* upper limit of `total`; 0: unknown, or no such memory */
    uint64_t largest;                  /* size of the largest single allocation */
    enum weft_memory largest_kind;     /* what the largest allocation is for */
    uint64_t largest_possible;         /* upper limit of `largest`; 0: no limit */
};

/* One dense layer of the network. */
struct weft_layer_plan {
    size_t inputs, outputs;
    enum weft_activation activation; /* identity for the output layer */
    double dropout;
    bool bias, batch_norm;
    size_t parameters; /* weights, biases, scales and shifts */
};

/* The plan of a training run. */
struct weft_training_plan {
    size_t samples, validation_samples, test_samples;
    size_t epochs, batches, largest; /* epochs; batches in an epoch; samples in the largest batch */
    size_t parameters;               /* trainable numbers of one model */
    size_t layer_count;
    struct weft_layer_plan layers[WEFT_MAX_HIDDEN + 1]; /* [layer_count], input side first */
    double epoch_gflop; /* 10^9 operations in the matrix products of an epoch and its validation */
    struct weft_memory_plan host, device; /* on the CPU backend, everything is on the host */
    /* True for data sets that do not fit and are streamed: they stay on the host. While an OpenCL
     * device computes one batch, it copies the next one. The CPU backend reads batches in
     * place. Streaming does not change the bits of any result. */
    bool streams_train, streams_validation, streams_test;
    uint64_t epoch_read_bytes; /* bytes that an epoch reads from a mapped file; 0 if the training
                                  set is not streamed from such a file */
    bool reads_at_random; /* an epoch reads the pages of the mapped file in random order, because
                             the file does not fit into memory and the options set `shuffle` but not
                             `shuffle_blocks` */
    uint64_t staging_host_bytes, staging_device_bytes; /* memory for batches on their way to the
                                                          device; part of the totals of `host`
                                                          and `device` */
    uint64_t epoch_copied_bytes; /* bytes that an epoch and its validation copy to the device */
    double gflops; /* speed of the training steps in 10^9 operations per second, from the device
                      record; NaN if neither weft_bench nor weft_tune has measured this network on
                      this device */
    double epoch_seconds, seconds; /* expected time of one epoch, and of all epochs and members; NaN
                                      if unknown */
    /* WEFT_OK if the run fits into memory. Otherwise WEFT_ERROR_DEVICE or WEFT_ERROR_MEMORY, and
     * `refusal` says in one line how many bytes are needed, how many are available, and what would
     * help. weft_train fails with the same line. */
    enum weft_status fits;
    char refusal[512];
    /* The size of the samples of each set in bytes, and whether they lie in a mapped file. Each
     * feature takes 1 byte, or 4 as float32. 0 and false for a set that is absent. */
    uint64_t train_bytes, validation_bytes, test_bytes;
    bool maps_train, maps_validation, maps_test;
};

/* Plans a training run, without training. It changes nothing and needs very little memory.
 *
 * device    where the training would run. NULL: plan only the network, and the part of the host
 *           memory that is the same for all devices
 * model     the model to train, or NULL for the model that weft_model_create would create
 * options   how to train; see weft_options_init
 * sets      the data; `validation` and `test` may be NULL
 * members   the number of models to train, one after the other, for an ensemble; otherwise 1
 * plan      receives the plan, which owns no memory
 *
 * Returns the errors of weft_model_create and weft_train about options and data. A run that does
 * not fit is not an error of this function; see plan->fits. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plan_training(
    struct weft_device *device, const struct weft_model *model, const struct weft_options *options,
    const struct weft_data_sets *sets, size_t members, struct weft_training_plan *plan);

/* ---------------------------------------------------------------- checkpoints
 *
 * A checkpoint is a file that holds the whole state of a training run at the end of a batch. A run
 * that is resumed from it gives the same bits as an uninterrupted run, under the conditions that
 * weft_train states for equal bits. docs/checkpoints.md has the details. */

struct weft_checkpoint;      /* a checkpoint that was read */
struct weft_checkpoint_lock; /* prevents other processes from writing the same checkpoint file */

/* Prepares a checkpoint on all ranks of a job. The program must call this function on every rank,
 * in the callback of the same batch. On rank 0, it must then call weft_checkpoint_write. With one
 * rank, weft_moment_take is not needed. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_moment_take(struct weft_moment *moment);

/* What a checkpoint says about its training run. New versions add members at the end. Strings are
 * borrowed from the checkpoint. */
struct weft_checkpoint_info {
    size_t epoch, batch; /* epoch and number of the last batch that ran, both counted from 1 */
    const char *device;  /* the name of the device */
    const char *version; /* the version of Weft */
    const char *note;    /* the note passed to weft_checkpoint_write, or "" */
};

/* Writes a checkpoint. An existing file is replaced whole or not at all: it stays until the new
 * file is safely on the disk. Waits for the device.
 *
 * moment     from the batch callback
 * note       any UTF-8 text to store with the run, or NULL
 * finished   a model to store in the same file, such as the finished members of an ensemble; may be
 *            NULL
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. Training can go on after any failure. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_write(struct weft_moment *moment,
                                                                const char *path, const char *note,
                                                                const struct weft_model *finished);

/* Reads a checkpoint. Release it with weft_checkpoint_destroy.
 *
 * Returns WEFT_ERROR_MODEL unless the file is a complete, undamaged checkpoint. A digest covers all
 * its contents. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_read(const char *path,
                                                               struct weft_checkpoint **checkpoint);
WEFT_API void weft_checkpoint_destroy(struct weft_checkpoint *checkpoint);

/* Describes a checkpoint. */
WEFT_API void weft_checkpoint_get_info(const struct weft_checkpoint *checkpoint,
                                       struct weft_checkpoint_info *info);

/* Creates the model that weft_checkpoint_write stored as `finished`; release it with
 * weft_model_destroy. `*model` becomes NULL if no model was stored. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_get_finished(
    const struct weft_checkpoint *checkpoint, struct weft_model **model);

/* Resumes a training run from a checkpoint. Create the model as for the original run, from the same
 * options and data. The other parameters are those of weft_train.
 *
 * Returns WEFT_ERROR_MODEL if the data, the options or the version of Weft differ from those of the
 * checkpoint; the error says what differs. Only the options gemm and check-every may differ. The
 * other errors are those of weft_train. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_resume(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_dataset *test, const struct weft_callbacks *callbacks,
    const struct weft_checkpoint *checkpoint, struct weft_training *training);

/* Locks a checkpoint file until weft_checkpoint_unlock, or until this process ends or crashes. The
 * lock is a second file, "PATH.lock".
 *
 * Returns WEFT_ERROR_BUSY if another process holds the lock. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_lock(const char *path,
                                                               struct weft_checkpoint_lock **lock);
WEFT_API void weft_checkpoint_unlock(struct weft_checkpoint_lock *lock);

#ifdef __cplusplus
}
#endif
#endif
