/* Kernel objects, each with the arguments that it was last given.
 *
 * A step launches the same kernels with the same buffers again and again. So a kernel has an object
 * for each set of buffers it is launched with, up to 16, made at the first launch with them, and
 * later launches set those numbers alone that have changed, such as a batch's.
 */
#ifndef WEFT_OPENCL_KERNEL_CALL_H
#define WEFT_OPENCL_KERNEL_CALL_H

#include "opencl/opencl_device.h"

struct kernel_argument {
    size_t size;       /* at most ARGUMENT_BYTES, where there is a value */
    const void *value; /* NULL: local memory of `size` bytes */
    bool buffer;
};

/* Bytes of an argument at most, and arguments of a kernel. */
enum { ARGUMENT_BYTES = 8, MOST_ARGUMENTS = 24 };

/* An argument from a variable, or local memory of `bytes`. */
#define ARGUMENT(variable)                                                                         \
    {                                                                                              \
        sizeof(variable), &(variable), _Generic((variable), cl_mem : true, default : false)        \
    }
#define LOCAL(bytes)                                                                               \
    {                                                                                              \
        (bytes), NULL, false                                                                       \
    }

/* As in kernels/. */
const char *kernel_name(enum kernel kernel);

/* The first object of kernel `kernel`, for program_build. */
WEFT_MUST_CHECK enum weft_status kernel_call_create(struct opencl_device *device,
                                                    enum kernel kernel);

/* Work-items that a work-group of the kernel may have. */
WEFT_MUST_CHECK enum weft_status kernel_group_limit(const struct opencl_device *device,
                                                    enum kernel kernel, size_t *limit);

/* *object: a kernel with these `count` arguments, borrowed until the next call. */
WEFT_MUST_CHECK enum weft_status kernel_call_take(struct opencl_device *device, enum kernel kernel,
                                                  const struct kernel_argument *arguments,
                                                  cl_uint count, cl_kernel *object);

/* All objects of the kernel. */
void kernel_calls_release(struct opencl_device *device, enum kernel kernel);

#endif
