/* Who watches the batches of a training; the loop knows nothing of what they do. */
#ifndef WEFT_TRAIN_HOOKS_H
#define WEFT_TRAIN_HOOKS_H

#include "train/step.h"

/* A batch that is about to run, or has run. */
struct training_batch {
    size_t epoch, batch; /* from 1 */
    const struct step *step;
    const struct update_rule *update;
    const struct target_rule *targets;
    const float *weights; /* [N] of the samples; NULL: all 1 */
    const struct augmentation *augmentation;
    bool penalty;          /* the step has penalty terms */
    const uint32_t *order; /* [N] of this epoch; NULL: file order */
    bool searched;         /* numbers that are not finite were found in this batch or soon after: it
                              runs again, from the first weights of its epoch, to be looked at */
};

/* A failure ends the training. The device may be waited for, and its tensors downloaded. Either
 * function may be NULL. */
struct training_hooks {
    void *user;
    enum weft_status (*before_batch)(void *user, const struct training_batch *batch);
    enum weft_status (*after_batch)(void *user, const struct training_batch *batch);
};

#endif
