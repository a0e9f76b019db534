/* Makes models with weights that the test chooses, in the same way as a user: a safetensors file,
 * then weft_model_create_from. Needs the folder of temporary.h. */
#ifndef WEFT_TESTS_MODEL_BY_HAND_H
#define WEFT_TESTS_MODEL_BY_HAND_H

#include "network/safetensors.h"
#include "suite.h"
#include "temporary.h"

/* A dense layer of a model. The layer at the input comes first. */
struct hand_layer {
    size_t inputs, outputs;
    const float *weights; /* [O][I] */
    const float *biases;  /* [O], or NULL */
};

static inline void hand_tensor(struct safetensors *file, size_t layer, const char *what,
                               const float *values, const size_t *shape, size_t dimensions)
{
    char name[64];
    snprintf(name, sizeof name, "layers.%zu.%s", layer, what);
    ck_ok(safetensors_add(file, name, values, shape, dimensions));
}

static inline struct weft_model *model_by_hand(const struct weft_options *options,
                                               const struct weft_dataset *dataset,
                                               const struct hand_layer *layers, size_t count)
{
    struct safetensors file = {0};
    struct weft_model *model;
    for (size_t l = 0; l < count; l++) {
        const size_t shape[] = {layers[l].outputs, layers[l].inputs};
        hand_tensor(&file, l, "weight", layers[l].weights, shape, 2);
        if (layers[l].biases != NULL)
            hand_tensor(&file, l, "bias", layers[l].biases, shape, 1);
    }
    ck_ok(safetensors_write(temporary_path("by_hand"), &file));
    safetensors_reset(&file);
    ck_ok(weft_model_create_from(temporary_path("by_hand"), options, false, dataset, &model));
    return model;
}

#endif
