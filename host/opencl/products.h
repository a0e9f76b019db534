/* The layer products of an OpenCL device, by CLBlast.
 *
 * CLBlast chooses its kernels' parameters from a database of devices. Where the database does not
 * know the device, or where its choice computes wrong, Weft overrides the choice by a setting of
 * its own: a device has a short list of settings to try, in force is always exactly one.
 */
#ifndef WEFT_OPENCL_PRODUCTS_H
#define WEFT_OPENCL_PRODUCTS_H

#include "opencl/opencl_device.h"

/* c [M][N] = the product of a and b in the form's layout, see backend/primitive.h. */
struct product {
    enum product_form form;
    size_t m, n, k;
    cl_mem a, b, c;
    size_t a_offset, b_offset, c_offset; /* elements */
};

/* Puts the device's first setting in force. */
WEFT_MUST_CHECK enum weft_status products_init(struct opencl_device *device);

/* Puts the next setting in force; `*found` is false when there is none left. Not while products are
 * queued. */
WEFT_MUST_CHECK enum weft_status products_next_setting(struct opencl_device *device, bool *found);

/* The setting in force, "database" for CLBlast's own choice. */
const char *products_setting_name(const struct opencl_device *device);

/* Elements of workspace that products up to this size need with the setting in force, whatever
 * their offsets; at least 1. */
WEFT_MUST_CHECK enum weft_status products_workspace_size(struct opencl_device *device,
                                                         enum product_form form, size_t m, size_t n,
                                                         size_t k, size_t *count);

/* Queues the product; nothing is allocated. `workspace` holds products_workspace_size elements. */
WEFT_MUST_CHECK enum weft_status products_run(struct opencl_device *device,
                                              const struct product *product, cl_mem workspace);

/* Frees what CLBlast keeps: compiled kernels of all devices. */
void products_release(void);

/* "1.5.3", of the headers that Weft was built with; static. */
const char *products_version(void);

#endif
