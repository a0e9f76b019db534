/* The step of a small network on GPUs: the first layer's two products, which have nearly all of the
 * arithmetic, and everything between them in one kernel; then one that adds up the gradient and
 * updates, kernels/middle.cl.
 *
 * Queued where the loop's operations allow: the forward product at the dense_forward of the first
 * layer, middle_rows at output_delta, the product of the gradient at the dense_backward of the
 * first layer, middle_update at update.
 */
#ifndef WEFT_OPENCL_MIDDLE_H
#define WEFT_OPENCL_MIDDLE_H

#include "opencl/products.h"

struct middle; /* buffers; owned by a workspace */

/* The batch between the products; all borrowed. */
struct middle_batch {
    cl_mem z1, dz1; /* [rows][O] of the first layer: without its bias; its delta */
    cl_mem labels;  /* [rows] from labels_first */
    size_t labels_first;
    size_t rows;
    cl_mem outputs, dz;   /* [rows][C] of the last layer: z, its delta */
    cl_mem loss, correct; /* [rows] */
};

/* Whether a step of `network` can run so on the device: a hidden layer at least, no layer that
 * keeps z, all units of a panel in local memory, few parameters above the first layer. */
bool middle_takes(const struct opencl_device *device, const struct network *network);

/* Room for steps of `network`, borrowed, with up to `batch` samples. */
WEFT_MUST_CHECK enum weft_status middle_create(struct opencl_device *device,
                                               const struct network *network, size_t batch,
                                               struct middle **middle);
void middle_destroy(struct middle *middle);

/* Forward from z1, the losses, the deltas down to dz1, and the gradient in slices but for the first
 * layer's weights. */
WEFT_MUST_CHECK enum weft_status middle_rows(struct middle *middle,
                                             const struct middle_batch *batch, cl_mem parameters,
                                             const struct loss_rule *rule);

/* The first layer's weight gradient, still in slices where `product` is cut so: they stay in `room`
 * until middle_update. */
WEFT_MUST_CHECK enum weft_status middle_product(struct middle *middle,
                                                const struct product *product,
                                                struct product_room room);

/* gradient = the sum of the slices and the penalty's gradient, then the update where fused_updates;
 * without a rule the sum alone. */
WEFT_MUST_CHECK enum weft_status middle_update(struct middle *middle,
                                               const struct update_rule *rule, cl_mem gradient,
                                               cl_mem parameters);

/* As step_panels_download. */
WEFT_MUST_CHECK enum weft_status middle_download(struct middle *middle, enum tensor tensor,
                                                 size_t layer, size_t rows, float *values);

#endif
