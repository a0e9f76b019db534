/* The launchers of dense targets, see launch.h. */
#include "opencl/launch.h"
#include "opencl/launch_kernel.h"

enum weft_status launch_label_targets(struct opencl_device *device,
                                      const struct target_buffers *targets)
{
    const cl_ulong first = targets->labels_first;
    const cl_uint rows = (cl_uint)targets->rows, columns = (cl_uint)targets->columns;
    const struct kernel_argument arguments[] = {ARGUMENT(targets->labels),
                                                ARGUMENT(first),
                                                ARGUMENT(targets->class_weight),
                                                ARGUMENT(rows),
                                                ARGUMENT(columns),
                                                ARGUMENT(targets->keep),
                                                ARGUMENT(targets->spread),
                                                ARGUMENT(targets->y),
                                                ARGUMENT(targets->weight)};
    return LAUNCH(device, KERNEL_LABEL_TARGETS, grid_plane(device, targets->columns, targets->rows),
                  arguments);
}

enum weft_status launch_gather_targets(struct opencl_device *device,
                                       const struct target_buffers *targets)
{
    const cl_ulong first = targets->order_first;
    const cl_uint count = (cl_uint)targets->count, rows = (cl_uint)targets->rows;
    const cl_uint columns = (cl_uint)targets->columns;
    const struct kernel_argument arguments[] = {ARGUMENT(targets->targets),
                                                ARGUMENT(targets->order),
                                                ARGUMENT(first),
                                                ARGUMENT(count),
                                                ARGUMENT(rows),
                                                ARGUMENT(columns),
                                                ARGUMENT(targets->keep),
                                                ARGUMENT(targets->spread),
                                                ARGUMENT(targets->y),
                                                ARGUMENT(targets->weight)};
    return LAUNCH(device, KERNEL_GATHER_TARGETS,
                  grid_plane(device, targets->columns, targets->rows), arguments);
}

enum weft_status launch_softmax_cross_entropy_targets(struct opencl_device *device,
                                                      const struct target_loss *loss)
{
    const cl_uint rows = (cl_uint)loss->rows, columns = (cl_uint)loss->columns;
    const struct kernel_argument arguments[] = {
        ARGUMENT(loss->z),  ARGUMENT(loss->y),    ARGUMENT(loss->weight),
        ARGUMENT(rows),     ARGUMENT(columns),    ARGUMENT(loss->delta_factor),
        ARGUMENT(loss->dz), ARGUMENT(loss->loss), ARGUMENT(loss->correct)};
    return LAUNCH(device, KERNEL_SOFTMAX_CROSS_ENTROPY_TARGETS, grid_line(device, loss->rows),
                  arguments);
}

/* The losses of which every output may be judged by itself. */
static enum weft_status launch_loss(struct opencl_device *device, enum kernel kernel,
                                    const struct target_loss *loss)
{
    const cl_uint rows = (cl_uint)loss->rows, columns = (cl_uint)loss->columns;
    const cl_uint each = loss->each;
    const struct kernel_argument arguments[] = {
        ARGUMENT(loss->z),      ARGUMENT(loss->y),  ARGUMENT(loss->weight),
        ARGUMENT(rows),         ARGUMENT(columns),  ARGUMENT(loss->delta_factor),
        ARGUMENT(each),         ARGUMENT(loss->dz), ARGUMENT(loss->loss),
        ARGUMENT(loss->correct)};
    return LAUNCH(device, kernel, grid_line(device, loss->rows), arguments);
}

enum weft_status launch_sigmoid_cross_entropy_targets(struct opencl_device *device,
                                                      const struct target_loss *loss)
{
    return launch_loss(device, KERNEL_SIGMOID_CROSS_ENTROPY_TARGETS, loss);
}

enum weft_status launch_identity_squared_error_targets(struct opencl_device *device,
                                                       const struct target_loss *loss)
{
    return launch_loss(device, KERNEL_IDENTITY_SQUARED_ERROR_TARGETS, loss);
}
