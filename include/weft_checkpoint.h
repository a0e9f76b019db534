/* weft_checkpoint.h: the memory and time that a training run will need, and checkpoints to resume a
 * run.
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
    WEFT_MEMORY_SAMPLES,     /* data sets: samples, labels, targets, sample weights, and the order
                                of the samples */
    WEFT_MEMORY_PARAMETERS,  /* weights, biases and statistics of batch norm; also copies of them
                                from earlier epochs, and those of ensemble members that are already
                                trained */
    WEFT_MEMORY_OPTIMIZER,   /* the optimizer state, and the running averages (see `ema` of the
                                options) */
    WEFT_MEMORY_GRADIENT,    /* the gradient of a batch, and its statistics for batch norm */
    WEFT_MEMORY_ACTIVATIONS, /* the results of all layers for a batch */
    WEFT_MEMORY_WORKSPACE    /* batches, packed operands of matrix products, sums, metrics */
};
enum { WEFT_MEMORY_KINDS = 6 };

/* Returns the name of a kind of memory, such as "optimizer state". The string is static. */
WEFT_API const char *weft_memory_name(enum weft_memory kind);

/* The memory that Weft allocates during training, either on the host or on a device, in bytes. In
 * addition, drivers and libraries need some memory of their own. */
struct weft_memory_plan {
    uint64_t bytes[WEFT_MEMORY_KINDS]; /* [WEFT_MEMORY_KINDS] by enum weft_memory */
    uint64_t total;                    /* the sum of all kinds */
    uint64_t available;                /* upper limit of `total`; 0: the limit is unknown, or there
                                          is no such memory */
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
    size_t epochs, batches, largest; /* number of epochs; batches per epoch; samples in the largest
                                        batch */
    size_t parameters;               /* number of trainable numbers; for an ensemble, those of one
                                        member */
    size_t layer_count;
    struct weft_layer_plan layers[WEFT_MAX_HIDDEN + 1]; /* [layer_count], input side first */
    double epoch_gflop; /* floating-point operations, in units of 10^9, in the matrix products of
                           one epoch and its validation */
    struct weft_memory_plan host, device; /* on the CPU backend, all memory is on the host */
    /* True: this data set does not fit into memory as a whole, so the run streams it. A streamed
     * data set stays on the host or in its file. While an OpenCL device computes one batch, the
     * next batch is copied to it. The CPU backend reads batches in place. Streaming does not change
     * the bits of any result. */
    bool streams_train, streams_validation, streams_test;
    uint64_t epoch_read_bytes; /* bytes that each epoch reads from a mapped file; 0 if the training
                                  set is not streamed from a mapped file */
    bool reads_at_random; /* true: each epoch reads the pages of the mapped file in random order.
                             This happens if the file does not fit into memory, and the options set
                             `shuffle` but not `shuffle_blocks` */
    uint64_t staging_host_bytes, staging_device_bytes; /* bytes for batches that are on their way to
                                                          the device; host.total and device.total
                                                          include them */
    uint64_t epoch_copied_bytes; /* bytes that each epoch and its validation copy to the device */
    double gflops; /* speed of training steps, in units of 10^9 operations per second, from the
                      device record; NaN if neither weft_bench nor weft_tune has measured this
                      network on this device */
    double epoch_seconds, seconds; /* expected times of one epoch, and of all epochs of all members;
                                      NaN if unknown */
    /* WEFT_OK if the run fits into memory, otherwise WEFT_ERROR_DEVICE or WEFT_ERROR_MEMORY. If it
     * does not fit, `refusal` says in one line how many bytes it needs, how many are available, and
     * what would help; weft_train fails with the same line. */
    enum weft_status fits;
    char refusal[512];
    /* The size in bytes of the samples of each data set, and whether these samples lie in a mapped
     * file. Each feature takes 1 byte or, as a float32, 4 bytes. A data set that is absent has 0
     * and false. */
    uint64_t train_bytes, validation_bytes, test_bytes;
    bool maps_train, maps_validation, maps_test;
};

