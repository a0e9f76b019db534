/* The matrix products of the layers on an OpenCL device, and the choice of their engines.
 *
 * The engines are CLBlast (products_clblast.h) and Weft's own kernels (products_own.h). All of them
 * give the same result up to rounding. Weft looks the engine up and never measures it: first in the
 * rules of the device (product_rules.h), then in the defaults that Weft ships. If no CLBlast
 * setting fits or gives correct results, Weft's own kernels replace CLBlast. If Weft's own kernels
 * give wrong results, CLBlast replaces them (repair.h).
 */
#ifndef WEFT_OPENCL_PRODUCTS_H
#define WEFT_OPENCL_PRODUCTS_H

#include "opencl/product.h"

/* Selects the CLBlast setting named `first`, or the next one that fits. If `first` is NULL or
 * unknown, it starts at the device's first setting. If no setting fits, it uses Weft's own kernels,
 * and the device's note says so. With "own" it uses them at once. */
WEFT_MUST_CHECK enum weft_status products_init(struct opencl_device *device, const char *first);

/* Switches to the next CLBlast setting, and after the last one to Weft's own kernels. `*found` is
 * false if none is left. No product may be queued. */
WEFT_MUST_CHECK enum weft_status products_next_setting(struct opencl_device *device, bool *found);

/* The name of the CLBlast setting in use: "database" for CLBlast's own choice, "own" for Weft's
 * own kernels. */
const char *products_setting_name(const struct opencl_device *device);

/* Returns the engine for a product of this shape. A workspace asks for its largest batch. It uses
 * the same engine for smaller batches, because its buffers are sized for that engine. */
enum product_engine products_engine(const struct opencl_device *device, enum weft_gemm wanted,
                                    enum product_form form, size_t m, size_t n, size_t k);

/* products_engine for a product that is about to run. A repair blames the engine of the last
 * one. */
enum product_engine products_engine_now(struct opencl_device *device,
                                        const struct product_ask *ask);

/* The engine of the last product. After a repair, it is the engine that replaces it. */
enum product_engine products_last_engine(const struct opencl_device *device);

/* Makes the tuned rules the rules of the device. The setting must be selected already. */
void products_rules_take(struct opencl_device *device, const struct record_tuning *tuning);

/* The operations of backend.h. */
bool products_algorithm(struct weft_device *device, size_t index, struct record_product *product,
                        const char **setting);
enum weft_status products_tuning_apply(struct weft_device *device,
                                       const struct record_tuning *tuning);

/* Computes the workspace elements that the engine needs for a product of this shape with any
 * offsets; at least 1. They also suffice for fewer samples (m, or k in a weight gradient). */
WEFT_MUST_CHECK enum weft_status products_workspace_size(struct opencl_device *device,
                                                         enum product_engine engine,
                                                         enum product_form form, size_t m, size_t n,
                                                         size_t k, size_t *count);

/* Queues the product. `workspace` has products_workspace_size elements. With fewer elements it
 * returns WEFT_ERROR_INTERNAL, or WEFT_ERROR_DEVICE for CLBlast. It allocates nothing. */
WEFT_MUST_CHECK enum weft_status products_run(struct opencl_device *device,
                                              const struct product *product,
                                              struct product_workspace workspace);

/* products_slices returns the number of slices. products_run_slices leaves them in `workspace` as
 * [slices][M][N]; their sum is the product. A single slice goes to c. */
size_t products_slices(const struct product *product);
WEFT_MUST_CHECK enum weft_status products_run_slices(struct opencl_device *device,
                                                     const struct product *product,
                                                     struct product_workspace workspace);

#endif
