/* What a network is: its dense layers and where their parameters lie. */
#ifndef WEFT_NETWORK_NETWORK_H
#define WEFT_NETWORK_NETWORK_H

#include "base/status.h"

/* z = x W' + b, a = activation(z). The output layer keeps its pre-activation (identity): what the
 * head does with it belongs to the loss. */
struct dense_layer {
    size_t inputs;  /* I */
    size_t outputs; /* O */
    enum weft_activation activation;
    bool bias;
    float dropout;        /* share of the activations that training leaves out, 0 to below 1 */
    size_t weight_offset; /* of weight [O][I] in the parameters */
    size_t bias_offset;   /* of bias [O] in the parameters; unused without bias */
};

/* Parameters are one array of floats: weights of layer 0, of layer 1, ..., then biases of layer 0,
 * of layer 1, ...: penalties concern the first `weight_count` numbers alone. Gradients lie the
 * same. */
struct network {
    size_t layer_count;
    struct dense_layer *layers; /* [layer_count] owned */
    enum weft_head head;
    size_t weight_count;    /* sum of O I */
    size_t parameter_count; /* weights and biases */
};

/* What decides a network; everything borrowed. */
struct network_shape {
    const size_t *widths; /* [layer_count + 1]: features, hidden widths, outputs */
    size_t layer_count;   /* >= 1 */
    enum weft_head head;
    bool bias;
    const enum weft_activation *activations; /* [layer_count - 1] of the hidden layers */
    const float *dropout;                    /* likewise; NULL: none */
};

/* WEFT_ERROR_USAGE: a width of 0, or sizes that overflow. */
WEFT_MUST_CHECK enum weft_status network_init_shape(struct network *network,
                                                    const struct network_shape *shape);

/* The same, all hidden activations sigmoid. */
WEFT_MUST_CHECK enum weft_status network_init(struct network *network, const size_t *widths,
                                              size_t count, enum weft_head head, bool bias);
void network_reset(struct network *network);

static inline size_t network_features(const struct network *network)
{
    return network->layers[0].inputs;
}

static inline size_t network_outputs(const struct network *network)
{
    return network->layers[network->layer_count - 1].outputs;
}

/* Dropout keeps an activation whose 32 random bits are at least the threshold, times the scale. */
static inline uint32_t dropout_threshold(float share)
{
    return (uint32_t)((double)share * 0x1p32);
}

static inline float dropout_scale(float share)
{
    return (float)(1.0 / (1.0 - (double)share));
}

/* The activation of the first hidden layer, which small networks of a check take over. */
static inline enum weft_activation network_hidden_activation(const struct network *network)
{
    return network->layer_count > 1 ? network->layers[0].activation : WEFT_ACTIVATION_SIGMOID;
}

/* Largest number of outputs of any layer. */
size_t network_widest(const struct network *network);

/* "784-50-10"; false where that is cut at `size`. */
bool network_to_text(const struct network *network, char *text, size_t size);

/* Whether a layer keeps its z: where its slope does not follow from what the layer above reads. */
static inline bool layer_keeps_z(const struct dense_layer *layer)
{
    return layer->dropout > 0.0f || layer->activation == WEFT_ACTIVATION_GELU ||
           layer->activation == WEFT_ACTIVATION_SILU;
}

/* parameters [parameter_count] = initial weights from `seed`, biases 0; WEFT_INIT_UNIFORM is not
 * for it. */
void network_initialise(const struct network *network, enum weft_initialisation initialisation,
                        uint64_t seed, float *parameters);

/* The same, weights uniform(-range, range). */
void network_initialise_uniform(const struct network *network, double range, uint64_t seed,
                                float *parameters);

/* "sigmoid", "softmax", "identity" and back; head_from_name returns false for another name. */
const char *head_name(enum weft_head head);
bool head_from_name(const char *name, enum weft_head *head);

#endif
