/* Copies the numbers of a model to and from the tensors of a file. The reader rejects tensors of
 * the wrong shape and numbers that are not finite. */
#include "network/model_tensors.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "network/layer_tensors.h"

enum { SHAPE_TEXT_SIZE = SAFETENSORS_MAX_DIMENSIONS * 22 + 3 };

/* ---- the tensors of scales ---- */

static const char *const scale_tensors[] = {"scale.mean", "scale.std"};
static const char *const target_tensors[] = {"target.mean", "target.std"};

static bool is_one_of(const char *name, const char *const names[2])
{
    return strcmp(name, names[0]) == 0 || strcmp(name, names[1]) == 0;
}

bool model_tensor_is_shared(const char *name)
{
    return is_one_of(name, scale_tensors) || is_one_of(name, target_tensors);
}

static bool has_one_of(const struct safetensors *file, const char *const names[2])
{
    return safetensors_find(file, names[0]) != NULL || safetensors_find(file, names[1]) != NULL;
}

struct tensor_scales tensor_scales_of(const struct safetensors *file)
{
    return (struct tensor_scales){.features = has_one_of(file, scale_tensors),
                                  .targets = has_one_of(file, target_tensors)};
}

/* ---- writing ---- */

static enum weft_status write_scale(const struct scale *scale, const char *const names[2],
                                    struct safetensors *file)
{
    if (scale->features == 0)
        return WEFT_OK;
    TRY(safetensors_add(file, names[0], scale->mean, &scale->features, 1));
    return safetensors_add(file, names[1], scale->std, &scale->features, 1);
}

enum weft_status model_tensors_write(const struct weft_model *model, struct safetensors *file)
{
    for (size_t l = 0; l < model->network.layer_count; l++) {
        struct layer_tensor list[LAYER_TENSORS];
        const size_t count = layer_tensors(&model->network, l, list);
        for (size_t i = 0; i < count; i++)
            TRY(safetensors_add(file, list[i].name, model->parameters + list[i].offset,
                                list[i].shape, list[i].dimensions));
    }
    TRY(write_scale(&model->scale, scale_tensors, file));
    return write_scale(&model->target_scale, target_tensors, file);
}

/* ---- checks ---- */

static void shape_to_text(const size_t *shape, size_t dimensions, char text[SHAPE_TEXT_SIZE])
{
    size_t used = (size_t)snprintf(text, SHAPE_TEXT_SIZE, "[");
    for (size_t i = 0; i < dimensions; i++)
        used += (size_t)snprintf(text + used, SHAPE_TEXT_SIZE - used, "%s%zu", i == 0 ? "" : ", ",
                                 shape[i]);
    snprintf(text + used, SHAPE_TEXT_SIZE - used, "]");
}

/* Finds the tensor `name` of the given shape. Returns WEFT_ERROR_MODEL if there is none. */
static enum weft_status find_tensor(struct tensor_source source, const char *name,
                                    const size_t *shape, size_t dimensions,
                                    const struct safetensor **tensor)
{
    char got[SHAPE_TEXT_SIZE], need[SHAPE_TEXT_SIZE];
    *tensor = safetensors_find(source.file, name);
    if (*tensor == NULL)
        return fail(WEFT_ERROR_MODEL, "%s: %s%s: missing", source.path, source.prefix, name);
    if ((*tensor)->dimensions == dimensions &&
        memcmp((*tensor)->shape, shape, dimensions * sizeof *shape) == 0)
        return WEFT_OK;
    shape_to_text((*tensor)->shape, (*tensor)->dimensions, got);
    shape_to_text(shape, dimensions, need);
    return fail(WEFT_ERROR_MODEL, "%s: %s%s: shape %s, need %s", source.path, source.prefix, name,
                got, need);
}

/* Copies the tensor `name` to values [product of the shape] and checks that all its numbers are
 * finite. */
static enum weft_status take_tensor(struct tensor_source source, const char *name,
                                    const size_t *shape, size_t dimensions, float *values)
{
    const struct safetensor *tensor;
    TRY(find_tensor(source, name, shape, dimensions, &tensor));
    for (size_t i = 0; i < tensor->count; i++) {
        const float value = tensor->values[i];
        if (!isfinite(value))
            return fail(WEFT_ERROR_MODEL, "%s: %s%s: value %zu is %s, need finite numbers",
                        source.path, source.prefix, name, i, isnan(value) ? "NaN" : "infinite");
        values[i] = value;
    }
    return WEFT_OK;
}

enum weft_status model_tensors_fit(struct tensor_source source, const struct model_shape *shape)
{
    size_t inputs = shape->features;
    for (size_t l = 0; l <= shape->hidden_count; l++) {
        const size_t last = shape->single_output ? 1 : shape->classes;
        const size_t outputs = l < shape->hidden_count ? shape->hidden[l] : last;
        const size_t weights[] = {outputs, inputs};
        const struct safetensor *tensor;
        char name[LAYER_TENSOR_NAME];
        layer_tensor_name(l, "weight", name);
        TRY(find_tensor(source, name, weights, 2, &tensor));
        inputs = outputs;
    }
    return WEFT_OK;
}

/* Tells whether an optional tensor is missing. Under TENSORS_WEIGHTS_ALONE, every tensor except
 * weights is optional. */
