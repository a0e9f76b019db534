/* Lets an observer watch the batches of a training run. The loop does not know what the observer
 * does. */
#ifndef WEFT_TRAIN_HOOKS_H
#define WEFT_TRAIN_HOOKS_H

#include "train/step.h"

/* A batch that is about to run, or has just run. */
struct training_batch {
    size_t epoch, batch;     /* both counted from 1 */
    const struct step *step; /* the whole batch */
    const struct update_rule *update;
    const struct target_rule *targets;
    const float *weights; /* [N], one per sample; NULL: all are 1 */
    const struct augmentation *augmentation;
    bool penalty;          /* the step has penalty terms */
    size_t slices;         /* slices of a batch; 1: it runs whole */
    const uint32_t *order; /* [N], of this epoch; NULL: file order */
    /* True if this batch or one soon after it had numbers that are not finite. The batch then runs
     * again, from the weights at the start of its epoch. */
    bool searched;
};

/* A failing function ends the training run. A function may wait for the device and download its
 * tensors. Any pointer may be NULL. If batches run in slices, after_slice is called after the
 * backward pass of each slice, while the workspace holds its tensors. */
struct training_hooks {
    void *user;
    enum weft_status (*before_batch)(void *user, const struct training_batch *batch);
    enum weft_status (*after_slice)(void *user, const struct training_batch *batch,
                                    const struct step *slice);
    enum weft_status (*after_batch)(void *user, const struct training_batch *batch);
};

#endif
