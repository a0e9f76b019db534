/* Who computes which product, as data: what `auto` looks up before what Weft ships.
 *
 * A device begins with the rules that `weft tune` left in its record, or without any. Sizes stand
 * for a layer's shape in backend/primitive.h's letters.
 */
#ifndef WEFT_OPENCL_PRODUCT_RULES_H
#define WEFT_OPENCL_PRODUCT_RULES_H

#include "backend/primitive.h"
#include "record/record.h"

enum product_engine {
    ENGINE_CLBLAST, /* with the setting in force */
    ENGINE_PLAIN,   /* Weft's own: a work-item to an element; right everywhere */
    ENGINE_BLOCKED, /* Weft's own for CPUs: a work-item to a tile, blocks of it in registers */
    ENGINE_TILED,   /* Weft's own for GPUs: a work-group to a tile, in local memory */
    ENGINE_SPLIT_4, /* CLBlast on 4 slices of a long sum, see products_split.h */
    ENGINE_SPLIT_16,
    ENGINE_COUNT
};

/* "clblast", "plain", "blocked", "tiled", "clblast-4", "clblast-16" */
const char *product_engine_name(enum product_engine engine);
bool product_engine_from_name(const char *name, enum product_engine *engine);

/* Whether it depends on the CLBlast setting in force. */
bool product_engine_is_clblast(enum product_engine engine);

/* The form of this name, see product_form_name; false where there is none. */
bool product_form_from_name(const char *name, enum product_form *form);

struct product_rule {
    enum product_form form;
    size_t m, n, k; /* 0: any; samples (m, or k of a weight gradient): so many or fewer */
    enum product_engine engine;
};

/* How a training step of a small network runs. */
enum step_rule {
    STEP_SHIPPED,      /* as Weft ships it for the type of the device */
    STEP_BY_OPERATION, /* products and the kernels between them */
    STEP_FUSED,        /* opencl/fused.h */
    STEP_MIDDLE        /* opencl/middle.h */
};

struct product_rules {
    size_t count, step_count;
    struct product_rule rules[RECORD_PRODUCTS]; /* [count] */
    struct record_step steps[RECORD_STEPS];     /* [step_count] of certain networks */
    enum step_rule step;                        /* of all others */
};

/* What was tuned as rules, in the place of those that were. What means nothing here is left out,
 * and what is in CLBlast's favor under another setting than `setting`, the one in force. */
void product_rules_read(struct product_rules *rules, const struct record_tuning *tuning,
                        const char *setting);

/* The rule for a product, NULL where there is none: of several the one for the fewest samples, of
 * these the first. */
const struct product_rule *product_rules_find(const struct product_rules *rules,
                                              enum product_form form, size_t m, size_t n, size_t k);

/* The rule for a training step of the network in batches of up to `batch`; as with products, what
 * is known of larger batches holds. */
enum step_rule product_rules_step(const struct product_rules *rules, const struct network *network,
                                  size_t batch);

#endif