static bool lacks(struct tensor_source source, enum tensor_rule rule,
                  const struct layer_tensor *tensor)
{
    return rule == TENSORS_WEIGHTS_ALONE && tensor->dimensions == 1 &&
           safetensors_find(source.file, tensor->name) == NULL;
}

static enum weft_status check_layers(struct tensor_source source, enum tensor_rule rule,
                                     const struct weft_model *model)
{
    const struct safetensor *tensor;
    for (size_t l = 0; l < model->network.layer_count; l++) {
        struct layer_tensor list[LAYER_TENSORS];
        const size_t count = layer_tensors(&model->network, l, list);
        for (size_t i = 0; i < count; i++)
            if (!lacks(source, rule, &list[i]))
                TRY(find_tensor(source, list[i].name, list[i].shape, list[i].dimensions, &tensor));
    }
    return WEFT_OK;
}

/* Checks that the tensors `names` have `columns` numbers each. */
static enum weft_status check_scale(struct tensor_source source, const char *const names[2],
                                    size_t columns)
{
    const struct safetensor *tensor;
    TRY(find_tensor(source, names[0], &columns, 1, &tensor));
    return find_tensor(source, names[1], &columns, 1, &tensor);
}

/* Tells whether `name` is a tensor of a layer of `model`. */
static bool is_of_a_layer(const struct weft_model *model, const char *name)
{
    for (size_t l = 0; l < model->network.layer_count; l++) {
        struct layer_tensor list[LAYER_TENSORS];
        const size_t count = layer_tensors(&model->network, l, list);
        for (size_t i = 0; i < count; i++)
            if (strcmp(name, list[i].name) == 0)
                return true;
    }
    return false;
}

static enum weft_status check_none_left(struct tensor_source source, struct tensor_scales allowed,
                                        const struct weft_model *model)
{
    for (size_t i = 0; i < source.file->tensor_count; i++) {
        const char *name = source.file->tensors[i].name;
        if (!(allowed.features && is_one_of(name, scale_tensors)) &&
            !(allowed.targets && is_one_of(name, target_tensors)) && !is_of_a_layer(model, name))
            return fail(WEFT_ERROR_MODEL, "%s: %s%s: has no place in a network of %zu layers%s",
                        source.path, source.prefix, name, model->network.layer_count,
                        network_has_norm(&model->network)   ? " with batch norm"
                        : network_has_bias(&model->network) ? ""
                                                            : " without biases");
    }
    return WEFT_OK;
}

enum weft_status model_tensors_check(struct tensor_source source, enum tensor_rule rule,
                                     struct tensor_scales scales, const struct weft_model *model)
{
    const struct network *network = &model->network;
    TRY(check_layers(source, rule, model));
    if (scales.features)
        TRY(check_scale(source, scale_tensors, network_features(network)));
    if (scales.targets)
        TRY(check_scale(source, target_tensors, network_outputs(network)));
    const bool alone = rule == TENSORS_WEIGHTS_ALONE;
    const struct tensor_scales allowed = {.features = scales.features || alone,
                                          .targets = scales.targets ||
                                                     (alone && network->task == WEFT_TASK_REGRESS)};
    return check_none_left(source, allowed, model);
}

/* ---- reading the values ---- */

/* Checks that no variance in values [count] is negative. */
static enum weft_status check_variances(struct tensor_source source, const char *name,
                                        const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < 0.0f)
            return fail(WEFT_ERROR_MODEL, "%s: %s%s: value %zu is %g, need 0 or more", source.path,
                        source.prefix, name, i, (double)values[i]);
    return WEFT_OK;
}

static enum weft_status take_layers(struct tensor_source source, enum tensor_rule rule,
                                    struct weft_model *model)
{
    for (size_t l = 0; l < model->network.layer_count; l++) {
        struct layer_tensor list[LAYER_TENSORS];
        const size_t count = layer_tensors(&model->network, l, list);
        for (size_t i = 0; i < count; i++) {
            float *values = model->parameters + list[i].offset;
            if (lacks(source, rule, &list[i]))
                continue;
            TRY(take_tensor(source, list[i].name, list[i].shape, list[i].dimensions, values));
            if (list[i].variance)
                TRY(check_variances(source, list[i].name, values, list[i].shape[0]));
        }
    }
    return WEFT_OK;
}

/* Reads a scale of `columns` numbers from the tensors `names`, which begin with `what`. */
static enum weft_status take_scale(struct tensor_source source, const char *what,
                                   const char *const names[2], size_t columns, struct scale *scale)
{
    const bool global = scale->global; /* scale_init clears what the metadata said */
    TRY(scale_init(scale, columns));
    scale->global = global;
    TRY(take_tensor(source, names[0], &columns, 1, scale->mean));
    TRY(take_tensor(source, names[1], &columns, 1, scale->std));
    return scale_check(scale, source.path, what);
}

enum weft_status model_tensors_read(struct tensor_source source, enum tensor_rule rule,
                                    struct tensor_scales scales, struct weft_model *model)
{
    const struct network *network = &model->network;
    TRY(take_layers(source, rule, model));
    if (scales.features)
        TRY(take_scale(source, "scale", scale_tensors, network_features(network), &model->scale));
    if (scales.targets)
        TRY(take_scale(source, "target", target_tensors, network_outputs(network),
                       &model->target_scale));
    return WEFT_OK;
}
