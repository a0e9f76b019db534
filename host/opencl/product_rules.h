/* Rules that say which engine computes which matrix product. `auto` follows them before the
 * defaults that Weft ships.
 *
 * A device starts with the rules that `weft tune` left in its record, or with none. Sizes describe
 * the shape of a layer, in the letters of backend/primitive.h.
 */
#ifndef WEFT_OPENCL_PRODUCT_RULES_H
#define WEFT_OPENCL_PRODUCT_RULES_H

#include "backend/primitive.h"
#include "record/record.h"

enum product_engine {
    ENGINE_CLBLAST, /* CLBlast with the setting in use */
    ENGINE_PLAIN,   /* Weft's own: a work-item per element; works everywhere */
    ENGINE_BLOCKED, /* Weft's own for CPUs: a work-item per tile, with blocks in registers */
    ENGINE_TILED,   /* Weft's own for GPUs: a work-group per tile, in local memory */
    ENGINE_COUNT
};

/* "clblast", "plain", "blocked", "tiled" */
const char *product_engine_name(enum product_engine engine);
bool product_engine_from_name(const char *name, enum product_engine *engine);

/* Finds the form with this name; see product_form_name. Returns false if there is none. */
bool product_form_from_name(const char *name, enum product_form *form);

struct product_rule {
    enum product_form form;
    size_t m, n, k; /* 0: any; the samples (m, or k in a weight gradient) are an upper limit */
    enum product_engine engine;
};

/* How a training step of a small network runs; opencl/step_plan.h has the plans. */
enum step_rule {
    STEP_SHIPPED,      /* the default for the type of the device */
    STEP_BY_OPERATION, /* matrix products, and kernels between them */
    STEP_FUSED,        /* a small network in three kernels */
    STEP_MIDDLE,       /* a small network with one kernel between two products */
    STEP_RULES
};

/* A product whose engine is looked up. */
struct product_ask {
    enum weft_gemm wanted;
    enum product_form form;
    size_t m, n, k;
};

struct product_rules {
    size_t count, step_count;
    struct product_rule rules[RECORD_PRODUCTS]; /* [count] */
    struct record_step steps[RECORD_STEPS];     /* [step_count] for particular networks */
    enum step_rule step;                        /* for all other networks */
};

/* Replaces the rules by the tuned ones. It skips entries that are unknown here. It also skips
 * entries for CLBlast that were tuned with another setting than `setting`, the one in use. */
void product_rules_read(struct product_rules *rules, const struct record_tuning *tuning,
                        const char *setting);

/* Returns the rule for a product, or NULL. Among several rules, it returns the first of those for
 * the fewest samples. */
const struct product_rule *product_rules_find(const struct product_rules *rules,
                                              enum product_form form, size_t m, size_t n, size_t k);

/* Returns the rule for a training step of the network in batches of up to `batch`. As with
 * products, a rule for larger batches applies. */
enum step_rule product_rules_step(const struct product_rules *rules, const struct network *network,
                                  size_t batch);

#endif
