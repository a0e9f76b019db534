/* The training step of a small network on GPUs; see kernels/middle.cl.
 *
 * The two matrix products of the first layer do nearly all of the arithmetic. One kernel computes
 * everything between them. Another kernel adds up the gradient and updates the parameters.
 *
 * The operations of the training loop queue this work: dense_forward of the first layer queues the
 * forward product, output_delta queues middle_rows, dense_backward of the first layer queues the
 * product of the gradient, and update queues middle_update.
 */
#ifndef WEFT_OPENCL_MIDDLE_H
#define WEFT_OPENCL_MIDDLE_H

#include "opencl/products.h"

struct middle; /* buffers; owned by a workspace */

/* The batch between the two products. All buffers are borrowed. */
struct middle_batch {
    cl_mem z1, dz1; /* [rows][O] of the first layer: z without the bias; its delta */
    cl_mem labels;  /* [rows] from labels_first */
    size_t labels_first;
    size_t rows;
    cl_mem outputs, dz;   /* [rows][C] of the last layer: z; its delta */
    cl_mem loss, correct; /* [rows] */
};

/* Whether a step of `network` can run this way on the device. The network needs at least one hidden
 * layer and no layer that keeps z. All units of a panel must fit into local memory, and the layers
 * above the first must have few parameters. */
bool middle_takes(const struct opencl_device *device, const struct network *network);

/* Allocates the buffers for steps of `network` (borrowed) with up to `batch` samples. */
WEFT_MUST_CHECK enum weft_status middle_create(struct opencl_device *device,
                                               const struct network *network, size_t batch,
                                               struct middle **middle);
void middle_destroy(struct middle *middle);

/* Queues the forward pass from z1, the losses, the deltas down to dz1, and the gradient in slices.
 * The gradient excludes the weights of the first layer. */
WEFT_MUST_CHECK enum weft_status middle_rows(struct middle *middle,
                                             const struct middle_batch *batch, cl_mem parameters,
                                             const struct loss_rule *rule);

/* Queues the weight gradient of the first layer. If `product` is computed in slices, they stay in
 * `room` until middle_update. */
WEFT_MUST_CHECK enum weft_status middle_product(struct middle *middle,
                                                const struct product *product,
                                                struct product_room room);

/* Computes gradient = the sum of the slices plus the gradient of the penalty. Then updates the
 * parameters if fused_updates(rule). Without a rule, it computes only the sum. */
WEFT_MUST_CHECK enum weft_status middle_update(struct middle *middle,
                                               const struct update_rule *rule, cl_mem gradient,
                                               cl_mem parameters);

/* Works like step_panels_download. */
WEFT_MUST_CHECK enum weft_status middle_download(struct middle *middle, enum tensor tensor,
                                                 size_t layer, size_t rows, float *values);

#endif
