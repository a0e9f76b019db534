/* A training step in a file: everything that is needed to run it again, on any machine.
 *
 * A safetensors file, so NumPy, PyTorch and Rust open it: `layers.N.weight`, `layers.N.bias` before
 * the step, `batch.x` [B][D] raw, `batch.labels` [B], `scale.mean`, `scale.std` [D]; how the step
 * is judged, and what was seen on which device, as metadata; its update see bundle_update.h.
 */
#ifndef WEFT_CHECK_BUNDLE_H
#define WEFT_CHECK_BUNDLE_H

#include "check/bundle_targets.h"

/* Where and when the step was, for those who read the file; texts borrowed. */
struct bundle_origin {
    const struct weft_device_info *device;
    size_t epoch, batch; /* from 1 */
    enum weft_gemm products;
    const char *finding; /* one line */
};

/* Writes the step to `path`, whole or not at all. WEFT_ERROR_IO. */
WEFT_MUST_CHECK enum weft_status bundle_write(const char *path, const struct step_trial *trial,
                                              const struct bundle_origin *origin);

/* A bundle that was read; all owned. */
struct bundle {
    struct network network;
    struct scale scale;
    float *x, *parameters, *state;
    int32_t *labels;
    struct bundle_targets targets;
    struct batch_draw draw;
    struct step_trial trial; /* of the above */
    enum weft_gemm products;
};

/* WEFT_ERROR_MODEL: no bundle, or damaged; WEFT_ERROR_IO: cannot be read. End it with bundle_reset
 * in either case. */
WEFT_MUST_CHECK enum weft_status bundle_read(const char *path, struct bundle *bundle);
void bundle_reset(struct bundle *bundle);

#endif
