/* Shadow training: the reference computes every so many batches again, from the same weights.
 *
 * A shadow watches the training loop through hooks. Where the device disagrees, training ends with
 * WEFT_ERROR_WRONG_RESULT, which names epoch, batch, operation, layer and the worst element; the
 * step goes into a bundle that reproduces it. Where numbers are not finite any more and the device
 * is right about them, WEFT_ERROR_DIVERGED names the tensor that had the first, and the operation
 * that made it.
 */
#ifndef WEFT_CHECK_SHADOW_H
#define WEFT_CHECK_SHADOW_H

#include "check/step_samples.h"
#include "train/hooks.h"

struct shadow {
    const struct weft_device *device;   /* borrowed */
    const struct weft_options *options; /* borrowed: check_every, check_bundle, products */
    const struct network *network;      /* borrowed */
    const struct scale *scale;          /* borrowed */
    const struct weft_dataset *train;   /* borrowed */
    size_t next;                        /* batches until the next that is checked */
    bool watching;                      /* the present batch is */
    size_t states;                      /* arrays that the updates keep */
    float *parameters;                  /* [value_count] before the batch; owned, as the rest */
    float *state;                       /* [states][value_count] likewise */
    struct step_samples samples;        /* of the largest batch */
    struct step_capture capture;
};

/* `shadow` has its borrowed members, the rest is zero; `batch`: samples in the largest batch. End
 * it with shadow_reset in either case. */
WEFT_MUST_CHECK enum weft_status shadow_init(struct shadow *shadow, size_t batch);
void shadow_reset(struct shadow *shadow);

/* What the loop calls; valid as long as the shadow. */
struct training_hooks shadow_hooks(struct shadow *shadow);

#endif
