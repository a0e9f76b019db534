/* Decides which engine computes which matrix product; see products.h. */
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
                 "of local memory): using Weft's own kernels",
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

/* Whether to use Weft's own kernels. Under `auto`, Weft ships them for CPUs, where they were faster
 * than CLBlast in every form, and CLBlast for other devices. */
static bool own_wanted(const struct opencl_device *device, enum weft_gemm wanted)
{
    return wanted == WEFT_GEMM_OWN || (wanted == WEFT_GEMM_AUTO && opencl_is_cpu(device));
}

static bool engine_takes(const struct opencl_device *device, enum product_engine engine,
                         enum product_form form, size_t n, size_t k)
{
    switch (engine) {
    case ENGINE_CLBLAST:
        return device->clblast;
    case ENGINE_BLOCKED:
        return own_product_blockable(form, n, k);
    case ENGINE_TILED:
        return own_product_tileable(device);
    case ENGINE_PLAIN:
    case ENGINE_COUNT:
        break;
    }
    return true;
}

/* The order of repair. Returns the engine that replaces one with wrong results on this device, or
 * `engine` itself if none is left. CLBlast tries all its settings first. */
static enum product_engine engine_that_is_right(const struct opencl_device *device,
                                                enum product_engine engine, enum product_form form,
                                                size_t n, size_t k)
{
    static const enum product_engine order[] = {ENGINE_CLBLAST, ENGINE_PLAIN, ENGINE_BLOCKED,
                                                ENGINE_TILED};
    for (size_t i = 0; device->engine_wrong[engine] && i < sizeof order / sizeof *order; i++)
        if (!device->engine_wrong[order[i]] && engine_takes(device, order[i], form, n, k))
            return order[i];
    return engine;
}

enum product_engine products_engine(const struct opencl_device *device, enum weft_gemm wanted,
                                    enum product_form form, size_t m, size_t n, size_t k)
{
    const struct product_rule *rule =
        wanted == WEFT_GEMM_AUTO ? product_rules_find(&device->rules, form, m, n, k) : NULL;
    enum product_engine engine = opencl_is_cpu(device) ? ENGINE_BLOCKED : ENGINE_TILED;
    if (rule != NULL)
        engine = rule->engine;
    else if (!own_wanted(device, wanted))
        engine = ENGINE_CLBLAST;
    return engine_that_is_right(
        device, engine_takes(device, engine, form, n, k) ? engine : ENGINE_PLAIN, form, n, k);
}

enum product_engine products_engine_now(struct opencl_device *device, const struct product_ask *ask)
{
    device->last_product = *ask;
    return products_last_engine(device);
}

enum product_engine products_last_engine(const struct opencl_device *device)
{
    const struct product_ask *ask = &device->last_product;
    return products_engine(device, ask->wanted, ask->form, ask->m, ask->n, ask->k);
}

/* The number of CLBlast settings that may be the fastest. Later settings are for devices that
 * support none of these, and have ever smaller work-groups. */
enum { WORTH_TUNING = 3 };

/* Whether the engine may be the fastest for a product of this shape. */
static bool worth_tuning(const struct opencl_device *device, enum product_engine engine,
                         enum product_form form, const struct record_product *product)
{
    return !device->engine_wrong[engine] &&
           engine_takes(device, engine, form, product->n, product->k);
}

/* Lists Weft's own kernels first, which are built already, then CLBlast's under each setting. */
bool products_algorithm(struct weft_device *base, size_t index, struct record_product *product,
                        const char **setting)
{
    static const enum product_engine order[ENGINE_COUNT] = {ENGINE_PLAIN, ENGINE_BLOCKED,
                                                            ENGINE_TILED, ENGINE_CLBLAST};
    const struct opencl_device *device = opencl_from(base);
    enum product_form form;
    if (!product_form_from_name(product->form, &form))
        return false;
    for (size_t e = 0; e < ENGINE_COUNT; e++) {
        const size_t settings = order[e] == ENGINE_CLBLAST ? WORTH_TUNING : 1;
        if (!worth_tuning(device, order[e], form, product))
            continue;
        for (size_t i = 0; i < settings; i++) {
            *setting = settings > 1 ? clblast_fitting(device, i) : "";
            if (*setting == NULL || index-- > 0)
                continue;
            snprintf(product->engine, sizeof product->engine, "%s", product_engine_name(order[e]));
            return true;
        }
    }
    return false;
}

/* The known-answer test covers the fused step only on CPUs. A record must not select it for other
 * devices. */
void products_rules_take(struct opencl_device *device, const struct record_tuning *tuning)
{
    product_rules_read(&device->rules, tuning, products_setting_name(device));
    if (!opencl_is_cpu(device))
        device->rules.step_count = 0;
}

enum weft_status products_tuning_apply(struct weft_device *base, const struct record_tuning *tuning)
{
    struct opencl_device *device = opencl_from(base);
    bool found = true;
    if (tuning->setting[0] != '\0') {
        TRY(clblast_set(device, tuning->setting, &found));
        device->clblast = device->clblast || found;
    }
    if (!found)
        return fail(WEFT_ERROR_DEVICE, "%s: setting %s of CLBlast's kernels does not fit",
                    device->base.info.name, tuning->setting);
    products_rules_take(device, tuning);
    return WEFT_OK;
}

enum weft_status products_workspace_size(struct opencl_device *device, enum product_engine engine,
                                         enum product_form form, size_t m, size_t n, size_t k,
                                         size_t *count)
{
    *count = 1;
    if (engine == ENGINE_CLBLAST)
        return clblast_workspace_size(device, form, m, n, k, count);
    if (engine == ENGINE_TILED)
        *count = own_product_tiled_workspace(form, m, n, k);
    return WEFT_OK;
}

enum weft_status products_run(struct opencl_device *device, const struct product *product,
                              struct product_workspace workspace)
{
    switch (product->engine) {
    case ENGINE_CLBLAST:
        return clblast_run(device, product, workspace.buffer);
    case ENGINE_PLAIN:
        return own_product_plain(device, product);
    case ENGINE_BLOCKED:
        return own_product_blocked(device, product);
    case ENGINE_TILED:
        return own_product_tiled(device, product, workspace);
    case ENGINE_COUNT:
        break;
    }
    return fail(WEFT_ERROR_INTERNAL, "engine %d: unknown", (int)product->engine);
}

size_t products_slices(const struct product *product)
{
    return product->engine == ENGINE_TILED ? own_product_tiled_slices(product) : 1;
}

enum weft_status products_run_slices(struct opencl_device *device, const struct product *product,
                                     struct product_workspace workspace)
{
    return products_slices(product) > 1 ? own_product_tiled_in_slices(device, product, workspace)
                                        : products_run(device, product, workspace);
}
