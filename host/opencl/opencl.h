/* The OpenCL backend: access to every OpenCL device of this machine. */
#ifndef WEFT_OPENCL_OPENCL_H
#define WEFT_OPENCL_OPENCL_H

#include "backend/backend.h"

/* Counts the OpenCL devices of all platforms. The count is 0 if there is no platform. */
WEFT_MUST_CHECK enum weft_status opencl_device_count(size_t *count);

/* Describes the device with this index. Returns WEFT_ERROR_NO_DEVICE if there is none. */
WEFT_MUST_CHECK enum weft_status opencl_device_describe(size_t index,
                                                        struct weft_device_info *info);

/* Computes the digest of the kernels that a device would be built from now, and of the build
 * options. Returns WEFT_ERROR_IO if the files in WEFT_KERNEL_DIR cannot be read. */
WEFT_MUST_CHECK enum weft_status opencl_kernels_digest(uint64_t *digest);

/* Tells whether WEFT_KERNEL_DIR or WEFT_DEVICE_SHAPE replaces what devices run, for tests. */
bool opencl_is_replaced(void);

struct opencl_plan {
    size_t index;           /* number of the device, counted over all platforms */
    struct record *record;  /* borrowed for the lifetime of the device; NULL: none */
    bool as_shipped;        /* ignore what the record says about matrix products */
    weft_log_function *log; /* receives build logs; may be NULL */
    void *log_user;
};

/* Opens a device and builds its kernels. Returns WEFT_ERROR_NO_DEVICE if there is no such device,
 * WEFT_ERROR_DEVICE if the context or the build fails, and WEFT_ERROR_IO as opencl_kernels_digest
 * does. */
WEFT_MUST_CHECK enum weft_status opencl_device_create(const struct opencl_plan *plan,
                                                      struct weft_device **device);

/* The platforms that have no device, with what each of them needs: "; platform rusticl has no
 * device: set ...". Returns "" if there are none. The text is static. */
const char *opencl_idle_platforms(void);

/* A line with OpenCL and the platforms of this machine, and a line with CLBlast. The text is
 * static. */
const char *opencl_components(void);

/* The library for matrix products: "CLBlast 1.5.3". The text is static. */
const char *opencl_products_name(void);

#endif
