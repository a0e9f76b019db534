/* What every launcher is made of: grids, and the launch of one kernel with its arguments.
 *
 * A grid that is too high for the device is launched in parts, one below the other: in the second
 * dimension kernels go by get_global_id, never by their group's number, which begins anew. Nothing
 * here waits. Local sizes divide the global ones, because OpenCL 1.2 asks for it.
 */
#ifndef WEFT_OPENCL_LAUNCH_KERNEL_H
#define WEFT_OPENCL_LAUNCH_KERNEL_H

#include "opencl/kernel_call.h"

/* A work-item each of a grid. */
struct grid {
    cl_uint dimensions;
    size_t global[2], local[2];
};

/* n work-items in groups of the device's size: each has much to do. */
struct grid grid_line(const struct opencl_device *device, size_t n);

/* n work-items with an element each. A CPU runs a group of them as one loop, so there groups are
 * large. */
struct grid grid_elements(const struct opencl_device *device, size_t n);

/* (columns, rows) work-items with an element each: groups as wide as fits, so that neighbors read
 * neighbors, or 16 wide where the matrix is narrow. Two shapes and no more: CPUs compile a kernel
 * for each. */
struct grid grid_plane(const struct opencl_device *device, size_t columns, size_t rows);

/* (columns, rows) work-groups of one work-item: each is a thread's work. */
struct grid grid_threads(size_t columns, size_t rows);

/* Work-items for n numbers that are computed LANES (kernels/lanes.cl) at a time: threads have long
 * shares. */
struct grid grid_lanes(const struct opencl_device *device, size_t n);

/* One work-group. */
struct grid grid_group(const struct opencl_device *device);

/* Queues a kernel with these arguments. */
WEFT_MUST_CHECK enum weft_status launch_kernel(struct opencl_device *device, enum kernel kernel,
                                               struct grid grid,
                                               const struct kernel_argument *arguments,
                                               cl_uint count);

/* launch_kernel() with the arguments counted. */
#define LAUNCH(device, kernel, grid, arguments)                                                    \
    launch_kernel(device, kernel, grid, arguments,                                                 \
                  (cl_uint)(sizeof(arguments) / sizeof *(arguments)))

#endif
