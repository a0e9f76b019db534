/* Plans a training whose options are settled. */
#ifndef WEFT_API_TRAINING_PLAN_H
#define WEFT_API_TRAINING_PLAN_H

#include "train/trainer.h"

/* What is planned. Everything is borrowed. */
struct plan_job {
    struct weft_device *device; /* NULL: the memory of the host alone */
    const struct network *network;
    const struct weft_options *options; /* settled */
    struct training_sets sets;
    size_t members; /* models of the ensemble, at least 1 */
};

/* Makes the plan; see weft_plan_training. */
WEFT_MUST_CHECK enum weft_status plan_make(const struct plan_job *job,
                                           struct weft_training_plan *plan);

#endif
