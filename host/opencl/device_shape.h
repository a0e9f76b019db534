/* The shape that Weft's kernels and their grids take on a device.
 *
 * The kind of the device decides: its type, and LANES of kernels/lanes.cl. A CPU under rusticl gets
 * the shape of a GPU. WEFT_DEVICE_SHAPE replaces what the driver says, so that a CPU runs what a
 * GPU would. It is for tests and tools/offline: a wrong shape computes the same results within the
 * same bounds, but slowly.
 *
 *     cpu, gpu           the type, with the lanes that Weft ships for it: 16 and 1
 *     cpu:4, gpu:16      the type, with 1, 4 or 16 lanes
 */
#ifndef WEFT_OPENCL_DEVICE_SHAPE_H
#define WEFT_OPENCL_DEVICE_SHAPE_H

#include "opencl/opencl_device.h"

/* Chooses device->lanes for device->type, and replaces both where the platform or WEFT_DEVICE_SHAPE
 * asks for it. Returns WEFT_ERROR_USAGE for a shape that does not exist. */
WEFT_MUST_CHECK enum weft_status device_shape_choose(struct opencl_device *device);

/* The value of WEFT_DEVICE_SHAPE, or "". */
const char *device_shape_name(void);

/* The options with which the kernels are built for these lanes. */
const char *device_shape_build_options(size_t lanes);

#endif
