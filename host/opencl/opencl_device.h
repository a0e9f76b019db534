/* An open OpenCL device, shared by the files of this folder. */
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

/* The most numbers in a vector of kernels/lanes.cl. */
enum { MOST_LANES = 16 };

/* Calls ROW(value, name) for each __kernel in kernels/. */
#define KERNELS(ROW)                                                                               \
    ROW(BIAS_ADD, bias_add)                                                                        \
    ROW(SIGMOID_FORWARD, sigmoid_forward)                                                          \
    ROW(LAYER_FORWARD, layer_forward)                                                              \
    ROW(LAYER_BACKWARD, layer_backward)                                                            \
    ROW(DROPOUT, dropout)                                                                          \
    ROW(CLIP_UNIT, clip_unit)                                                                      \
    ROW(SOFTMAX_ROWS, softmax_rows)                                                                \
    ROW(SOFTMAX_ROWS_GROUP, softmax_rows_group)                                                    \
    ROW(SOFTMAX_CROSS_ENTROPY, softmax_cross_entropy)                                              \
    ROW(SOFTMAX_CROSS_ENTROPY_GROUP, softmax_cross_entropy_group)                                  \
    ROW(SIGMOID_CROSS_ENTROPY, sigmoid_cross_entropy)                                              \
    ROW(SIGMOID_CROSS_ENTROPY_GROUP, sigmoid_cross_entropy_group)                                  \
    ROW(IDENTITY_SQUARED_ERROR, identity_squared_error)                                            \
    ROW(IDENTITY_SQUARED_ERROR_GROUP, identity_squared_error_group)                                \
    ROW(IMAGE_DRAWS, image_draws)                                                                  \
    ROW(GATHER_IMAGES, gather_images)                                                              \
    ROW(MIX_ROWS, mix_rows)                                                                        \
    ROW(LABEL_TARGETS, label_targets)                                                              \
    ROW(GATHER_TARGETS, gather_targets)                                                            \
    ROW(BIAS_GRADIENT_SLICES, bias_gradient_slices)                                                \
    ROW(BIAS_GRADIENT, bias_gradient)                                                              \
    ROW(PENALTY_SHARES, penalty_shares)                                                            \
    ROW(PENALTY_TERMS, penalty_terms)                                                              \
    ROW(METRICS_SUM, metrics_sum)                                                                  \
    ROW(PENALTY_GRADIENT, penalty_gradient)                                                        \
    ROW(GRADIENT_ADD, gradient_add)                                                                \
    ROW(CLIP_SHARES, clip_shares)                                                                  \
    ROW(CLIP_FACTOR, clip_factor)                                                                  \
    ROW(SGD_UPDATE, sgd_update)                                                                    \
    ROW(MOMENTUM_UPDATE, momentum_update)                                                          \
    ROW(RMSPROP_UPDATE, rmsprop_update)                                                            \
    ROW(ADAM_UPDATE, adam_update)                                                                  \
    ROW(AVERAGE_UPDATE, average_update)                                                            \
    ROW(NORM_STATISTICS_SLICES, norm_statistics_slices)                                            \
    ROW(NORM_STATISTICS, norm_statistics)                                                          \
    ROW(NORM_FORWARD, norm_forward)                                                                \
    ROW(NORM_GRADIENT_SLICES, norm_gradient_slices)                                                \
    ROW(NORM_GRADIENT, norm_gradient)                                                              \
    ROW(NORM_BACKWARD, norm_backward)                                                              \
    ROW(NORM_RUNNING, norm_running)                                                                \
    ROW(STANDARDIZE_ROWS, standardize_rows)                                                        \
    ROW(GATHER_ROWS, gather_rows)                                                                  \
    ROW(GATHER_BYTE_ROWS, gather_byte_rows)                                                        \
    ROW(GATHER_BYTE_IMAGES, gather_byte_images)                                                    \
    ROW(REPULSION_SLICES, repulsion_slices)                                                        \
    ROW(REPULSION, repulsion)                                                                      \
    ROW(PRODUCT_PLAIN, product_plain)                                                              \
    ROW(PRODUCT_BLOCKED, product_blocked)                                                          \
    ROW(PRODUCT_TILED, product_tiled)                                                              \
    ROW(PRODUCT_SLICES_SUM, product_slices_sum)                                                    \
    ROW(STEP_ROWS, step_rows)                                                                      \
    ROW(STEP_GRADIENT, step_gradient)                                                              \
    ROW(STEP_UPDATE, step_update)                                                                  \
    ROW(MIDDLE_ROWS, middle_rows)                                                                  \
    ROW(MIDDLE_UPDATE, middle_update)

#define KERNEL_VALUE(value, name) KERNEL_##value,
enum kernel { KERNELS(KERNEL_VALUE) KERNEL_COUNT };

struct step_plan; /* opencl/step_plan.h */

struct opencl_device {
    struct weft_device base; /* first, so that a struct weft_device can be cast */
    cl_device_id id;
    cl_context context;     /* owned, like all handles here */
    cl_command_queue queue; /* in-order queue */
    cl_program program;
    struct kernel_call *calls[KERNEL_COUNT]; /* see kernel_call.h */
    bool keeps_programs;                     /* keep programs on disk; see program_cache.h */
    bool program_was_kept;                   /* the program was loaded from disk */

