/* Who computes which product, as data: what `auto` looks up before what Weft ships.
 *
 * A device begins without rules. What measures a device's kernels (or reads what was measured) sets
 * them; sizes stand for a layer's shape in backend/primitive.h's letters.
 */
#ifndef WEFT_OPENCL_PRODUCT_RULES_H
#define WEFT_OPENCL_PRODUCT_RULES_H

#include "backend/primitive.h"

enum product_engine {
    ENGINE_CLBLAST, /* with the setting in force */
    ENGINE_PLAIN,   /* Weft's own: a work-item to an element; right everywhere */
    ENGINE_BLOCKED, /* Weft's own for CPUs: a work-item to a tile, blocks of it in registers */
    ENGINE_TILED,   /* Weft's own for GPUs: a work-group to a tile, in local memory */
    ENGINE_COUNT
};

/* "clblast", "plain", "blocked", "tiled" */
const char *product_engine_name(enum product_engine engine);
bool product_engine_from_name(const char *name, enum product_engine *engine);

struct product_rule {
    enum product_form form;
    size_t m, n, k; /* 0: any */
    enum product_engine engine;
};

/* How a training step of a small network runs. */
enum step_rule {
    STEP_SHIPPED,      /* as Weft ships it for the type of the device */
    STEP_BY_OPERATION, /* products and the kernels between them */
    STEP_FUSED         /* opencl/fused.h */
};

enum { PRODUCT_RULES = 64 };

struct product_rules {
    size_t count;
    struct product_rule rules[PRODUCT_RULES]; /* the first that fits counts */
    enum step_rule step;
};

/* The rule for a product, NULL where there is none. */
const struct product_rule *product_rules_find(const struct product_rules *rules,
                                              enum product_form form, size_t m, size_t n, size_t k);

#endif
