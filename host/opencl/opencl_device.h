/* An open OpenCL device, as the files of this room share it. */
#ifndef WEFT_OPENCL_OPENCL_DEVICE_H
#define WEFT_OPENCL_OPENCL_DEVICE_H

#define CL_TARGET_OPENCL_VERSION 120
#ifdef __APPLE__
#include <OpenCL/opencl.h>
#else
#include <CL/cl.h>
#endif

#include "backend/backend.h"
#include "backend/primitive.h"
#include "opencl/product_rules.h"

/* Numbers in a vector of kernels/lanes.cl, and samples in a panel of kernels/step.cl. */
enum { LANES = 16 };

/* One entry for each __kernel of kernels/. */
enum kernel {
    KERNEL_BIAS_ADD,
    KERNEL_SIGMOID_FORWARD,
    KERNEL_LAYER_FORWARD,
    KERNEL_LAYER_BACKWARD,
    KERNEL_DROPOUT,
    KERNEL_CLIP_UNIT,
    KERNEL_SOFTMAX_ROWS,
    KERNEL_SOFTMAX_CROSS_ENTROPY,
    KERNEL_SIGMOID_CROSS_ENTROPY,
    KERNEL_IDENTITY_SQUARED_ERROR,
    KERNEL_IMAGE_DRAWS,
    KERNEL_GATHER_IMAGES,
    KERNEL_MIX_ROWS,
    KERNEL_LABEL_TARGETS,
    KERNEL_GATHER_TARGETS,
    KERNEL_SOFTMAX_CROSS_ENTROPY_TARGETS,
    KERNEL_SIGMOID_CROSS_ENTROPY_TARGETS,
    KERNEL_IDENTITY_SQUARED_ERROR_TARGETS,
    KERNEL_BIAS_GRADIENT_SLICES,
    KERNEL_BIAS_GRADIENT,
    KERNEL_PENALTY_SHARES,
    KERNEL_PENALTY_TERMS,
    KERNEL_METRICS_SUM,
    KERNEL_PENALTY_GRADIENT,
    KERNEL_CLIP_SHARES,
    KERNEL_CLIP_FACTOR,
    KERNEL_SGD_UPDATE,
    KERNEL_MOMENTUM_UPDATE,
    KERNEL_RMSPROP_UPDATE,
    KERNEL_ADAM_UPDATE,
    KERNEL_AVERAGE_UPDATE,
    KERNEL_NORM_STATISTICS_SLICES,
    KERNEL_NORM_STATISTICS,
    KERNEL_NORM_FORWARD,
    KERNEL_NORM_GRADIENT_SLICES,
    KERNEL_NORM_GRADIENT,
    KERNEL_NORM_BACKWARD,
    KERNEL_NORM_RUNNING,
    KERNEL_STANDARDIZE_ROWS,
    KERNEL_GATHER_ROWS,
    KERNEL_GATHER_BYTE_ROWS,
    KERNEL_GATHER_BYTE_IMAGES,
    KERNEL_PRODUCT_PLAIN,
    KERNEL_PRODUCT_DOT,
    KERNEL_PRODUCT_OUTER,
    KERNEL_PRODUCT_TILED,
    KERNEL_PRODUCT_SLICES_SUM,
    KERNEL_STEP_ROWS,
    KERNEL_STEP_GRADIENT,
    KERNEL_STEP_UPDATE,
    KERNEL_MIDDLE_ROWS,
    KERNEL_MIDDLE_UPDATE,
    KERNEL_COUNT
};

struct opencl_device {
    struct weft_device base; /* first: a struct weft_device is one of these */
    cl_device_id id;
    cl_context context;     /* owned, as all handles here */
    cl_command_queue queue; /* in order */
    cl_program program;
    struct kernel_call *calls[KERNEL_COUNT]; /* see kernel_call.h */
    bool keeps_programs;                     /* on disk, see program_cache.h */
    bool program_was_kept;                   /* the program came from there */

