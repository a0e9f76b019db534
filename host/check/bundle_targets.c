/* Reads and writes the dense targets of a step in a bundle. See bundle_targets.h. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "check/bundle_targets.h"

/* The numbers of targets.rule are keep, spread and each. */
enum { RULE_NUMBERS = 3 };
static const char rule_name[] = "targets.rule", weights_name[] = "batch.weights",
                  old_weights_name[] = "targets.class_weights", own_name[] = "batch.targets";

enum weft_status bundle_targets_write(const struct step_trial *trial, struct safetensors *file)
{
    const struct target_rule *rule = &trial->targets;
    const float numbers[] = {rule->keep, rule->spread, rule->each ? 1.0f : 0.0f};
    const size_t count = RULE_NUMBERS;
    const size_t shape[] = {trial->batch, network_outputs(trial->network)};
    if (!rule->dense)
        return WEFT_OK;
    TRY(safetensors_add(file, rule_name, numbers, &count, 1));
    if (trial->weights != NULL)
        TRY(safetensors_add(file, weights_name, trial->weights, &trial->batch, 1));
    return trial->y != NULL ? safetensors_add(file, own_name, trial->y, shape, 2) : WEFT_OK;
}

/* Copies a tensor into a new array. Its numbers must be 0 or more, or just finite if `negative` is
 * set. Leaves *values alone if there is no such tensor. */
static enum weft_status take(const char *path, const struct safetensors *file, const char *name,
                             size_t count, bool negative, float **values)
{
    const struct safetensor *tensor = safetensors_find(file, name);
    if (tensor == NULL)
        return WEFT_OK;
    if (tensor->count != count)
        return fail(WEFT_ERROR_MODEL, "%s: %s: got %zu numbers, need %zu", path, name,
                    tensor->count, count);
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(tensor->values[i]) <= FLT_MAX) || (!negative && tensor->values[i] < 0.0f))
            return fail(WEFT_ERROR_MODEL, "%s: %s: value %zu is %g, need %s", path, name, i,
                        (double)tensor->values[i], negative ? "a finite number" : "0 or more");
    TRY(NEW_ARRAY(*values, count));
    memcpy(*values, tensor->values, count * sizeof **values);
    return WEFT_OK;
}

/* Reads the sample weights [B]. Bundles of version 0.1 contain class weights instead. */
static enum weft_status take_weights(const char *path, const struct safetensors *file,
                                     const struct step_trial *trial, float **weights)
{
    const size_t classes = size_max(network_outputs(trial->network), 2);
    float *of_class = NULL;
    TRY(take(path, file, weights_name, trial->batch, false, weights));
    if (*weights != NULL)
        return WEFT_OK;
    TRY(take(path, file, old_weights_name, classes, false, &of_class));
    const enum weft_status status = of_class != NULL ? NEW_ARRAY(*weights, trial->batch) : WEFT_OK;
    for (size_t i = 0; *weights != NULL && i < trial->batch; i++)
        (*weights)[i] = of_class[trial->labels[i]];
    memory_free(of_class);
    return status;
}

enum weft_status bundle_targets_read(const char *path, const struct safetensors *file,
                                     struct step_trial *trial, struct bundle_targets *targets)
{
    const struct network *network = trial->network;
    float *numbers = NULL;
    TRY(take(path, file, rule_name, RULE_NUMBERS, false, &numbers));
    if (numbers == NULL)
        return WEFT_OK;
    trial->targets = (struct target_rule){
        .dense = true, .keep = numbers[0], .spread = numbers[1], .each = numbers[2] != 0.0f};
    memory_free(numbers);
    TRY(take_weights(path, file, trial, &targets->weights));
    TRY(take(path, file, own_name, trial->batch * network_outputs(network), true, &targets->y));
    trial->weights = targets->weights;
    trial->y = targets->y;
    return WEFT_OK;
}

void bundle_targets_reset(struct bundle_targets *targets)
{
    memory_free(targets->y);
    memory_free(targets->weights);
    *targets = (struct bundle_targets){0};
}
