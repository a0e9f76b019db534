/* The launchers of batch normalization; see launch.h. */
#include "backend/primitive.h"
#include "base/memory.h"
#include "opencl/launch.h"
#include "opencl/launch_kernel.h"

/* On a CPU, the vectors in a work-item's share of a slice. */
enum { SHARE_VECTORS = 16 };

/* How the rows of a matrix are sliced. Two sums per slice fit into launch_partial_size. */
struct slices {
    cl_uint rows, columns, height, count;
};

static struct slices slices_of(const struct norm_buffers *norm)
{
    const size_t height = norm_slice_rows(norm->rows);
    return (struct slices){.rows = (cl_uint)norm->rows,
                           .columns = (cl_uint)norm->columns,
                           .height = (cl_uint)height,
                           .count = (cl_uint)(size_divide_up(norm->rows, height))};
}

/* Work-items that share the vectors of each slice. On CPUs, threads have long shares. */
static struct grid grid_slices(const struct opencl_device *device, const struct slices *slices)
{
    const size_t vectors = size_divide_up(slices->columns, device->lanes);
    if (!opencl_is_cpu(device))
        return grid_plane(device, vectors, slices->count);
    return grid_threads(size_divide_up(vectors, SHARE_VECTORS), slices->count);
}

enum weft_status launch_norm_statistics(struct opencl_device *device,
                                        const struct norm_buffers *norm)
{
    const struct slices slices = slices_of(norm);
    const cl_ulong mean_first = norm->mean.first, variance_first = norm->variance.first;
    const struct kernel_argument first[] = {ARGUMENT(norm->q),        ARGUMENT(slices.rows),
                                            ARGUMENT(slices.columns), ARGUMENT(slices.height),
                                            ARGUMENT(slices.count),   ARGUMENT(norm->partial)};
    TRY(LAUNCH(device, KERNEL_NORM_STATISTICS_SLICES, grid_slices(device, &slices), first));
    const struct kernel_argument second[] = {
        ARGUMENT(norm->partial),     ARGUMENT(norm->q),     ARGUMENT(slices.height),
        ARGUMENT(slices.count),      ARGUMENT(slices.rows), ARGUMENT(slices.columns),
        ARGUMENT(norm->mean.buffer), ARGUMENT(mean_first),  ARGUMENT(norm->variance.buffer),
        ARGUMENT(variance_first)};
    return LAUNCH(device, KERNEL_NORM_STATISTICS, grid_line(device, norm->columns), second);
}

enum weft_status launch_norm_forward(struct opencl_device *device, const struct norm_buffers *norm)
{
    const struct slices slices = slices_of(norm);
    const cl_ulong mean_first = norm->mean.first, variance_first = norm->variance.first;
    const cl_ulong scale_first = norm->scale.first, shift_first = norm->shift.first;
    const struct kernel_argument arguments[] = {
        ARGUMENT(norm->q),        ARGUMENT(norm->mean.buffer),
        ARGUMENT(mean_first),     ARGUMENT(norm->variance.buffer),
        ARGUMENT(variance_first), ARGUMENT(norm->scale.buffer),
        ARGUMENT(scale_first),    ARGUMENT(norm->shift.buffer),
        ARGUMENT(shift_first),    ARGUMENT(slices.rows),
        ARGUMENT(slices.columns), ARGUMENT(slices.height),
        ARGUMENT(slices.count),   ARGUMENT(norm->u)};
    return LAUNCH(device, KERNEL_NORM_FORWARD, grid_slices(device, &slices), arguments);
}

enum weft_status launch_norm_gradient(struct opencl_device *device, const struct norm_buffers *norm)
{
    const struct slices slices = slices_of(norm);
    const cl_ulong mean_first = norm->mean.first, variance_first = norm->variance.first;
    const cl_ulong dscale_first = norm->dscale.first, dshift_first = norm->dshift.first;
    const struct kernel_argument first[] = {
        ARGUMENT(norm->q),       ARGUMENT(norm->u),      ARGUMENT(norm->mean.buffer),
        ARGUMENT(mean_first),    ARGUMENT(slices.rows),  ARGUMENT(slices.columns),
        ARGUMENT(slices.height), ARGUMENT(slices.count), ARGUMENT(norm->partial)};
    TRY(LAUNCH(device, KERNEL_NORM_GRADIENT_SLICES, grid_slices(device, &slices), first));
    const struct kernel_argument second[] = {
        ARGUMENT(norm->partial), ARGUMENT(norm->variance.buffer), ARGUMENT(variance_first),
        ARGUMENT(slices.count),  ARGUMENT(slices.columns),        ARGUMENT(norm->dscale.buffer),
        ARGUMENT(dscale_first),  ARGUMENT(norm->dshift.buffer),   ARGUMENT(dshift_first)};
    return LAUNCH(device, KERNEL_NORM_GRADIENT, grid_line(device, norm->columns), second);
}

enum weft_status launch_norm_backward(struct opencl_device *device, const struct norm_buffers *norm)
{
    const struct slices slices = slices_of(norm);
    const cl_ulong mean_first = norm->mean.first, variance_first = norm->variance.first;
    const cl_ulong scale_first = norm->scale.first, dscale_first = norm->dscale.first;
    const cl_ulong dshift_first = norm->dshift.first;
    const cl_uint samples = (cl_uint)norm->samples;
    const struct kernel_argument arguments[] = {
        ARGUMENT(norm->q),        ARGUMENT(norm->mean.buffer),
        ARGUMENT(mean_first),     ARGUMENT(norm->variance.buffer),
        ARGUMENT(variance_first), ARGUMENT(norm->scale.buffer),
        ARGUMENT(scale_first),    ARGUMENT(norm->dscale.buffer),
        ARGUMENT(dscale_first),   ARGUMENT(norm->dshift.buffer),
        ARGUMENT(dshift_first),   ARGUMENT(samples),
        ARGUMENT(slices.rows),    ARGUMENT(slices.columns),
        ARGUMENT(slices.height),  ARGUMENT(slices.count),
        ARGUMENT(norm->u)};
    return LAUNCH(device, KERNEL_NORM_BACKWARD, grid_slices(device, &slices), arguments);
}

enum weft_status launch_norm_running(struct opencl_device *device, const struct norm_buffers *norm,
                                     float momentum, float unbiased)
{
    const cl_uint columns = (cl_uint)norm->columns;
    const cl_ulong mean_first = norm->mean.first, variance_first = norm->variance.first;
    const cl_ulong running_mean_first = norm->running_mean.first;
    const cl_ulong running_variance_first = norm->running_variance.first;
    const struct kernel_argument arguments[] = {ARGUMENT(norm->mean.buffer),
                                                ARGUMENT(mean_first),
                                                ARGUMENT(norm->variance.buffer),
                                                ARGUMENT(variance_first),
                                                ARGUMENT(columns),
                                                ARGUMENT(momentum),
                                                ARGUMENT(unbiased),
                                                ARGUMENT(norm->running_mean.buffer),
                                                ARGUMENT(running_mean_first),
                                                ARGUMENT(norm->running_variance.buffer),
                                                ARGUMENT(running_variance_first)};
    return LAUNCH(device, KERNEL_NORM_RUNNING, grid_line(device, norm->columns), arguments);
}
