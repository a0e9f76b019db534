/* The whole state of a training run at the end of a batch. Anything else does not survive an
 * interruption, so everything is here.
 *
 * The loop (epoch_loop.h) and the trainer change the state while they run. A model keeps the state
 * of its last training run, so that weft_partial_fit can continue it.
 *
 * The order of the samples, dropout, augmentation and mixup are functions of the seed, the epoch
 * and the batch (base/random.h). The two counters below are therefore all that they need.
 */
#ifndef WEFT_TRAIN_TRAINING_STATE_H
#define WEFT_TRAIN_TRAINING_STATE_H

#include "train/monitor.h"
#include "train/optimizer.h"
#include "train/schedule.h"

/* The arrays lie behind the structure, in the same block of memory. */
struct training_state {
    size_t values;  /* value_count of the network: parameters and statistics */
    size_t batches; /* number of batches in an epoch */
    enum weft_optimizer optimizer;
    size_t arrays; /* number of arrays of the optimizer state, with the average;
                      optimizer_state_count */

    size_t epoch;   /* number of the last epoch that began, from 1 */
    size_t batch;   /* batches of this epoch that have run */
    uint64_t steps; /* number of updates so far; 0 means that nothing has happened yet */
    size_t epochs;  /* complete epochs of this training run */
    struct schedule schedule;
    struct monitor monitor; /* for early stopping */
    struct monitor plateau; /* for the schedule */

    struct batch_metrics *metrics; /* [batches] of this epoch, or of the last one */
    float *trained;  /* [arrays + 1][values] the optimizer state, then the trained parameters and
                        statistics. They are on the device while a training runs, and here only
                        after training_state_take. The model itself may hold their average. */
    float *previous; /* [values] of the model one epoch earlier */
    float *best;     /* [values] of the best epoch; only with early stopping */
};

/* Creates the state in which a training run of `network` begins. Free it with memory_free. */
WEFT_MUST_CHECK enum weft_status training_state_create(const struct network *network,
                                                       const struct weft_options *options,
                                                       size_t batches,
                                                       struct training_state **state);

/* Counts the memory that training_state_create would allocate. Returns WEFT_OK. */
enum weft_status training_state_count(const struct network *network,
                                      const struct weft_options *options, size_t batches,
                                      struct memory_count *count);

/* Copies what `from` has reached to `state`, so that another epoch follows. Returns false and
 * changes nothing if `from`, which may be NULL, belongs to another optimizer. The monitors begin
 * anew if they watch another score, and early stopping if it was off. */
bool training_state_follow(struct training_state *state, const struct training_state *from);

/* Move `trained` from a workspace to the state and back. Taking waits for the device. */
WEFT_MUST_CHECK enum weft_status training_state_take(struct training_state *state,
                                                     const struct backend *backend,
                                                     struct workspace *workspace);
WEFT_MUST_CHECK enum weft_status training_state_put(const struct training_state *state,
                                                    const struct backend *backend,
                                                    struct workspace *workspace);

#endif
