/* Looking up who computes a product, see product_rules.h. */
#include "opencl/product_rules.h"

#include <string.h>

static const char *const engine_names[ENGINE_COUNT] = {[ENGINE_CLBLAST] = "clblast",
                                                       [ENGINE_PLAIN] = "plain",
                                                       [ENGINE_BLOCKED] = "blocked",
                                                       [ENGINE_TILED] = "tiled"};

const char *product_engine_name(enum product_engine engine)
{
    return engine_names[engine];
}

bool product_engine_from_name(const char *name, enum product_engine *engine)
{
    for (int i = 0; i < ENGINE_COUNT; i++)
        if (strcmp(name, engine_names[i]) == 0) {
            *engine = (enum product_engine)i;
            return true;
        }
    return false;
}

static bool size_fits(size_t wanted, size_t size)
{
    return wanted == 0 || wanted == size;
}

const struct product_rule *product_rules_find(const struct product_rules *rules,
                                              enum product_form form, size_t m, size_t n, size_t k)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct product_rule *rule = &rules->rules[i];
        if (rule->form == form && size_fits(rule->m, m) && size_fits(rule->n, n) &&
            size_fits(rule->k, k))
            return rule;
    }
    return NULL;
}
