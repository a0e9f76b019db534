/* What a network is: its dense layers and where their parameters lie. */
#ifndef WEFT_NETWORK_NETWORK_H
#define WEFT_NETWORK_NETWORK_H

#include "options/option_words.h"

/* z = x W' + b, a = activation(z). The output layer keeps its pre-activation (identity): what the
 * head does with it belongs to the loss.
 *
 * With batch normalization (Ioffe and Szegedy 2015) there is no b, and the product q = x W' is
 * normalized over the samples of a batch, each output by itself:
 *
 *     z = scale (q - mean) / sqrt(variance + 1e-5) + shift
 *
 * In training mean and variance are the batch's, elsewhere the running ones that training left. */
struct dense_layer {
    size_t inputs;  /* I */
    size_t outputs; /* O */
    enum weft_activation activation;
    bool bias;
    float dropout;        /* share of the activations that training leaves out, 0 to below 1 */
    size_t weight_offset; /* of weight [O][I] in the parameters */
    size_t bias_offset;   /* of bias [O] in the parameters; unused without bias */
    bool batch_norm;      /* never with a bias, never of the output layer */
    /* With batch norm alone: */
    size_t scale_offset, shift_offset;   /* of scale [O] and shift [O] in the parameters */
    size_t mean_offset, variance_offset; /* of the running ones [O] in the values */
};

/* Running statistics: running = (1 - NORM_MOMENTUM) running + NORM_MOMENTUM of the batch. */
#define NORM_MOMENTUM 0.1f

/* Parameters are one array of floats: weights of layer 0, of layer 1, ..., then biases of layer 0,
 * of layer 1, ..., then scale and shift of each layer with batch norm: penalties concern the first
 * `weight_count` numbers alone. Gradients lie the same.
 * Behind the parameters lie the statistics, running mean and variance of each layer with batch
 * norm, which no gradient changes. Both together are the values of a network. */
struct network {
    size_t layer_count;
    struct dense_layer *layers; /* [layer_count] owned */
    enum weft_head head;
    enum weft_task task;
    size_t weight_count;    /* sum of O I */
    size_t parameter_count; /* weights, biases, scales and shifts */
    size_t statistic_count; /* running means and variances */
    size_t value_count;     /* parameters, then statistics */
};

/* What decides a network; everything borrowed. */
struct network_shape {
    const size_t *widths; /* [layer_count + 1]: features, hidden widths, outputs */
    size_t layer_count;   /* >= 1 */
    enum weft_head head;
    bool bias;
    const enum weft_activation *activations; /* [layer_count - 1] of the hidden layers */
    const float *dropout;                    /* likewise; NULL: none */
    bool batch_norm;                         /* of all hidden layers, whose biases it replaces */
    enum weft_task task;
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

/* Whether layers have biases, those with batch norm apart. */
static inline bool network_has_bias(const struct network *network)
{
    return network->layers[network->layer_count - 1].bias;
}

/* Whether hidden layers have batch norm; all of them, or none. */
static inline bool network_has_norm(const struct network *network)
{
    return network->statistic_count > 0;
}

/* What makes the variance of `samples` of a batch, 2 or more, one without bias. */
static inline float norm_unbias(size_t samples)
{
    return (float)((double)samples / (double)(samples - 1));
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
    return layer->batch_norm || layer->dropout > 0.0f ||
           layer->activation == WEFT_ACTIVATION_GELU || layer->activation == WEFT_ACTIVATION_SILU;
}

/* values [value_count] = initial weights from `seed`, biases and shifts 0, scales 1, running means
 * 0 and variances 1; WEFT_INIT_UNIFORM is not for it. */
void network_initialize(const struct network *network, enum weft_initialization initialization,
                        uint64_t seed, float *values);

/* The same, weights uniform(-range, range). */
void network_initialize_uniform(const struct network *network, double range, uint64_t seed,
                                float *values);

/* The same, weights 0. */
void network_initialize_zeros(const struct network *network, float *values);

static inline const char *head_name(enum weft_head head)
{
    return head_names[head];
}

#endif
