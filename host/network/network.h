/* A network: its dense layers and the layout of their parameters. */
#ifndef WEFT_NETWORK_NETWORK_H
#define WEFT_NETWORK_NETWORK_H

#include "options/activation_traits.h"
#include "options/option_words.h"

/* A dense layer computes z = x W' + b and a = activation(z). The output layer has no activation
 * (identity), because applying the head is part of the loss.
 *
 * With batch normalization (Ioffe and Szegedy 2015), there is no b. The matrix product q = x W' is
 * normalized over the samples of a batch, separately for each output:
 *
 *     z = scale (q - mean) / sqrt(variance + 1e-5) + shift
 *
 * Training uses the mean and variance of the batch. Evaluation uses the running statistics from
 * training.
 */
struct dense_layer {
    size_t inputs;  /* I */
    size_t outputs; /* O */
    enum weft_activation activation;
    bool bias;
    float dropout;        /* dropout rate of the activations in training; at least 0 and below 1 */
    size_t weight_offset; /* position of weight [O][I] in the parameters */
    size_t bias_offset;   /* position of bias [O] in the parameters; unused without a bias */
    bool batch_norm;      /* never together with a bias, and never in the output layer */
    /* Used only with batch norm; mean and variance are the running statistics: */
    size_t scale_offset, shift_offset;   /* position of each [O] in the parameters */
    size_t mean_offset, variance_offset; /* position of each [O] in the values */
};

/* Running statistics: running = (1 - NORM_MOMENTUM) running + NORM_MOMENTUM batch. */
#define NORM_MOMENTUM 0.1f

/* The values of a network are one array of floats: the parameters, followed by the statistics.
 *
 * The parameters begin with the weights of all layers, in order. The biases of all layers follow,
 * and then the scale and shift of each layer with batch norm. Penalties apply only to the first
 * `weight_count` numbers. Gradients have the same layout as the parameters. The statistics are the
 * running mean and variance of each layer with batch norm. Gradients do not change them.
 */
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

/* What determines a network. All pointers are borrowed. */
struct network_shape {
    const size_t *widths; /* [layer_count + 1]: features, hidden widths, outputs */
    size_t layer_count;   /* >= 1 */
    enum weft_head head;
    bool bias;
    const enum weft_activation *activations; /* [layer_count - 1], one per hidden layer */
    const float *dropout;                    /* [layer_count - 1], or NULL without dropout */
    bool batch_norm;                         /* of all hidden layers, in place of their biases */
    enum weft_task task;
};

/* Initializes a network of the given shape. Returns WEFT_ERROR_USAGE if a width is 0 or too large,
 * or if sizes overflow. */
WEFT_MUST_CHECK enum weft_status network_init_shape(struct network *network,
                                                    const struct network_shape *shape);

/* Initializes a network whose hidden activations are all sigmoid. Returns the errors of
 * network_init_shape. */
WEFT_MUST_CHECK enum weft_status network_init(struct network *network, const size_t *widths,
                                              size_t count, enum weft_head head, bool bias);
void network_reset(struct network *network);

/* Returns the number of inputs of the first layer. */
static inline size_t network_features(const struct network *network)
{
    return network->layers[0].inputs;
}

/* Returns the number of outputs of the last layer. */
static inline size_t network_outputs(const struct network *network)
{
    return network->layers[network->layer_count - 1].outputs;
}

/* Tells whether the layers without batch norm have biases. */
static inline bool network_has_bias(const struct network *network)
{
    return network->layers[network->layer_count - 1].bias;
}

/* Tells whether the hidden layers have batch norm; either all of them have it, or none. */
static inline bool network_has_norm(const struct network *network)
{
    return network->statistic_count > 0;
}

/* Returns the factor that makes the variance of a batch unbiased. The batch must have 2 or more
 * samples. */
static inline float norm_unbias(size_t samples)
{
    return (float)((double)samples / (double)(samples - 1));
}

/* Returns the threshold of dropout. Dropout keeps an activation if its 32 random bits are at least
 * the threshold, and multiplies it by dropout_scale. */
static inline uint32_t dropout_threshold(float share)
{
    return (uint32_t)((double)share * 0x1p32);
}

/* Returns the factor of the values that dropout keeps. */
static inline float dropout_scale(float share)
{
    return (float)(1.0 / (1.0 - (double)share));
}

/* Returns the activation of the first hidden layer, or sigmoid if there is none. The small networks
 * of a check use it too. */
static inline enum weft_activation network_hidden_activation(const struct network *network)
{
    return network->layer_count > 1 ? network->layers[0].activation : WEFT_ACTIVATION_SIGMOID;
}

/* Returns the largest number of outputs of any layer. */
size_t network_widest(const struct network *network);

/* Writes the widths of the layers: "784-50-10". Returns false if `size` truncates the text. */
bool network_to_text(const struct network *network, char *text, size_t size);

/* Tells whether a layer must keep z for the backward pass. This is so if the derivative of its
 * activation cannot be computed from the input of the layer above. */
static inline bool layer_keeps_z(const struct dense_layer *layer)
{
    return layer->batch_norm || layer->dropout > 0.0f ||
           activation_traits(layer->activation).slope_from_z;
}

/* Tells whether a layer computes its activations from z. Otherwise they are z itself. */
static inline bool layer_has_activation(const struct dense_layer *layer)
{
    return layer->activation != WEFT_ACTIVATION_IDENTITY || layer_keeps_z(layer);
}

/* Fills values [value_count] with initial weights from `seed`. Biases, shifts and running means are
 * 0; scales and running variances are 1. For WEFT_INIT_UNIFORM, call network_initialize_uniform
 * instead. */
void network_initialize(const struct network *network, enum weft_initialization initialization,
                        uint64_t seed, float *values);

/* Initializes the values like network_initialize, but with weights uniform in (-range, range). */
void network_initialize_uniform(const struct network *network, double range, uint64_t seed,
                                float *values);

/* Initializes the values like network_initialize, but with weights 0. */
void network_initialize_zeros(const struct network *network, float *values);

/* Returns the name of a head. */
static inline const char *head_name(enum weft_head head)
{
    return head_names[head];
}

#endif
