/* Products by CLBlast.
 *
 * CLBlast chooses its kernels' parameters from a database of devices. Where the database does not
 * know the device, or where its choice computes wrong, Weft overrides the choice by a setting of
 * its own: a device has a short list of settings to try, in force is always exactly one.
 */
#ifndef WEFT_OPENCL_PRODUCTS_CLBLAST_H
#define WEFT_OPENCL_PRODUCTS_CLBLAST_H

#include "opencl/products.h"

/* Puts the setting `first` in force, or the next that fits the device; NULL, a name that is
 * unknown, or one after which none fits: the first of all that fits. `*found` is false where none
 * does. */
WEFT_MUST_CHECK enum weft_status clblast_init(struct opencl_device *device, const char *first,
                                              bool *found);

/* Puts the next setting in force; `*found` is false when there is none left. Not while products are
 * queued. */
WEFT_MUST_CHECK enum weft_status clblast_next_setting(struct opencl_device *device, bool *found);

/* Puts the setting `name` in force, and no other; `*found` is false where it does not fit or is
 * none, or where the database's choice was overridden before in this process. */
WEFT_MUST_CHECK enum weft_status clblast_set(struct opencl_device *device, const char *name,
                                             bool *found);

/* The name of the setting number `index` of those that fit the device; NULL beyond the last. */
const char *clblast_fitting(const struct opencl_device *device, size_t index);

/* The setting in force, "database" for CLBlast's own choice. */
const char *clblast_setting_name(const struct opencl_device *device);

/* As products_workspace_size, with the setting in force. */
WEFT_MUST_CHECK enum weft_status clblast_workspace_size(struct opencl_device *device,
                                                        enum product_form form, size_t m, size_t n,
                                                        size_t k, size_t *count);

WEFT_MUST_CHECK enum weft_status clblast_run(struct opencl_device *device,
                                             const struct product *product, cl_mem workspace);

/* C [slices][M][N] from the start of `c`, of the weight gradients of `slices` slices of `depth`
 * samples each, as they follow in a and b. CLBlast allocates what it copies operands into. */
WEFT_MUST_CHECK enum weft_status clblast_run_slices(struct opencl_device *device,
                                                    const struct product *product, size_t slices,
                                                    size_t depth, cl_mem c);

/* Whether the forward product of a batch saves copies where the samples lie turned. */
WEFT_MUST_CHECK enum weft_status clblast_turning_pays(struct opencl_device *device, size_t batch,
                                                      size_t outputs, size_t inputs, bool *pays);

/* y [columns][rows] = x' of x [rows][columns] */
WEFT_MUST_CHECK enum weft_status clblast_turn(struct opencl_device *device, cl_mem x, size_t rows,
                                              size_t columns, cl_mem y);

/* Frees what CLBlast keeps: compiled kernels of all devices. */
void clblast_release(void);

/* "1.5.3", of the headers that Weft was built with; static. */
const char *clblast_version(void);

#endif
