/* The launchers of targets, probabilities and losses; see launch.h. */
#include "base/memory.h"
#include "opencl/launch.h"
#include "opencl/launch_kernel.h"

/* On a GPU, several work-items share a row: ROW_ITEMS of them, or for long rows a whole work-group.
 * There are only two shapes, because PoCL compiles a kernel for each. With the vectors of CPUs,
 * in small work-groups, and for a row of a single column, a work-item has a row of its own. */
enum { ROW_ITEMS = 16 };

static size_t row_items(const struct opencl_device *device, size_t columns)
{
    if (device->lanes == MOST_LANES || device->group < ROW_ITEMS || columns == 1)
        return 1;
    return columns <= ROW_ITEMS ? ROW_ITEMS : device->group;
}

/* Queues `alone`, with a work-item for each row, or `shared`, whose work-items share rows. The last
 * two of the `count` arguments are local memory, for `shared` alone. */
static enum weft_status launch_rows(struct opencl_device *device, enum kernel alone,
                                    enum kernel shared, size_t rows, size_t columns,
                                    const struct kernel_argument *arguments, size_t count)
{
    const size_t items = row_items(device, columns), high = device->group / items;
    const struct grid grid = {.dimensions = 2,
                              .global = {items, size_divide_up(rows, high) * high},
                              .local = {items, high}};
    if (items == 1)
        return launch_kernel(device, alone, grid_line(device, rows), arguments,
                             (cl_uint)(count - 2));
    return launch_kernel(device, shared, grid, arguments, (cl_uint)count);
}

/* The local memory of a kernel of losses_group.cl: a number and a place for each work-item. */
#define ROW_LOCAL(device)                                                                          \
    LOCAL((device)->group * sizeof(cl_float)), LOCAL((device)->group * sizeof(cl_uint))

#define LAUNCH_ROWS(device, kernel, rows, columns, arguments)                                      \
    launch_rows(device, kernel, kernel##_GROUP, rows, columns, arguments,                          \
                sizeof(arguments) / sizeof *(arguments))

enum weft_status launch_label_targets(struct opencl_device *device,
                                      const struct target_buffers *targets)
{
    const cl_ulong labels_first = targets->labels_first, order_first = targets->order_first;
    const cl_uint rows = (cl_uint)targets->rows, columns = (cl_uint)targets->columns;
    const struct kernel_argument arguments[] = {
        ARGUMENT(targets->labels), ARGUMENT(labels_first),   ARGUMENT(targets->weights),
        ARGUMENT(targets->order),  ARGUMENT(order_first),    ARGUMENT(rows),
        ARGUMENT(columns),         ARGUMENT(targets->share), ARGUMENT(targets->spread),
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
                                                ARGUMENT(targets->share),
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
                                                ARGUMENT(column_count), ROW_LOCAL(device)};
    return LAUNCH_ROWS(device, KERNEL_SOFTMAX_ROWS, rows, columns, arguments);
}

enum weft_status launch_softmax_cross_entropy(struct opencl_device *device,
                                              const struct loss_buffers *loss)
{
    const cl_uint rows = (cl_uint)loss->rows, columns = (cl_uint)loss->columns;
    const struct kernel_argument arguments[] = {
        ARGUMENT(loss->z),  ARGUMENT(loss->y),    ARGUMENT(loss->weight),
        ARGUMENT(rows),     ARGUMENT(columns),    ARGUMENT(loss->delta_factor),
        ARGUMENT(loss->dz), ARGUMENT(loss->loss), ARGUMENT(loss->correct),
        ROW_LOCAL(device)};
    return LAUNCH_ROWS(device, KERNEL_SOFTMAX_CROSS_ENTROPY, loss->rows, loss->columns, arguments);
}

enum weft_status launch_sigmoid_cross_entropy(struct opencl_device *device,
                                              const struct loss_buffers *loss)
{
    const cl_uint rows = (cl_uint)loss->rows, columns = (cl_uint)loss->columns;
    const cl_uint each = loss->each, only = loss->true_class_only;
    const struct kernel_argument arguments[] = {
        ARGUMENT(loss->z),    ARGUMENT(loss->y),       ARGUMENT(loss->weight),
        ARGUMENT(rows),       ARGUMENT(columns),       ARGUMENT(loss->delta_factor),
        ARGUMENT(each),       ARGUMENT(only),          ARGUMENT(loss->dz),
        ARGUMENT(loss->loss), ARGUMENT(loss->correct), ROW_LOCAL(device)};
    return LAUNCH_ROWS(device, KERNEL_SIGMOID_CROSS_ENTROPY, loss->rows, loss->columns, arguments);
}

enum weft_status launch_identity_squared_error(struct opencl_device *device,
                                               const struct loss_buffers *loss)
{
    const cl_uint rows = (cl_uint)loss->rows, columns = (cl_uint)loss->columns;
    const cl_uint each = loss->each;
    const struct kernel_argument arguments[] = {
        ARGUMENT(loss->z),       ARGUMENT(loss->y),  ARGUMENT(loss->weight),
        ARGUMENT(rows),          ARGUMENT(columns),  ARGUMENT(loss->delta_factor),
        ARGUMENT(each),          ARGUMENT(loss->dz), ARGUMENT(loss->loss),
        ARGUMENT(loss->correct), ROW_LOCAL(device)};
    return LAUNCH_ROWS(device, KERNEL_IDENTITY_SQUARED_ERROR, loss->rows, loss->columns, arguments);
}
