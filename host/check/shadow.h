/* Shadow training: at intervals, the reference computes a batch again from the same weights.
 *
 * A shadow watches the training loop through hooks. If the device disagrees, training ends with
 * WEFT_ERROR_WRONG_RESULT. The message names epoch, batch, operation, layer and the worst element,
 * and a bundle saves the step to reproduce it. If numbers are no longer finite and the device is
 * right about them, training ends with WEFT_ERROR_DIVERGED. The message names the tensor with the
 * first such number, and the operation that computed it.
 */
#ifndef WEFT_CHECK_SHADOW_H
#define WEFT_CHECK_SHADOW_H

#include "check/step_capture.h"
#include "check/step_samples.h"
#include "train/hooks.h"

struct shadow {
    const struct weft_device *device;   /* borrowed */
    const struct weft_options *options; /* borrowed: check_every, check_bundle, products */
    const struct network *network;      /* borrowed */
    const struct scale *scale;          /* borrowed */
    const struct weft_dataset *train;   /* borrowed */
    size_t next;                        /* batches until the next check */
    bool watching;                      /* whether the current batch is checked */
    size_t states;                      /* number of state arrays of the updates */
    float *parameters;                  /* [value_count] before the batch; owned, like the rest */
    float *state;                       /* [states][value_count] before the batch */
    struct step_samples samples;        /* large enough for the largest batch */
    struct step_capture capture;
};

/* Initializes a shadow whose borrowed members are set and whose other members are zero. `batch` is
 * the number of samples in the largest batch. Call shadow_reset afterwards in either case. */
WEFT_MUST_CHECK enum weft_status shadow_init(struct shadow *shadow, size_t batch);
void shadow_reset(struct shadow *shadow);

/* Returns the hooks for the training loop. They are valid as long as the shadow. */
struct training_hooks shadow_hooks(struct shadow *shadow);

#endif
