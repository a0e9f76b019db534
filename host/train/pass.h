/* A forward pass over many samples in fixed, zero-padded blocks: for scores and predictions.
 *
 * Blocks always have the same shape, so the result for a sample does not depend on how many samples
 * are asked for at once, nor on which.
 */
#ifndef WEFT_TRAIN_PASS_H
#define WEFT_TRAIN_PASS_H

#include "backend/backend.h"

/* Samples in a block. */
enum { PASS_BLOCK = 1024 };

/* A network on a device, ready for passes. */
struct pass {
    const struct backend *backend; /* static */
    const struct network *network; /* borrowed */
    struct workspace *workspace;   /* owned */
    struct batch_metrics *metrics; /* [blocks] owned */
    size_t blocks;                 /* blocks of the longest pass */
};

/* What a pass over labeled samples gives. */
struct pass_result {
    double mean_loss; /* of a sample */
    size_t correct;
};

/* Room for passes over up to `samples` samples. */
WEFT_MUST_CHECK enum weft_status pass_init(struct pass *pass, struct weft_device *device,
                                           const struct network *network, size_t samples,
                                           enum weft_gemm products);
void pass_reset(struct pass *pass);

/* parameters [value_count], as those of a model */
WEFT_MUST_CHECK enum weft_status pass_parameters(struct pass *pass, const float *parameters);

/* Loss and hits over all `samples` of `data`. */
WEFT_MUST_CHECK enum weft_status pass_score(struct pass *pass, const struct device_data *data,
                                            size_t samples, bool true_class_only,
                                            struct pass_result *result);

/* Outputs of the samples first .. first + count - 1, count <= PASS_BLOCK: pre-activations `z` and
 * probabilities `p`, both [count][outputs], and the sum of their losses, NULL where nobody asks.
 * `squeeze` as in backend.h. */
WEFT_MUST_CHECK enum weft_status pass_outputs(struct pass *pass, const struct device_data *data,
                                              size_t first, size_t count, bool squeeze, float *z,
                                              float *p, double *loss);

#endif