    cl_device_type type;
    size_t max_group;      /* work-items in a work-group at most */
    size_t group;          /* ... of Weft's own kernels: a power of two, at most 64 */
    size_t loop;           /* ... of those with an element for each: the same, on CPUs up to 1024 */
    size_t most_groups;    /* work-groups of a launch in its second dimension */
    size_t max_local;      /* bytes of local memory */
    size_t max_buffer;     /* bytes of the largest buffer the device takes */
    uint64_t data_count;   /* samples uploaded so far, struct device_data */
    uint64_t buffers_gone; /* buffers that were released so far: their handles may come again */
    size_t allocated;      /* bytes of all buffers of this device that exist now */
    bool clblast;   /* a CLBlast setting is in force; else Weft's own products stand for it */
    size_t setting; /* which of the settings of products_clblast.c that is */
    struct product_rules rules; /* of products and steps under `auto` */
    bool middle_ran;            /* a step ran as opencl/middle.h has it; */
    bool middle_wrong;          /* it computes wrong here, and is not used any more */
    enum product_engine tested; /* who computed the last product of primitive_run */
};

/* The device behind a struct weft_device of this backend. */
static inline struct opencl_device *opencl_from(struct weft_device *device)
{
    return (struct opencl_device *)device;
}

/* A work-item there is a thread with vectors. A device may have other bits of type, too. */
static inline bool opencl_is_cpu(const struct opencl_device *device)
{
    return (device->type & CL_DEVICE_TYPE_CPU) != 0;
}

/* ---- opencl_error.c ---- */

/* The name of an OpenCL or CLBlast status code, "CL_OUT_OF_RESOURCES" for -5; never NULL. */
const char *opencl_error_name(int code);

/* WEFT_OK for CL_SUCCESS, else WEFT_ERROR_DEVICE: "DEVICE: WHAT: CL_...". */
WEFT_MUST_CHECK enum weft_status opencl_check(const struct opencl_device *device, int code,
                                              const char *what);

/* ---- opencl_list.c ---- */

/* Reads a property of fixed size; `subject` and `name` say in errors of what, and which. */
WEFT_MUST_CHECK enum weft_status opencl_property(const char *subject, cl_device_id id,
                                                 cl_device_info property, const char *name,
                                                 void *value, size_t size);

/* Finds device `index` and, unless NULL, describes it. */
WEFT_MUST_CHECK enum weft_status opencl_find(size_t index, cl_device_id *id,
                                             struct weft_device_info *info);

/* ---- opencl_program.c ---- */

/* Builds the kernels of kernels/ (or of WEFT_KERNEL_DIR) for device->context, or takes them as they
 * were kept. */
WEFT_MUST_CHECK enum weft_status program_build(struct opencl_device *device);
void program_release(struct opencl_device *device);

/* ---- opencl_buffer.c ---- */

/* Whether buffer_create finds room for a buffer of `count` elements. */
bool buffer_fits(const struct opencl_device *device, size_t count);

/* A new buffer of `count` elements of 4 bytes (at least one); `what` names it in errors.
 * WEFT_ERROR_DEVICE with needed and available bytes where the device cannot hold it. */
WEFT_MUST_CHECK enum weft_status buffer_create(struct opencl_device *device, size_t count,
                                               const char *what, cl_mem *buffer);
void buffer_release(struct opencl_device *device, cl_mem *buffer);
/* Likewise for a part of a buffer, which has no memory of its own. */
void view_release(struct opencl_device *device, cl_mem *view);

/* Copies `count` 4-byte elements; both wait until the copy is done. */
WEFT_MUST_CHECK enum weft_status buffer_upload(struct opencl_device *device, cl_mem buffer,
                                               size_t offset, const void *values, size_t count);
WEFT_MUST_CHECK enum weft_status buffer_download(struct opencl_device *device, cl_mem buffer,
                                                 size_t offset, void *values, size_t count);

/* Zeros in the first `count` elements; does not wait. */
WEFT_MUST_CHECK enum weft_status buffer_clear(struct opencl_device *device, cl_mem buffer,
                                              size_t count);

/* ---- opencl_primitives.c ---- */

enum weft_status opencl_primitive_run(struct weft_device *device,
                                      const struct primitive_call *call);

#endif
