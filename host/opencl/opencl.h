/* The OpenCL backend: the door to every OpenCL device of this machine. */
#ifndef WEFT_OPENCL_OPENCL_H
#define WEFT_OPENCL_OPENCL_H

#include "backend/backend.h"

/* Number of OpenCL devices over all platforms; 0 without any platform. */
WEFT_MUST_CHECK enum weft_status opencl_device_count(size_t *count);

/* Describes device `index` of that list. WEFT_ERROR_NO_DEVICE: no device has that number. */
WEFT_MUST_CHECK enum weft_status opencl_device_describe(size_t index,
                                                        struct weft_device_info *info);

/* Opens device `index` and builds its kernels; build logs go to `log` (may be NULL).
 * WEFT_ERROR_NO_DEVICE as above; WEFT_ERROR_DEVICE: context or build fails. */
WEFT_MUST_CHECK enum weft_status opencl_device_create(size_t index, weft_log_function *log,
                                                      void *user, struct weft_device **device);

/* A line for OpenCL with the platforms of this machine, and one for CLBlast; static. */
const char *opencl_components(void);

#endif
