/* The layer products of an OpenCL device: who computes which.
 *
 * Engines are CLBlast (products_clblast.h, products_split.h) and Weft's own kernels
 * (products_own.h). A product has the same result from any, to rounding. Which one it gets is
 * looked up, never timed: rules of the device first (product_rules.h), then what Weft ships. Where
 * no CLBlast setting is right, or none fits, Weft's own kernels take CLBlast's place.
 */
#ifndef WEFT_OPENCL_PRODUCTS_H
#define WEFT_OPENCL_PRODUCTS_H

#include "opencl/opencl_device.h"

/* c [M][N] = the product of a and b in the form's layout, see backend/primitive.h. */
struct product {
    enum product_form form;
    enum product_engine engine; /* products_engine() of its shape */
    size_t m, n, k;
    cl_mem a, b, c;
    size_t a_offset, b_offset, c_offset; /* elements */
};

/* What products need beside their operands; borrowed. */
struct product_room {
    cl_mem buffer; /* [count] */
    size_t count;
};

/* Puts the CLBlast setting of the name `first` in force (NULL or unknown: the device's first), or
 * the next one that fits; where none fits, Weft's own kernels, and the device's note says so. With
 * "own" these are taken at once. */
WEFT_MUST_CHECK enum weft_status products_init(struct opencl_device *device, const char *first);

/* The next choice of CLBlast's setting, at last Weft's own kernels in its place; `*found` is false
 * when there is none left. Not while products are queued. */
WEFT_MUST_CHECK enum weft_status products_next_setting(struct opencl_device *device, bool *found);

/* What stands for CLBlast on this device: its setting, "database" for its own choice, or "own". */
const char *products_setting_name(const struct opencl_device *device);

/* Who computes a product of this shape. A workspace asks for its largest batch, and has smaller
 * ones computed by the same, for whom it has room. */
enum product_engine products_engine(const struct opencl_device *device, enum weft_gemm wanted,
                                    enum product_form form, size_t m, size_t n, size_t k);

/* Whether a training step of the network in batches of `batch` is fused, opencl/fused.h: as it was
 * tuned, else where its weights are few enough to stay in a cache. */
bool products_fused(const struct opencl_device *device, enum weft_gemm wanted,
                    const struct network *network, size_t batch);

/* Whether it runs as opencl/middle.h has it: on devices other than CPUs, under `auto` and `fused`,
 * for networks that it takes. */
bool products_middle(const struct opencl_device *device, enum weft_gemm wanted,
                     const struct network *network, size_t batch);

/* Takes what was tuned for the rules of the device, whose setting is in force already. */
void products_rules_take(struct opencl_device *device, const struct record_tuning *tuning);

/* The operations of backend.h. */
bool products_way(struct weft_device *device, size_t index, struct record_product *product,
                  const char **setting);
enum weft_status products_tuning_apply(struct weft_device *device,
                                       const struct record_tuning *tuning);

/* Elements of room that the engine needs for a product of this shape, and for one of as many
 * samples (m, of a weight gradient k) or fewer, whatever the offsets; at least 1. */
WEFT_MUST_CHECK enum weft_status products_workspace_size(struct opencl_device *device,
                                                         enum product_engine engine,
                                                         enum product_form form, size_t m, size_t n,
                                                         size_t k, size_t *count);

/* Queues the product. `room` has products_workspace_size elements; with fewer, and only then,
 * WEFT_ERROR_INTERNAL, or of CLBlast's products WEFT_ERROR_DEVICE. Nothing is allocated, but by
 * CLBlast for a product in slices of the batch (products_split.h). */
WEFT_MUST_CHECK enum weft_status products_run(struct opencl_device *device,
                                              const struct product *product,
                                              struct product_room room);

/* The product in `room` as slices [slices][M][N] whose sum it is; a single one in its place. */
size_t products_slices(const struct product *product);
WEFT_MUST_CHECK enum weft_status products_run_slices(struct opencl_device *device,
                                                     const struct product *product,
                                                     struct product_room room);

/* WEFT_ERROR_INTERNAL unless the room has `count` elements. */
WEFT_MUST_CHECK enum weft_status product_room_check(struct product_room room, size_t count);

#endif
