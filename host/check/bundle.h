/* A training step in a file, with everything needed to run it again on any machine.
 *
 * A bundle is a safetensors file, so NumPy, PyTorch and Rust open it. Its tensors are
 * `layers.N.weight` and `layers.N.bias` before the step, `batch.x` [B][D] raw, `batch.labels` [B],
 * `scale.mean` and `scale.std` [D], and `update.N`, the optimizer state. Dense targets add
 * `targets.rule` [3] (share, spread, each), `batch.weights` [B] and `batch.targets` [B][C]. Its
 * metadata says how the step is judged, and what was seen on which device; see bundle_fields.h.
 */
#ifndef WEFT_CHECK_BUNDLE_H
#define WEFT_CHECK_BUNDLE_H

#include "check/step_trial.h"

/* Where and when the step ran, for readers of the file. The texts are borrowed. */
struct bundle_origin {
    const struct weft_device_info *device;
    size_t epoch, batch; /* counted from 1 */
    enum weft_gemm products;
    const char *finding; /* one line */
};

/* Writes the step to `path`, completely or not at all. Fails with WEFT_ERROR_IO. */
WEFT_MUST_CHECK enum weft_status bundle_write(const char *path, const struct step_trial *trial,
                                              const struct bundle_origin *origin);

/* A bundle that was read from a file. It owns all its arrays. */
struct bundle {
    struct network network;
    struct scale scale;
    float *x, *parameters, *state;
    int32_t *labels;
    float *weights, *y; /* of dense targets; may be NULL */
    struct batch_draw draw;
    struct step_trial trial; /* borrows the members above */
    enum weft_gemm products;
};

/* Fails with WEFT_ERROR_MODEL if the file is not a bundle or is damaged, and with WEFT_ERROR_IO if
 * it cannot be read. Call bundle_reset afterwards in either case. */
WEFT_MUST_CHECK enum weft_status bundle_read(const char *path, struct bundle *bundle);
void bundle_reset(struct bundle *bundle);

#endif
