/* The OpenCL backend: the door to every OpenCL device of this machine. */
#ifndef WEFT_OPENCL_OPENCL_H
#define WEFT_OPENCL_OPENCL_H

#include "backend/backend.h"

/* Number of OpenCL devices over all platforms; 0 without any platform. */
WEFT_MUST_CHECK enum weft_status opencl_device_count(size_t *count);

/* Describes device `index` of that list. WEFT_ERROR_NO_DEVICE: no device has that number. */
WEFT_MUST_CHECK enum weft_status opencl_device_describe(size_t index,
                                                        struct weft_device_info *info);

/* The digest of the kernels that a device would be built of now, and of the build options.
 * WEFT_ERROR_IO: what WEFT_KERNEL_DIR names cannot be read. */
WEFT_MUST_CHECK enum weft_status opencl_kernels_digest(uint64_t *digest);

struct opencl_plan {
    size_t index;           /* of the device in that list */
    struct record *record;  /* borrowed while the device lives; NULL: none */
    bool as_shipped;        /* whatever the record says of its products */
    weft_log_function *log; /* build logs go there; may be NULL */
    void *log_user;
};

/* Opens a device and builds its kernels. WEFT_ERROR_NO_DEVICE as above; WEFT_ERROR_DEVICE: context
 * or build fails; WEFT_ERROR_IO as opencl_kernels_digest. */
WEFT_MUST_CHECK enum weft_status opencl_device_create(const struct opencl_plan *plan,
                                                      struct weft_device **device);

/* The platforms that are there and have no device, with what each needs: "; rusticl has no device:
 * set ..."; "" without such platforms. Static. */
const char *opencl_idle_platforms(void);

/* A line for OpenCL with the platforms of this machine, and one for CLBlast; static. */
const char *opencl_components(void);

/* The library of the layer products: "CLBlast 1.5.3"; static. */
const char *opencl_products_name(void);

#endif
