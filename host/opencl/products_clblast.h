/* Matrix products by CLBlast.
 *
 * CLBlast takes the parameters of its kernels from a database of devices. If the database does not
 * know the device, or if its choice computes wrong results, Weft overrides it with a setting of its
 * own. A device has a short list of settings to try. Exactly one setting is in use at a time.
 */
#ifndef WEFT_OPENCL_PRODUCTS_CLBLAST_H
#define WEFT_OPENCL_PRODUCTS_CLBLAST_H

#include "opencl/product.h"

/* Selects the setting `first`, or the next one that fits the device. If `first` is NULL or
 * unknown, or if nothing from it on fits, it uses the first setting that fits. `*found` is false if
 * none fits. */
WEFT_MUST_CHECK enum weft_status clblast_init(struct opencl_device *device, const char *first,
                                              bool *found);

/* Selects the next setting. `*found` is false if none is left. No product may be queued. */
WEFT_MUST_CHECK enum weft_status clblast_next_setting(struct opencl_device *device, bool *found);

/* Selects the setting `name`, and no other. `*found` is false if it is unknown or does not
 * fit. "database" is not found either if this process has overridden the database's choice. */
WEFT_MUST_CHECK enum weft_status clblast_set(struct opencl_device *device, const char *name,
                                             bool *found);

/* Returns the name of setting `index` among those that fit the device, or NULL beyond the last
 * one. */
const char *clblast_fitting(const struct opencl_device *device, size_t index);

/* The name of the setting in use: "database" for CLBlast's own choice. */
const char *clblast_setting_name(const struct opencl_device *device);

/* products_workspace_size for CLBlast with the setting in use. */
WEFT_MUST_CHECK enum weft_status clblast_workspace_size(struct opencl_device *device,
                                                        enum product_form form, size_t m, size_t n,
                                                        size_t k, size_t *count);

/* The number of parts in which clblast_run computes the product, because of device->most_work. */
size_t clblast_parts(const struct opencl_device *device, const struct product *product);

/* Queues a product under the setting in use. */
WEFT_MUST_CHECK enum weft_status clblast_run(struct opencl_device *device,
                                             const struct product *product, cl_mem workspace);

/* Releases CLBlast's compiled kernels of all devices. */
void clblast_release(void);

/* The version of the headers that Weft was built with: "1.5.3". The text is static. */
const char *clblast_version(void);

#endif