/* Plans a training run, without training. This function changes no argument except `plan`, and
 * needs very little memory.
 *
 * device    where the training would run. NULL: plan only the network, and the part of the host
 *           memory that is the same for all devices
 * model     the model to train, or NULL for the model that weft_model_create would create
 * options   how to train; see weft_options_init
 * sets      the data sets; sets->validation and sets->test may be NULL
 * members   for an ensemble, the number of models to train, one after the other; otherwise 1
 * plan      receives the plan, which owns no memory
 *
 * Returns the errors about options and data that weft_model_create and weft_train would return. If
 * the run does not fit into memory, this function still returns WEFT_OK; see plan->fits. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plan_training(
    struct weft_device *device, const struct weft_model *model, const struct weft_options *options,
    const struct weft_data_sets *sets, size_t members, struct weft_training_plan *plan);

/* ---------------------------------------------------------------- checkpoints
 *
 * A checkpoint is a file that holds the whole state of a training run at the end of a batch. A run
 * that is resumed from a checkpoint gives the same bits as an uninterrupted run, under the
 * conditions for equal bits that weft_train states. docs/checkpoints.md has the details. */

struct weft_checkpoint;      /* the contents of a checkpoint file */
struct weft_checkpoint_lock; /* keeps other processes from writing the same checkpoint file */

/* Prepares a checkpoint if several ranks train together (see weft_ranks.h). After the same batch,
 * every rank must call this function in the callback `batch`. Rank 0 must then call
 * weft_checkpoint_write. With one rank, this function is not needed. If it fails, the training run
 * fails too, because the ranks may be out of step. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_moment_take(struct weft_moment *moment);

/* What a checkpoint says about its training run. New versions add members at the end. Strings are
 * borrowed from the checkpoint. */
struct weft_checkpoint_info {
    size_t epoch, batch; /* the last batch that ran: its epoch, and its number in this epoch; both
                            counted from 1 */
    const char *device;  /* the name of the device that the run used */
    const char *version; /* the version of Weft that wrote the checkpoint */
    const char *note;    /* the text that was passed to weft_checkpoint_write as `note`, or "" */
};

/* Writes a checkpoint. An existing file stays until the new one is safely on the disk, and is then
 * replaced completely. This function waits until the device has finished the batch.
 *
 * moment     the state that the callback `batch` received
 * note       any UTF-8 text to store in the file, or NULL
 * finished   a model to store in the same file, such as the finished members of an ensemble; may be
 *            NULL
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. After any failure of this function, training
 * can go on. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_write(struct weft_moment *moment,
                                                                const char *path, const char *note,
                                                                const struct weft_model *finished);

/* Reads a checkpoint. Release it with weft_checkpoint_destroy.
 *
 * Returns WEFT_ERROR_MODEL unless the file is a complete, undamaged checkpoint. A digest in the
 * file covers all its contents. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_read(const char *path,
                                                               struct weft_checkpoint **checkpoint);
WEFT_API void weft_checkpoint_destroy(struct weft_checkpoint *checkpoint);

/* Describes a checkpoint. */
WEFT_API void weft_checkpoint_get_info(const struct weft_checkpoint *checkpoint,
                                       struct weft_checkpoint_info *info);

/* Creates a model from the one that was passed to weft_checkpoint_write as `finished`. Release it
 * with weft_model_destroy. `*model` becomes NULL if the checkpoint has no such model. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_get_finished(
    const struct weft_checkpoint *checkpoint, struct weft_model **model);

/* Resumes a training run from a checkpoint. Create the model in the same way as for the original
 * run, with the same options and data. weft_train describes the other parameters.
 *
 * Returns WEFT_ERROR_MODEL if the data, an option or the version of Weft differs from the original
 * run; the line of weft_error() says what differs. Only the options "gemm" and "check-every" may
 * differ. It also returns the errors of weft_train. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_resume(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_dataset *test, const struct weft_callbacks *callbacks,
    const struct weft_checkpoint *checkpoint, struct weft_training *training);

/* Locks a checkpoint file until a call to weft_checkpoint_unlock, or until this process ends or
 * crashes. The lock is a second file, whose name is `path` followed by ".lock".
 *
 * Returns WEFT_ERROR_BUSY if another process holds the lock. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_lock(const char *path,
                                                               struct weft_checkpoint_lock **lock);
WEFT_API void weft_checkpoint_unlock(struct weft_checkpoint_lock *lock);

#ifdef __cplusplus
}
#endif
#endif
