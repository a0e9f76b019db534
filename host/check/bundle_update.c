/* The update of a step in a bundle: see bundle_update.h. */
#include "check/bundle_update.h"

#include <float.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/words.h"
#include "train/optimizer.h"

enum { NAME_SIZE = 16 };

/* The members of struct update_rule that stand in a bundle as numbers of their own. */
static const struct scalar {
    const char *key;
    size_t place; /* in the rule */
} scalars[] = {{"momentum", offsetof(struct update_rule, momentum)},
               {"beta1", offsetof(struct update_rule, beta1)},
               {"beta2", offsetof(struct update_rule, beta2)},
               {"gain1", offsetof(struct update_rule, gain1)},
               {"gain2", offsetof(struct update_rule, gain2)},
               {"epsilon", offsetof(struct update_rule, epsilon)},
               {"step", offsetof(struct update_rule, step)},
               {"root", offsetof(struct update_rule, root)},
               {"keep", offsetof(struct update_rule, keep)},
               {"clip_norm", offsetof(struct update_rule, clip_norm)},
               {"average_gain", offsetof(struct update_rule, average_gain)}};
enum { SCALARS = sizeof scalars / sizeof *scalars };

bool bundle_update_is_plain(const struct update_rule *rule)
{
    return rule->optimizer == WEFT_OPTIMIZER_SGD && rule->clip_norm == 0.0f &&
           !update_averages(rule);
}

static void state_name(size_t state, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "update.%zu", state);
}

static float *scalar_of(struct update_rule *rule, const struct scalar *scalar)
{
    void *place = (char *)rule + scalar->place;
    return place;
}

/* ---- writing ---- */

enum weft_status bundle_update_add(const struct step_trial *trial, struct safetensors *file)
{
    struct update_rule rule = trial->update;
    const size_t count = trial->network->value_count;
    if (bundle_update_is_plain(&rule))
        return WEFT_OK;
    TRY(safetensors_add_entry(file, "optimizer", optimizer_names[rule.optimizer]));
    for (size_t i = 0; i < SCALARS; i++) {
        char text[NUMBER_TEXT_SIZE];
        number_to_text((double)*scalar_of(&rule, &scalars[i]), text);
        TRY(safetensors_add_entry(file, scalars[i].key, text));
    }
    for (size_t s = 0; trial->state != NULL && s < update_states(&rule); s++) {
        char name[NAME_SIZE];
        state_name(s, name);
        TRY(safetensors_add(file, name, trial->state + s * count, &count, 1));
    }
    return WEFT_OK;
}

/* ---- reading ---- */

static enum weft_status read_scalar(const char *path, const struct safetensors *file,
                                    const struct scalar *scalar, struct update_rule *rule)
{
    const char *text = safetensors_entry(file, scalar->key);
    double number = 0.0;
    if (text == NULL)
        return fail(WEFT_ERROR_MODEL, "%s: %s: missing in the metadata", path, scalar->key);
    if (!number_from_text(text, &number) || number < -(double)FLT_MAX || number > (double)FLT_MAX)
        return fail(WEFT_ERROR_MODEL, "%s: %s: got \"%.64s\", need a number that float32 holds",
                    path, scalar->key, text);
    *scalar_of(rule, scalar) = (float)number;
    return WEFT_OK;
}

/* All of what the rule keeps, or nothing where the file has none: zeros. */
static enum weft_status read_state(const char *path, const struct safetensors *file, size_t count,
                                   size_t states, float **state)
{
    char name[NAME_SIZE];
    state_name(0, name);
    if (states == 0 || safetensors_find(file, name) == NULL)
        return WEFT_OK;
    TRY(NEW_ARRAY(*state, states * count));
    for (size_t s = 0; s < states; s++) {
        state_name(s, name);
        const struct safetensor *tensor = safetensors_find(file, name);
        if (tensor == NULL || tensor->dimensions != 1 || tensor->shape[0] != count)
            return fail(WEFT_ERROR_MODEL,
                        "%s: %s: missing, or not a number for each parameter and statistic", path,
                        name);
        memcpy(*state + s * count, tensor->values, count * sizeof **state);
    }
    return WEFT_OK;
}

enum weft_status bundle_update_read(const char *path, const struct safetensors *file,
                                    size_t value_count, struct update_rule *rule, float **state)
{
    const char *optimizer = safetensors_entry(file, "optimizer");
    if (optimizer == NULL)
        return WEFT_OK;
    const size_t position = words_find(optimizer, optimizer_names, OPTIMIZERS);
    if (position == OPTIMIZERS)
        return fail(WEFT_ERROR_MODEL, "%s: optimizer: got \"%.64s\", need one that Weft knows",
                    path, optimizer);
    rule->optimizer = (enum weft_optimizer)position;
    for (size_t i = 0; i < SCALARS; i++)
        TRY(read_scalar(path, file, &scalars[i], rule));
    return read_state(path, file, value_count, update_states(rule), state);
}
