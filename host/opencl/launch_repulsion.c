/* The launcher of the repulsion between the points of an embedding; see launch.h. */
#include "backend/primitive.h"
#include "base/memory.h"
#include "opencl/launch.h"
#include "opencl/launch_kernel.h"

/* On a CPU, the vectors of points in a work-item's share of a slice. */
enum { SHARE_VECTORS = 4 };

/* Operations for each pair of points, with half a division. */
#define PAIR_WORK 20.0

/* Sums for each point and slice: two of force, one of z. */
enum { SUMS = 3 };

static size_t slice_count(size_t n)
{
    return size_divide_up(n, repulsion_slice_points(n));
}

size_t launch_repulsion_partial(size_t n)
{
    return SUMS * slice_count(n) * n;
}

/* Work-items that share the vectors of points for each slice. */
static struct grid grid_points(const struct opencl_device *device, size_t n)
{
    const size_t vectors = size_divide_up(n, device->lanes);
    if (!opencl_is_cpu(device))
        return grid_plane(device, vectors, slice_count(n));
    return grid_threads(size_divide_up(vectors, SHARE_VECTORS), slice_count(n));
}

enum weft_status launch_repulsion(struct opencl_device *device, cl_mem y, size_t n, cl_mem partial,
                                  cl_mem force, cl_mem z)
{
    const cl_uint points = (cl_uint)n, slices = (cl_uint)slice_count(n);
    const cl_uint slice_points = (cl_uint)repulsion_slice_points(n);
    const struct kernel_argument first[] = {ARGUMENT(y), ARGUMENT(points), ARGUMENT(slice_points),
                                            ARGUMENT(slices), ARGUMENT(partial)};
    struct grid grid = grid_points(device, n);
    grid.work = PAIR_WORK * (double)n * (double)n;
    TRY(LAUNCH(device, KERNEL_REPULSION_SLICES, grid, first));
    const struct kernel_argument second[] = {ARGUMENT(partial), ARGUMENT(slices), ARGUMENT(points),
                                             ARGUMENT(force), ARGUMENT(z)};
    return LAUNCH(device, KERNEL_REPULSION, grid_line(device, n), second);
}
