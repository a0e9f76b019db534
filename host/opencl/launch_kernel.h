/* What every launcher uses: grids, and the launch of one kernel with its arguments. Nothing here
 * waits.
 *
 * A grid that is too high for the device, or that has too much work for one launch, is launched in
 * parts, one below the other. A row of groups is the smallest part. In the second dimension,
 * kernels therefore use get_global_id. They never use the number of their group, because it
 * restarts at 0 in each part. Local sizes divide global sizes, because OpenCL 1.2 requires it.
 */
#ifndef WEFT_OPENCL_LAUNCH_KERNEL_H
#define WEFT_OPENCL_LAUNCH_KERNEL_H

#include "opencl/kernel_call.h"

/* The global and local sizes of a launch. */
struct grid {
    cl_uint dimensions;
    size_t global[2], local[2];
    double work; /* operations of all work-items; 0: a few of each */
};

/* n work-items in groups of device->group. Each work-item has much to do. */
struct grid grid_line(const struct opencl_device *device, size_t n);

/* n work-items with one element each. A CPU runs a group as one loop, so groups are large there. */
struct grid grid_elements(const struct opencl_device *device, size_t n);

/* (columns, rows) work-items with one element each. Groups are wide, so that neighboring
 * work-items read neighboring elements; for narrow matrices they are 16 wide. There are only two
 * shapes, because CPUs compile a kernel for each. */
struct grid grid_plane(const struct opencl_device *device, size_t columns, size_t rows);

/* (columns, rows) work-groups of one work-item. Each is the work of one thread. */
struct grid grid_threads(size_t columns, size_t rows);

/* Work-items for n numbers, processed device->lanes at a time. On CPUs, threads have
 * long shares. */
struct grid grid_lanes(const struct opencl_device *device, size_t n);

/* One work-group. */
struct grid grid_group(const struct opencl_device *device);

/* Returns the height of a part of the grid, in work-items. */
size_t grid_part(const struct opencl_device *device, const struct grid *grid);

/* Queues a kernel with `count` arguments. */
WEFT_MUST_CHECK enum weft_status launch_kernel(struct opencl_device *device, enum kernel kernel,
                                               struct grid grid,
                                               const struct kernel_argument *arguments,
                                               cl_uint count);

/* Calls launch_kernel() and counts the arguments. */
#define LAUNCH(device, kernel, grid, arguments)                                                    \
    launch_kernel(device, kernel, grid, arguments,                                                 \
                  (cl_uint)(sizeof(arguments) / sizeof *(arguments)))

#endif
