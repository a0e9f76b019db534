/* Who computes which product, see products.h. */
#include "opencl/products.h"

#include <stdio.h>
#include <string.h>

#include "opencl/products_clblast.h"
#include "opencl/products_own.h"

static const char own_name[] = "own";

enum weft_status products_init(struct opencl_device *device, const char *first)
{
    device->clblast = false;
    if (first != NULL && strcmp(first, own_name) == 0)
        return WEFT_OK;
    TRY(clblast_init(device, first, &device->clblast));
    if (!device->clblast)
        snprintf(device->base.info.note, sizeof device->base.info.note,
                 "no setting of CLBlast's kernels fits this device (work-groups of %zu, %zu bytes "
                 "of local memory): products by Weft's own kernels",
                 device->max_group, device->max_local);
    return WEFT_OK;
}

enum weft_status products_next_setting(struct opencl_device *device, bool *found)
{
    *found = device->clblast;
    if (!device->clblast)
        return WEFT_OK;
    TRY(clblast_next_setting(device, &device->clblast));
    return WEFT_OK;
}

const char *products_setting_name(const struct opencl_device *device)
{
    return device->clblast ? clblast_setting_name(device) : own_name;
}

/* What Weft ships: its own kernels on CPUs, where they measured faster than CLBlast's in every
 * form; CLBlast's elsewhere. */
static bool own_wanted(const struct opencl_device *device, enum weft_products wanted)
{
    return wanted == WEFT_PRODUCTS_FUSED ||
           (wanted == WEFT_PRODUCTS_AUTO && device->type == CL_DEVICE_TYPE_CPU);
}

enum product_engine products_engine(const struct opencl_device *device, enum weft_products wanted,
                                    enum product_form form, size_t m, size_t n, size_t k)
{
    (void)m;
    if (!own_wanted(device, wanted))
        return device->clblast ? ENGINE_CLBLAST : ENGINE_PLAIN;
    return own_product_blockable(form, n, k) ? ENGINE_BLOCKED : ENGINE_PLAIN;
}

/* Every panel of samples reads all weights: so many of them stay in the second cache of a core. */
enum { FUSED_WEIGHTS = 1 << 18 };

bool products_fused(const struct opencl_device *device, enum weft_products wanted,
                    const struct network *network)
{
    return own_wanted(device, wanted) && network->parameter_count <= FUSED_WEIGHTS;
}

enum weft_status products_workspace_size(struct opencl_device *device, enum product_engine engine,
                                         enum product_form form, size_t m, size_t n, size_t k,
                                         size_t *count)
{
    *count = 1;
    return engine == ENGINE_CLBLAST ? clblast_workspace_size(device, form, m, n, k, count)
                                    : WEFT_OK;
}

enum weft_status products_run(struct opencl_device *device, const struct product *product,
                              cl_mem workspace)
{
    switch (product->engine) {
    case ENGINE_CLBLAST:
        return clblast_run(device, product, workspace);
    case ENGINE_PLAIN:
        return own_product_plain(device, product);
    case ENGINE_BLOCKED:
        return own_product_blocked(device, product);
    }
    return fail(WEFT_ERROR_INTERNAL, "engine %d: unknown", (int)product->engine);
}
