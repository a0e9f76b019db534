/* The plans of a training step: the ways in which it can run on an OpenCL device.
 *
 * by operation   each layer is a matrix product and element-wise kernels (step_by_operation.c);
 *                the only plan for evaluation, for batch norm and for large networks
 * fused          a small network in three kernels, for CPUs (step_fused.c, kernels/step.cl)
 * middle         a small network on GPUs: the products of the first layer, and one kernel for
 *                everything between them (step_middle.c, kernels/middle.cl)
 *
 * The plans fused and middle take any head, targets, sample weights, activations and dropout.
 * A plan is a table of functions. step_plan.c alone chooses, when a workspace is created. The plans
 * fused and middle delay work: they queue the forward pass in output_delta, and the gradients in
 * dense_backward of layer 0.
 */
#ifndef WEFT_OPENCL_STEP_PLAN_H
#define WEFT_OPENCL_STEP_PLAN_H

#include "opencl/opencl_device.h"

struct step_plan {
    enum step_rule rule;
    const char *name; /* in messages and records; NULL if no other plan can replace this one */

    /* Whether steps of this kind can run on the device. */
    bool (*takes)(const struct opencl_device *device, const struct workspace_plan *plan);

    /* The number of layers, counted from the input, that run matrix products of their own. */
    size_t (*product_layers)(const struct network *network);

    /* Allocates the matrices of the layers, and everything else that only this plan needs. */
    enum weft_status (*create)(struct workspace *workspace);

    /* The operations of the same names in backend.h. */
    enum weft_status (*dense_forward)(struct workspace *workspace, size_t layer);
    enum weft_status (*dense_backward)(struct workspace *workspace, size_t layer);

    /* Computes the loss, the correct flag and the delta of each row. */
    enum weft_status (*row_losses)(struct workspace *workspace, const struct loss_rule *rule);

    /* Completes the gradient and adds the gradient of the penalty. It may also update the
     * parameters; `*updated` tells whether it did. Without a rule, it only completes the
     * gradient. */
    enum weft_status (*gradient_complete)(struct workspace *workspace,
                                          const struct update_rule *rule, bool *updated);
};

extern const struct step_plan step_by_operation, step_fused, step_middle;

/* Returns the plan for the steps of a workspace. Under `auto`, tuned rules decide first. By
 * default, CPUs use the fused plan and other devices the middle plan, unless CLBlast is requested.
 * If the device or the network does not allow it, or if it computed wrong results, steps run by
 * operation. */
const struct step_plan *step_plan_choose(const struct opencl_device *device,
                                         const struct workspace_plan *plan);

/* Returns the plan with this rule, which is not STEP_SHIPPED. */
const struct step_plan *step_plan_of(enum step_rule rule);

/* The operations step_product_layers and step_choices of backend.h. */
size_t step_plan_product_layers(const struct weft_device *device,
                                const struct workspace_plan *plan);
void step_plan_choices(struct weft_device *device, const struct workspace_plan *plan,
                       struct step_choices *choices);

#endif
