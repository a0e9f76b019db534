/* Looks up which engine computes a matrix product; see product_rules.h. */
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

bool product_form_from_name(const char *name, enum product_form *form)
{
    for (int i = PRODUCT_FORWARD; i < PRODUCT_FORMS; i++)
        if (strcmp(name, product_form_name((enum product_form)i)) == 0) {
            *form = (enum product_form)i;
            return true;
        }
    return false;
}

void product_rules_read(struct product_rules *rules, const struct record_tuning *tuning,
                        const char *setting)
{
    *rules = (struct product_rules){.step_count = tuning->step_count};
    memcpy(rules->steps, tuning->steps, sizeof rules->steps);
    for (size_t i = 0; i < tuning->product_count; i++) {
        const struct record_product *product = &tuning->products[i];
        struct product_rule rule = {.m = product->m, .n = product->n, .k = product->k};
        if (!product_form_from_name(product->form, &rule.form) ||
            !product_engine_from_name(product->engine, &rule.engine) ||
            (rule.engine == ENGINE_CLBLAST && strcmp(setting, tuning->setting) != 0))
            continue;
        rules->rules[rules->count++] = rule;
    }
}

static bool side_fits(size_t wanted, size_t size)
{
    return wanted == 0 || wanted == size;
}

/* The most samples that the rule applies to. */
static size_t samples_of(const struct product_rule *rule)
{
    const size_t samples = rule->form == PRODUCT_WEIGHT_GRADIENT ? rule->k : rule->m;
    return samples == 0 ? SIZE_MAX : samples;
}

const struct product_rule *product_rules_find(const struct product_rules *rules,
                                              enum product_form form, size_t m, size_t n, size_t k)
{
    const bool gradient = form == PRODUCT_WEIGHT_GRADIENT;
    const struct product_rule *best = NULL;
    for (size_t i = 0; i < rules->count; i++) {
        const struct product_rule *rule = &rules->rules[i];
        if (rule->form == form && samples_of(rule) >= (gradient ? k : m) && side_fits(rule->n, n) &&
            side_fits(gradient ? rule->m : rule->k, gradient ? m : k) &&
            (best == NULL || samples_of(rule) < samples_of(best)))
            best = rule;
    }
    return best;
}

enum step_rule product_rules_step(const struct product_rules *rules, const struct network *network,
                                  size_t batch)
{
    char text[sizeof rules->steps->network];
    const struct record_step *best = NULL;
    if (!network_to_text(network, text, sizeof text))
        return rules->step;
    for (size_t i = 0; i < rules->step_count; i++) {
        const struct record_step *step = &rules->steps[i];
        if (step->batch >= batch && strcmp(step->network, text) == 0 &&
            (best == NULL || step->batch < best->batch))
            best = step;
    }
    if (best == NULL)
        return rules->step;
    return best->fused ? STEP_FUSED : STEP_BY_OPERATION;
}
