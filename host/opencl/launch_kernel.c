/* Grids, and the launch of one kernel; see launch_kernel.h. */
#include "opencl/launch_kernel.h"

#include <math.h>

#include "base/memory.h"

/* On a CPU, a work-item's share has at least SHARE_VECTORS vectors, and there are at most
 * MAX_SHARES shares. */
enum { SHARE_VECTORS = 64, MAX_SHARES = 64 };

/* The two widths that grid_plane chooses from. */
enum { PLANE_WIDE = 256, PLANE_NARROW = 16 };

static size_t round_up(size_t n, size_t multiple)
{
    return size_divide_up(n, multiple) * multiple;
}

struct grid grid_line(const struct opencl_device *device, size_t n)
{
    return (struct grid){
        .dimensions = 1, .global = {round_up(n, device->group), 1}, .local = {device->group, 1}};
}

struct grid grid_elements(const struct opencl_device *device, size_t n)
{
    return (struct grid){
        .dimensions = 1, .global = {round_up(n, device->loop), 1}, .local = {device->loop, 1}};
}

struct grid grid_plane(const struct opencl_device *device, size_t columns, size_t rows)
{
    const size_t widest = size_min(device->loop, PLANE_WIDE);
    const size_t wide = columns >= widest ? widest : size_min(device->loop, PLANE_NARROW);
    const size_t high = device->loop / wide;
    return (struct grid){.dimensions = 2,
                         .global = {round_up(columns, wide), round_up(rows, high)},
                         .local = {wide, high}};
}

struct grid grid_threads(size_t columns, size_t rows)
{
    return (struct grid){.dimensions = 2, .global = {columns, rows}, .local = {1, 1}};
}

struct grid grid_lanes(const struct opencl_device *device, size_t n)
{
    const size_t vectors = size_divide_up(n, device->lanes);
    if (!opencl_is_cpu(device))
        return grid_line(device, vectors);
    return grid_threads(size_max(1, size_min(MAX_SHARES, vectors / SHARE_VECTORS)), 1);
}

struct grid grid_group(const struct opencl_device *device)
{
    return (struct grid){
        .dimensions = 1, .global = {device->group, 1}, .local = {device->group, 1}};
}

/* A work-item of a kernel that only moves numbers counts as this many operations. */
enum { ITEM_WORK = 64 };

size_t grid_part(const struct opencl_device *device, const struct grid *grid)
{
    const size_t groups = grid->global[1] / grid->local[1];
    const double least = (double)ITEM_WORK * (double)grid->global[0] * (double)grid->global[1];
    const double parts = fmax(grid->work, least) / device->most_work;
    const double height = fmax(floor((double)groups / fmax(parts, 1.0)), 1.0);
    return size_min((size_t)height, device->most_groups) * grid->local[1];
}

enum weft_status launch_kernel(struct opencl_device *device, enum kernel kernel, struct grid grid,
                               const struct kernel_argument *arguments, cl_uint count)
{
    cl_kernel object = NULL;
    TRY(kernel_call_take(device, kernel, arguments, count, &object));
    const size_t rows = grid.global[1], most = grid_part(device, &grid);
    for (size_t first = 0; first < rows; first += most) {
        const size_t offset[2] = {0, first};
        const size_t global[2] = {grid.global[0], size_min(most, rows - first)};
        TRY(opencl_check(device,
                         clEnqueueNDRangeKernel(device->queue, object, grid.dimensions,
                                                first > 0 ? offset : NULL, global, grid.local, 0,
                                                NULL, NULL),
                         kernel_name(kernel)));
    }
    return WEFT_OK;
}
