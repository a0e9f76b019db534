/* One epoch of training at a time: every batch through the device, then what it gave.
 *
 * This is the work that training does and that benchmarks time; whoever runs the epochs decides
 * what happens between them.
 */
#ifndef WEFT_TRAIN_EPOCH_LOOP_H
#define WEFT_TRAIN_EPOCH_LOOP_H

#include "backend/backend.h"
#include "data/dataset.h"
#include "data/order.h"
#include "network/model.h"
#include "train/augment.h"
#include "train/hooks.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/targets.h"

struct epoch_loop {
    const struct backend *backend;          /* static */
    struct weft_device *device;             /* borrowed */
    const struct network *network;          /* borrowed */
    const struct weft_options *options;     /* borrowed */
    const struct weft_callbacks *callbacks; /* borrowed, may be NULL; the epoch's is not called */
    const struct training_hooks *hooks;     /* borrowed, may be NULL */
    struct objective objective;
    struct target_rule targets;
    struct optimizer optimizer;
    struct augmentation augmentation;
    struct schedule schedule;
    struct batch_plan plan;
    uint64_t steps; /* updates so far */
    double rate;    /* of the last of them */

    float *class_weights;          /* [classes] of the targets; NULL without */
    struct workspace *workspace;   /* owned, as the rest */
    struct device_data *data;      /* NULL before epoch_loop_upload */
    struct batch_metrics *metrics; /* [plan.count] of the last epoch */
    uint32_t *order;               /* [N] */
    float *parameters; /* [value_count] after the last epoch: their average where there is one, and
                          the statistics */
    float *start; /* [optimizer_keeps + 1][value_count] before that epoch: what updates kept, then
                     parameters and statistics; with hooks alone */
    bool stopped; /* the progress callback asked for it */
};

/* Everything but the samples of `train`, which class weights are taken from: `loop` has its
 * borrowed members and `plan`, the rest is zero. End it with epoch_loop_reset in either case. */
WEFT_MUST_CHECK enum weft_status epoch_loop_init(struct epoch_loop *loop,
                                                 const struct weft_dataset *train);

/* The samples onto the device, standardized there. */
WEFT_MUST_CHECK enum weft_status epoch_loop_upload(struct epoch_loop *loop,
                                                   const struct weft_dataset *dataset,
                                                   const struct scale *scale);

/* Where training begins: parameters [value_count], and, where `state` is of the same optimizer,
 * what its updates left. */
WEFT_MUST_CHECK enum weft_status epoch_loop_begin(struct epoch_loop *loop, const float *parameters,
                                                  const struct training_state *state);

/* Waits; where training is now becomes `state`, which holds nothing or an earlier one. */
WEFT_MUST_CHECK enum weft_status epoch_loop_leave(struct epoch_loop *loop,
                                                  struct training_state *state);

/* Runs epoch `epoch` (from 1; it decides the order of the samples): queues its batches, then waits
 * once for metrics and parameters. `*batches` is how many ran, fewer than plan.count only where
 * `stopped`. After epoch_loop_begin. */
WEFT_MUST_CHECK enum weft_status epoch_loop_run(struct epoch_loop *loop, size_t epoch,
                                                size_t *batches);

/* Runs the batches of `epoch`, of which `batches` have run, up to number `bad` (from 0) again from
 * where the epoch began, and has the hooks search `bad` and the two before it, whose updates may be
 * what `bad` shows. Nothing without hooks. */
WEFT_MUST_CHECK enum weft_status epoch_loop_search(struct epoch_loop *loop, size_t epoch,
                                                   size_t bad, size_t batches);

/* Error (mean over batches) and running accuracy of the `batches` that ran. */
void epoch_loop_metrics(const struct epoch_loop *loop, size_t batches, struct weft_epoch *result);

void epoch_loop_reset(struct epoch_loop *loop);

#endif
