/* Kernel objects, each with the arguments that were last set.
 *
 * Training steps launch the same kernels with the same buffers again and again. A kernel therefore
 * has one object for each set of buffers, up to 16. The first launch with a set creates its object.
 * Later launches set only the arguments that changed, such as the offsets of a batch.
 */
#ifndef WEFT_OPENCL_KERNEL_CALL_H
#define WEFT_OPENCL_KERNEL_CALL_H

#include "opencl/opencl_device.h"

struct kernel_argument {
    size_t size;       /* at most ARGUMENT_BYTES, unless it is local memory */
    const void *value; /* NULL: local memory of `size` bytes */
    bool buffer;
};

/* The most bytes in an argument, and the most arguments of a kernel. */
enum { ARGUMENT_BYTES = 8, MOST_ARGUMENTS = 26 };

/* An argument taken from a variable, and an argument of `bytes` bytes of local memory. */
#define ARGUMENT(variable)                                                                         \
    {                                                                                              \
        sizeof(variable), &(variable), _Generic((variable), cl_mem : true, default : false)        \
    }
#define LOCAL(bytes)                                                                               \
    {                                                                                              \
        (bytes), NULL, false                                                                       \
    }

/* The name of the kernel in kernels/. */
const char *kernel_name(enum kernel kernel);

/* Creates an object of the kernel. program_build calls it to create the first one. */
WEFT_MUST_CHECK enum weft_status kernel_call_create(struct opencl_device *device,
                                                    enum kernel kernel);

/* Gets the most work-items that a work-group of the kernel may have. */
WEFT_MUST_CHECK enum weft_status kernel_group_limit(const struct opencl_device *device,
                                                    enum kernel kernel, size_t *limit);

/* Sets *object to a kernel object with these `count` arguments. The object is borrowed until the
 * next call. */
WEFT_MUST_CHECK enum weft_status kernel_call_take(struct opencl_device *device, enum kernel kernel,
                                                  const struct kernel_argument *arguments,
                                                  cl_uint count, cl_kernel *object);

/* Releases all objects of the kernel. */
void kernel_calls_release(struct opencl_device *device, enum kernel kernel);

#endif
