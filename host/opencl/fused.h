/* The fused step: a whole training step of a small network in three kernels, kernels/step.cl.
 *
 * Queued where the loop's operations allow: step_rows at output_delta, step_gradient at the
 * dense_backward of the first layer, step_update at update. What the operations promise to leave
 * behind, fused_download finds in the layout of the kernels.
 */
#ifndef WEFT_OPENCL_FUSED_H
#define WEFT_OPENCL_FUSED_H

#include "opencl/opencl_data.h"

struct fused; /* buffers of the fused step; owned by a workspace */

/* The batch that a step is for. */
struct fused_batch {
    cl_mem x, labels; /* [rows][D] from x_offset, [rows] from labels_first */
    size_t x_offset, labels_first;
    size_t rows;
};

/* Whether the kernels can compute a step of `network`: they keep no pre-activations. */
bool fused_takes(const struct network *network);

/* Room for steps of `network`, borrowed, with up to `batch` samples. */
WEFT_MUST_CHECK enum weft_status fused_create(struct opencl_device *device,
                                              const struct network *network, size_t batch,
                                              struct fused **fused);
void fused_destroy(struct fused *fused);

/* All of forward, the losses and the deltas. outputs [rows][C], loss [rows], correct [rows]. */
WEFT_MUST_CHECK enum weft_status fused_rows(struct fused *fused, const struct fused_batch *batch,
                                            cl_mem parameters, const struct loss_rule *rule,
                                            cl_mem outputs, cl_mem loss, cl_mem correct);

/* The gradient, still in slices. */
WEFT_MUST_CHECK enum weft_status fused_gradient(struct fused *fused,
                                                const struct fused_batch *batch);

/* Whether fused_update moves the parameters by the rule; else that is left to launch_update. */
bool fused_updates(const struct update_rule *rule);

/* gradient = the sum of the slices and the penalty's gradient, then the update where fused_updates;
 * without a rule the sum alone. */
WEFT_MUST_CHECK enum weft_status fused_update(struct fused *fused, const struct update_rule *rule,
                                              cl_mem gradient, cl_mem parameters);

/* Waits; values [rows][O] = the activations of a hidden layer, or the deltas of any. */
WEFT_MUST_CHECK enum weft_status fused_download(struct fused *fused, enum tensor tensor,
                                                size_t layer, size_t rows, float *values);

#endif
