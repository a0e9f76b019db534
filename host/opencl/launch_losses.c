/* The launchers of targets, probabilities and losses; see launch.h. */
#include "opencl/launch.h"
#include "opencl/launch_kernel.h"

enum weft_status launch_label_targets(struct opencl_device *device,
                                      const struct target_buffers *targets)
{
    const cl_ulong labels_first = targets->labels_first, order_first = targets->order_first;
    const cl_uint rows = (cl_uint)targets->rows, columns = (cl_uint)targets->columns;
    const struct kernel_argument arguments[] = {
        ARGUMENT(targets->labels), ARGUMENT(labels_first),   ARGUMENT(targets->weights),
        ARGUMENT(targets->order),  ARGUMENT(order_first),    ARGUMENT(rows),
        ARGUMENT(columns),         ARGUMENT(targets->keep),  ARGUMENT(targets->spread),
        ARGUMENT(targets->y),      ARGUMENT(targets->weight)};
    return LAUNCH(device, KERNEL_LABEL_TARGETS, grid_plane(device, targets->columns, targets->rows),
                  arguments);
}

enum weft_status launch_gather_targets(struct opencl_device *device,
                                       const struct target_buffers *targets)
{
    const cl_ulong order_first = targets->order_first;
    const cl_uint rows = (cl_uint)targets->rows, columns = (cl_uint)targets->columns;
    const struct kernel_argument arguments[] = {ARGUMENT(targets->targets),
                                                ARGUMENT(targets->weights),
                                                ARGUMENT(targets->order),
                                                ARGUMENT(order_first),
                                                ARGUMENT(rows),
                                                ARGUMENT(columns),
                                                ARGUMENT(targets->keep),
                                                ARGUMENT(targets->spread),
                                                ARGUMENT(targets->y),
                                                ARGUMENT(targets->weight)};
    return LAUNCH(device, KERNEL_GATHER_TARGETS,
                  grid_plane(device, targets->columns, targets->rows), arguments);
}

enum weft_status launch_softmax_rows(struct opencl_device *device, cl_mem z, cl_mem p, size_t rows,
                                     size_t columns)
{
    const cl_uint row_count = (cl_uint)rows, column_count = (cl_uint)columns;
    const struct kernel_argument arguments[] = {ARGUMENT(z), ARGUMENT(p), ARGUMENT(row_count),
                                                ARGUMENT(column_count)};
    return LAUNCH(device, KERNEL_SOFTMAX_ROWS, grid_line(device, rows), arguments);
}

enum weft_status launch_softmax_cross_entropy(struct opencl_device *device,
                                              const struct loss_buffers *loss)
{
    const cl_uint rows = (cl_uint)loss->rows, columns = (cl_uint)loss->columns;
    const struct kernel_argument arguments[] = {
        ARGUMENT(loss->z),  ARGUMENT(loss->y),    ARGUMENT(loss->weight),
        ARGUMENT(rows),     ARGUMENT(columns),    ARGUMENT(loss->delta_factor),
        ARGUMENT(loss->dz), ARGUMENT(loss->loss), ARGUMENT(loss->correct)};
    return LAUNCH(device, KERNEL_SOFTMAX_CROSS_ENTROPY, grid_line(device, loss->rows), arguments);
}

enum weft_status launch_sigmoid_cross_entropy(struct opencl_device *device,
                                              const struct loss_buffers *loss)
{
    const cl_uint rows = (cl_uint)loss->rows, columns = (cl_uint)loss->columns;
    const cl_uint each = loss->each, only = loss->true_class_only;
    const struct kernel_argument arguments[] = {
        ARGUMENT(loss->z),    ARGUMENT(loss->y),      ARGUMENT(loss->weight),
        ARGUMENT(rows),       ARGUMENT(columns),      ARGUMENT(loss->delta_factor),
        ARGUMENT(each),       ARGUMENT(only),         ARGUMENT(loss->dz),
        ARGUMENT(loss->loss), ARGUMENT(loss->correct)};
    return LAUNCH(device, KERNEL_SIGMOID_CROSS_ENTROPY, grid_line(device, loss->rows), arguments);
}

enum weft_status launch_identity_squared_error(struct opencl_device *device,
                                               const struct loss_buffers *loss)
{
    const cl_uint rows = (cl_uint)loss->rows, columns = (cl_uint)loss->columns;
    const cl_uint each = loss->each;
    const struct kernel_argument arguments[] = {
        ARGUMENT(loss->z),      ARGUMENT(loss->y),  ARGUMENT(loss->weight),
        ARGUMENT(rows),         ARGUMENT(columns),  ARGUMENT(loss->delta_factor),
        ARGUMENT(each),         ARGUMENT(loss->dz), ARGUMENT(loss->loss),
        ARGUMENT(loss->correct)};
    return LAUNCH(device, KERNEL_IDENTITY_SQUARED_ERROR, grid_line(device, loss->rows), arguments);
}
