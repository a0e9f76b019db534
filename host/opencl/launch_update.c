/* The launchers of kernels/update.cl and of the gradient norm; see launch.h. */
#include "opencl/launch.h"
#include "opencl/launch_kernel.h"

/* The number of shares of clip_shares. Each share has two sums, and all of them must fit into
 * launch_partial_size. */
enum { CLIP_SHARES = 1024 };

static enum weft_status launch_sgd_update(struct opencl_device *device,
                                          const struct update_buffers *buffers,
                                          const struct update_rule *rule)
{
    const cl_ulong count = buffers->n;
    const struct kernel_argument arguments[] = {ARGUMENT(buffers->w), ARGUMENT(buffers->dw),
                                                ARGUMENT(buffers->clip), ARGUMENT(count),
                                                ARGUMENT(rule->learning_rate)};
    return LAUNCH(device, KERNEL_SGD_UPDATE, grid_elements(device, buffers->n), arguments);
}

static enum weft_status launch_momentum_update(struct opencl_device *device,
                                               const struct update_buffers *buffers,
                                               const struct update_rule *rule)
{
    const cl_ulong count = buffers->n;
    const cl_uint nesterov = rule->optimizer == WEFT_OPTIMIZER_NESTEROV;
    const struct kernel_argument arguments[] = {
        ARGUMENT(buffers->w),     ARGUMENT(buffers->dw), ARGUMENT(buffers->state[0]),
        ARGUMENT(buffers->clip),  ARGUMENT(count),       ARGUMENT(rule->learning_rate),
        ARGUMENT(rule->momentum), ARGUMENT(nesterov)};
    return LAUNCH(device, KERNEL_MOMENTUM_UPDATE, grid_elements(device, buffers->n), arguments);
}

static enum weft_status launch_rmsprop_update(struct opencl_device *device,
                                              const struct update_buffers *buffers,
                                              const struct update_rule *rule)
{
    const cl_ulong count = buffers->n;
    const struct kernel_argument arguments[] = {
        ARGUMENT(buffers->w),    ARGUMENT(buffers->dw), ARGUMENT(buffers->state[0]),
        ARGUMENT(buffers->clip), ARGUMENT(count),       ARGUMENT(rule->learning_rate),
        ARGUMENT(rule->beta2),   ARGUMENT(rule->gain2), ARGUMENT(rule->epsilon)};
    return LAUNCH(device, KERNEL_RMSPROP_UPDATE, grid_lanes(device, buffers->n), arguments);
}

static enum weft_status launch_adam_update(struct opencl_device *device,
                                           const struct update_buffers *buffers,
                                           const struct update_rule *rule)
{
    const cl_ulong count = buffers->n, weights = buffers->weights;
    const struct kernel_argument arguments[] = {
        ARGUMENT(buffers->w),        ARGUMENT(buffers->dw),   ARGUMENT(buffers->state[0]),
        ARGUMENT(buffers->state[1]), ARGUMENT(buffers->clip), ARGUMENT(count),
        ARGUMENT(weights),           ARGUMENT(rule->beta1),   ARGUMENT(rule->gain1),
        ARGUMENT(rule->beta2),       ARGUMENT(rule->gain2),   ARGUMENT(rule->epsilon),
        ARGUMENT(rule->step),        ARGUMENT(rule->root),    ARGUMENT(rule->decay_factor)};
    return LAUNCH(device, KERNEL_ADAM_UPDATE, grid_lanes(device, buffers->n), arguments);
}

enum weft_status launch_update(struct opencl_device *device, const struct update_buffers *buffers,
                               const struct update_rule *rule)
{
    switch (rule->optimizer) {
    case WEFT_OPTIMIZER_SGD:
        return launch_sgd_update(device, buffers, rule);
    case WEFT_OPTIMIZER_MOMENTUM:
    case WEFT_OPTIMIZER_NESTEROV:
        return launch_momentum_update(device, buffers, rule);
    case WEFT_OPTIMIZER_RMSPROP:
        return launch_rmsprop_update(device, buffers, rule);
    case WEFT_OPTIMIZER_ADAM:
    case WEFT_OPTIMIZER_ADAMW:
        return launch_adam_update(device, buffers, rule);
    }
    return fail(WEFT_ERROR_INTERNAL, "optimizer %d: unknown", (int)rule->optimizer);
}

enum weft_status launch_clip_factor(struct opencl_device *device, cl_mem dw, size_t n,
                                    cl_mem partial, float limit, cl_mem clip)
{
    const cl_ulong count = n;
    const cl_uint shares = CLIP_SHARES;
    const struct kernel_argument first[] = {ARGUMENT(dw), ARGUMENT(count), ARGUMENT(shares),
                                            ARGUMENT(partial)};
    TRY(LAUNCH(device, KERNEL_CLIP_SHARES, grid_line(device, CLIP_SHARES), first));
    const struct kernel_argument second[] = {ARGUMENT(partial), ARGUMENT(shares), ARGUMENT(limit),
                                             ARGUMENT(clip),
                                             LOCAL(2 * device->group * sizeof(cl_float))};
    return LAUNCH(device, KERNEL_CLIP_FACTOR, grid_group(device), second);
}

enum weft_status launch_average_update(struct opencl_device *device, cl_mem w, cl_mem average,
                                       size_t n, float gain)
{
    const cl_ulong count = n;
    const struct kernel_argument arguments[] = {ARGUMENT(w), ARGUMENT(average), ARGUMENT(count),
                                                ARGUMENT(gain)};
    return LAUNCH(device, KERNEL_AVERAGE_UPDATE, grid_elements(device, n), arguments);
}
