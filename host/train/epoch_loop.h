/* Runs one epoch of training at a time: every batch goes through the device, then the results come
 * back.
 *
 * Training does exactly this work, and benchmarks time it. The caller that runs the epochs decides
 * what happens between them.
 */
#ifndef WEFT_TRAIN_EPOCH_LOOP_H
#define WEFT_TRAIN_EPOCH_LOOP_H

#include "backend/backend.h"
#include "data/dataset.h"
#include "data/order.h"
#include "network/model.h"
#include "train/augment.h"
#include "train/read_ahead.h"
#include "train/slices.h"
#include "train/targets.h"
#include "train/training_state.h"

struct epoch_loop {
    const struct backend *backend;      /* static */
    struct weft_device *device;         /* borrowed */
    const struct network *network;      /* borrowed */
    const struct weft_options *options; /* borrowed */
    /* Borrowed, may be NULL. The epoch callback is not called. */
    const struct weft_callbacks *callbacks;
    const struct training_hooks *hooks; /* borrowed, may be NULL */
    struct weft_moment *moment;         /* borrowed; NULL: the batch callback is not called */
    struct objective objective;
    struct target_rule targets;
    struct optimizer optimizer;
    struct augmentation augmentation;
    struct batch_plan plan;
    struct slices slices; /* how batches run in slices; owned */
    bool streamed;        /* the samples stay on the host */

    float *weights;               /* [N], one per sample; NULL: all are 1 */
    struct workspace *workspace;  /* owned, like all members below */
    struct device_data *data;     /* NULL until epoch_loop_upload */
    struct training_state *state; /* where the training run is */
    struct batch_metrics *slots;  /* [slices_slots] metrics as the device has them */
    uint32_t *order;              /* [N], or of the samples that this rank holds */
    uint32_t *shard;              /* [largest shard] scratch; NULL without slices */
    uint32_t *blocks;             /* [own shards][most blocks]; NULL without shuffle_blocks */
    struct read_ahead ahead;      /* borrows `blocks`, `slices.order` and the training set */
    size_t first;                 /* the first batch of this epoch that ran here, from 0 */
    /* [value_count] weights after the last epoch, averaged if averaging is on, and statistics. */
    float *parameters;
    struct training_state *start; /* before batch `first`; only if there are hooks */
    uint64_t taken;               /* the step after which epoch_loop_take ran last, or 0 */
    bool stopped;                 /* the progress callback asked to stop */
    enum weft_status failure;     /* an exchange of epoch_loop_take has failed, */
    char failure_line[1024];      /* and why; the ranks may be out of step */
};

/* Initializes everything but the samples. The sample weights are computed from `train`. On entry,
 * `loop` has its borrowed members and `plan`, and the rest is zero. Call epoch_loop_reset in either
 * case. */
WEFT_MUST_CHECK enum weft_status epoch_loop_init(struct epoch_loop *loop,
                                                 const struct weft_dataset *train);

/* Uploads the samples of `train`, here `dataset`, and standardizes them on the device. */
WEFT_MUST_CHECK enum weft_status epoch_loop_upload(struct epoch_loop *loop,
                                                   const struct weft_dataset *dataset,
                                                   const struct scale *scale);

/* Returns how the device takes the samples of `dataset`. */
struct data_source epoch_loop_source(const struct epoch_loop *loop,
                                     const struct weft_dataset *dataset, const struct scale *scale);

/* Counts the memory that epoch_loop_init would allocate. Without a device, it counts only its own.
 * `loop` is initialized as for epoch_loop_init, and need not be reset. */
WEFT_MUST_CHECK enum weft_status epoch_loop_count(struct epoch_loop *loop,
                                                  const struct weft_dataset *train,
                                                  struct memory_counts *counts);

/* Sets the starting point of the training run: parameters [value_count], or the state `from`, which
 * may be NULL, if it comes from the same optimizer. */
WEFT_MUST_CHECK enum weft_status epoch_loop_begin(struct epoch_loop *loop, const float *parameters,
                                                  const struct training_state *from);

/* Waits for the device and completes the state: the optimizer state, the parameters, and the
 * metrics of the batches that have run. All ranks must call it. With several ranks, a failure also
 * ends the training run, even if a callback ignores it. */
WEFT_MUST_CHECK enum weft_status epoch_loop_take(struct epoch_loop *loop);

/* Waits for the device and moves the state of the training run to `*state`, which then owns it. */
WEFT_MUST_CHECK enum weft_status epoch_loop_leave(struct epoch_loop *loop,
                                                  struct training_state **state);

/* Runs epoch `epoch`, counted from 1; its number determines the order of the samples. If the state
 * is in the middle of this epoch, only the batches that are left run. Queues the batches, then
 * waits once for metrics and parameters. `*batches` receives the number of batches that have run,
 * which is below plan.count only if `stopped`. Call epoch_loop_begin first. */
WEFT_MUST_CHECK enum weft_status epoch_loop_run(struct epoch_loop *loop, size_t epoch,
                                                size_t *batches);

/* Repeats the batches of `epoch` from the state before batch `first`, up to batch `bad`,
 * counted from 0. `batches` of them had run. The hooks search `bad` and the two batches before it,
 * because an earlier update may have caused what `bad` shows. Without hooks, the function does
 * nothing. */
WEFT_MUST_CHECK enum weft_status epoch_loop_search(struct epoch_loop *loop, size_t epoch,
                                                   size_t bad, size_t batches);

/* Computes the error (a mean over batches) and the running accuracy of the `batches` batches that
 * ran. */
void epoch_loop_metrics(const struct epoch_loop *loop, size_t batches, struct weft_epoch *result);

void epoch_loop_reset(struct epoch_loop *loop);

#endif
