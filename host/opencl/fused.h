/* The fused step: a whole training step of a small network in three kernels; see kernels/step.cl.
 *
 * The operations of the training loop queue the kernels: output_delta queues step_rows,
 * dense_backward of the first layer queues step_gradient, and update queues step_update. The
 * kernels store activations and deltas in their own layout; fused_download reads them from there.
 */
#ifndef WEFT_OPENCL_FUSED_H
#define WEFT_OPENCL_FUSED_H

#include "opencl/opencl_data.h"

struct fused; /* buffers of the fused step; owned by a workspace */

/* The batch of one step. */
struct fused_batch {
    cl_mem x, labels; /* [rows][D] from x_offset, [rows] from labels_first */
    size_t x_offset, labels_first;
    size_t rows;
};

/* Whether the kernels can compute a step of `network`. They store no pre-activations. */
bool fused_takes(const struct network *network);

/* Allocates the buffers for steps of `network` (borrowed) with up to `batch` samples. */
WEFT_MUST_CHECK enum weft_status fused_create(struct opencl_device *device,
                                              const struct network *network, size_t batch,
                                              struct fused **fused);
void fused_destroy(struct fused *fused);

/* Queues the forward pass, the losses and the deltas. outputs [rows][C], loss [rows], correct
 * [rows]. */
WEFT_MUST_CHECK enum weft_status fused_rows(struct fused *fused, const struct fused_batch *batch,
                                            cl_mem parameters, const struct loss_rule *rule,
                                            cl_mem outputs, cl_mem loss, cl_mem correct);

/* Queues the gradient and leaves it in slices. */
WEFT_MUST_CHECK enum weft_status fused_gradient(struct fused *fused,
                                                const struct fused_batch *batch);

/* Whether fused_update applies this rule to the parameters. If not, the caller uses
 * launch_update. */
bool fused_updates(const struct update_rule *rule);

/* Computes gradient = the sum of the slices plus the gradient of the penalty. Then updates the
 * parameters if fused_updates(rule). Without a rule, it computes only the sum. */
WEFT_MUST_CHECK enum weft_status fused_update(struct fused *fused, const struct update_rule *rule,
                                              cl_mem gradient, cl_mem parameters);

/* Waits, then copies to values [rows][O] the activations of a hidden layer or the deltas of any
 * layer. */
WEFT_MUST_CHECK enum weft_status fused_download(struct fused *fused, enum tensor tensor,
                                                size_t layer, size_t rows, float *values);

#endif