    cl_device_type type;
    size_t lanes;     /* numbers in a vector of kernels/lanes.cl; see device_shape.h */
    size_t max_group; /* most work-items in a work-group */
    size_t group;     /* work-group of Weft's own kernels: a power of two, at most 64 */
    size_t loop;      /* work-group of kernels with one element per work-item; up to 1024 on CPUs */
    size_t most_groups;    /* most work-groups in the second dimension of a launch */
    double most_work;      /* most operations in a launch; infinite on a CPU. See launch_kernel.h */
    size_t max_local;      /* bytes of local memory */
    uint64_t buffers_gone; /* buffers released so far; a handle may be reused after its release */
    size_t allocated;      /* bytes of all existing buffers of this device */
    struct memory_counts *counts; /* borrowed; not NULL while buffers are counted instead of
                                     created */
    bool clblast;   /* a CLBlast setting is in use; otherwise Weft's own kernels replace CLBlast */
    size_t setting; /* index of that setting in products_clblast.c */
    struct product_rules rules; /* rules for products and steps under `auto` */
    /* What computes wrong results on this device and is no longer used; see repair.h. */
    bool engine_wrong[ENGINE_COUNT]; /* never set for CLBlast: it changes its setting */
    bool step_wrong[STEP_RULES];
    bool products_repaired;            /* another engine or setting took over */
    enum product_engine stand_in;      /* engine of the product that was repaired last */
    const struct step_plan *last_step; /* how the last training step ran; NULL: none did */
    struct product_ask last_product;   /* the last product that ran */
};

/* Returns the OpenCL device behind a struct weft_device of this backend. */
static inline struct opencl_device *opencl_from(struct weft_device *device)
{
    return (struct opencl_device *)device;
}

/* On a CPU, a work-item is a thread with vectors. The type of a device may have several bits. */
static inline bool opencl_is_cpu(const struct opencl_device *device)
{
    return (device->type & CL_DEVICE_TYPE_CPU) != 0;
}

/* ---- opencl_error.c ---- */

/* The name of an OpenCL or CLBlast status code: "CL_OUT_OF_RESOURCES" for -5. It is never NULL. */
const char *opencl_error_name(int code);

/* Returns WEFT_OK for CL_SUCCESS. Otherwise returns WEFT_ERROR_DEVICE with the message
 * "DEVICE: WHAT: CL_...". */
WEFT_MUST_CHECK enum weft_status opencl_check(const struct opencl_device *device, int code,
                                              const char *what);

/* ---- opencl_list.c ---- */

/* Reads a property of fixed size. Error messages name the device as `subject` and the property as
 * `name`. */
WEFT_MUST_CHECK enum weft_status opencl_property(const char *subject, cl_device_id id,
                                                 cl_device_info property, const char *name,
                                                 void *value, size_t size);

/* Finds the device with this index and describes it in `info`, unless `info` is NULL. */
WEFT_MUST_CHECK enum weft_status opencl_find(size_t index, cl_device_id *id,
                                             struct weft_device_info *info);

/* ---- opencl_program.c ---- */

/* Builds the kernels of kernels/ (or of WEFT_KERNEL_DIR) for device->context, or loads the kept
 * program. */
WEFT_MUST_CHECK enum weft_status program_build(struct opencl_device *device);
void program_release(struct opencl_device *device);

/* ---- opencl_buffer.c ---- */

/* Whether a buffer of `count` elements fits into the device memory. */
bool buffer_fits(const struct opencl_device *device, size_t count);

/* Creates a buffer of `count` elements (at least one) of 4 bytes. Error messages call it `what`.
 * Returns WEFT_ERROR_DEVICE, with the needed and available bytes, if the device
 * cannot hold it. While device->counts is set, it only counts the buffer, which stays NULL. */
WEFT_MUST_CHECK enum weft_status buffer_create(struct opencl_device *device, enum weft_memory kind,
                                               size_t count, const char *what, cl_mem *buffer);
/* buffer_create for rows x columns elements. */
WEFT_MUST_CHECK enum weft_status buffer_create_matrix(struct opencl_device *device,
                                                      enum weft_memory kind, size_t rows,
                                                      size_t columns, const char *what,
                                                      cl_mem *buffer);
void buffer_release(struct opencl_device *device, cl_mem *buffer);

/* Copy `count` elements of 4 bytes, and wait until the copy is done. */
WEFT_MUST_CHECK enum weft_status buffer_upload(struct opencl_device *device, cl_mem buffer,
                                               size_t offset, const void *values, size_t count);
WEFT_MUST_CHECK enum weft_status buffer_download(struct opencl_device *device, cl_mem buffer,
                                                 size_t offset, void *values, size_t count);

/* Sets the first `count` elements to `value`. It does not wait. */
WEFT_MUST_CHECK enum weft_status buffer_fill(struct opencl_device *device, cl_mem buffer,
                                             float value, size_t count);
/* Sets the first `count` elements to zero, whatever their type. It does not wait. */
WEFT_MUST_CHECK enum weft_status buffer_clear(struct opencl_device *device, cl_mem buffer,
                                              size_t count);

/* ---- opencl_primitives.c ---- */

enum weft_status opencl_primitive_run(struct weft_device *device,
                                      const struct primitive_call *call);

#endif
