/* Steps of small networks of many shapes, judged stage by stage. See check_suite.h.
 *
 * A backend may run the step of a small network in other kernels than the step of a large one.
 * These kernels may take other branches for narrow, single and odd layers. The networks here reach
 * each of them. The samples of a step lie behind and between other samples.
 */
#include <stdio.h>
#include <string.h>

#include "backend/device_memory.h"
#include "base/memory.h"
#include "base/random.h"
#include "check/check_suite.h"

enum { MOST_LAYERS = 4 };

/* Optional properties of a network and its training run. */
enum property {
    PLAIN = 0,
    DENSE = 1,       /* smoothed targets, with class weights */
    IMAGES = 2,      /* augmented images; with DENSE also mixup */
    NORM = 4,        /* batch normalization in the hidden layers */
    INPUT = 8,       /* dropout of the input features */
    TRUE_CLASS = 16, /* the article's loss: only the true class counts */
    SLICED = 32,     /* batches in three slices */
    EACH = 64        /* with DENSE: a sample is correct if each output is */
};

/* Shapes at the edges of vectors and blocks: below, at and above them. */
struct small_network {
    size_t layers, widths[MOST_LAYERS + 1], batch;
    enum weft_head head;
    bool bias;
    enum weft_activation activations[MOST_LAYERS - 1]; /* for the hidden layers */
    unsigned with;                                     /* bits of enum property */
    float dropout[MOST_LAYERS - 1];                    /* for the hidden layers */
};

static const struct small_network small_networks[] = {
    {1, {1, 1}, 1, WEFT_HEAD_IDENTITY, true, {WEFT_ACTIVATION_IDENTITY}, PLAIN, {0.0f}},
    {2, {3, 7, 1}, 67, WEFT_HEAD_SIGMOID, true, {WEFT_ACTIVATION_SIGMOID}, PLAIN, {0.0f}},
    {2, {3, 7, 1}, 67, WEFT_HEAD_IDENTITY, true, {WEFT_ACTIVATION_TANH}, PLAIN, {0.0f}},
    {2, {16, 16, 16}, 16, WEFT_HEAD_SOFTMAX, true, {WEFT_ACTIVATION_RELU}, PLAIN, {0.0f}},
    {3,
     {17, 33, 5, 2},
     33,
     WEFT_HEAD_SIGMOID,
     false,
     {WEFT_ACTIVATION_LEAKY_RELU, WEFT_ACTIVATION_ELU},
     PLAIN,
     {0.0f}},
    {3,
     {70, 21, 18, 11},
     300,
     WEFT_HEAD_SOFTMAX,
     true,
     {WEFT_ACTIVATION_SIGMOID, WEFT_ACTIVATION_SIGMOID},
     PLAIN,
     {0.0f}},
    {4,
     {33, 4, 6, 40, 3},
     131,
     WEFT_HEAD_IDENTITY,
     false,
     {WEFT_ACTIVATION_GELU, WEFT_ACTIVATION_SOFTPLUS, WEFT_ACTIVATION_SILU},
     PLAIN,
     {0.0f}},
    {2, {3, 7, 1}, 67, WEFT_HEAD_SIGMOID, true, {WEFT_ACTIVATION_SIGMOID}, DENSE, {0.0f}},
    {2, {17, 5, 3}, 33, WEFT_HEAD_SIGMOID, true, {WEFT_ACTIVATION_RELU}, DENSE, {0.0f}},
    {2, {17, 5, 3}, 67, WEFT_HEAD_SIGMOID, true, {WEFT_ACTIVATION_RELU}, DENSE | EACH, {0.0f}},
    {2, {16, 5, 11}, 67, WEFT_HEAD_SOFTMAX, true, {WEFT_ACTIVATION_GELU}, DENSE, {0.0f}},
    {2, {300, 7, 3}, 33, WEFT_HEAD_SOFTMAX, true, {WEFT_ACTIVATION_SELU}, DENSE, {0.4f}},
    {2, {5, 7, 4}, 33, WEFT_HEAD_IDENTITY, true, {WEFT_ACTIVATION_TANH}, DENSE, {0.0f}},
    {2, {20, 5, 3}, 67, WEFT_HEAD_SOFTMAX, true, {WEFT_ACTIVATION_RELU}, IMAGES, {0.0f}},
    {2, {20, 5, 3}, 67, WEFT_HEAD_SOFTMAX, true, {WEFT_ACTIVATION_SILU}, DENSE | IMAGES, {0.0f}},
    {2, {9, 21, 3}, 67, WEFT_HEAD_SOFTMAX, true, {WEFT_ACTIVATION_RELU}, PLAIN, {0.3f}},
    {2, {9, 21, 3}, 67, WEFT_HEAD_SOFTMAX, true, {WEFT_ACTIVATION_RELU}, INPUT, {0.0f}},
    {3,
     {7, 33, 5, 2},
     33,
     WEFT_HEAD_SIGMOID,
     true,
     {WEFT_ACTIVATION_TANH, WEFT_ACTIVATION_IDENTITY},
     PLAIN,
     {0.6f, 0.1f}},
    {2, {9, 21, 3}, 67, WEFT_HEAD_SOFTMAX, true, {WEFT_ACTIVATION_RELU}, NORM | DENSE, {0.3f}},
    {3,
     {7, 33, 5, 2},
     2,
     WEFT_HEAD_SIGMOID,
     false,
     {WEFT_ACTIVATION_TANH, WEFT_ACTIVATION_IDENTITY},
     NORM,
     {0.0f}},
    {3,
     {21, 4, 3, 3},
     7,
     WEFT_HEAD_SIGMOID,
     true,
     {WEFT_ACTIVATION_SIGMOID, WEFT_ACTIVATION_SIGMOID},
     TRUE_CLASS,
     {0.0f}},
    {2, {17, 5, 3}, 33, WEFT_HEAD_SIGMOID, false, {WEFT_ACTIVATION_RELU}, TRUE_CLASS, {0.0f}},
    {3,
     {21, 4, 3, 3},
     7,
     WEFT_HEAD_SOFTMAX,
     false,
     {WEFT_ACTIVATION_TANH, WEFT_ACTIVATION_RELU},
     PLAIN,
     {0.0f}},
    {2, {3, 7, 1}, 33, WEFT_HEAD_SIGMOID, true, {WEFT_ACTIVATION_SIGMOID}, SLICED, {0.0f}},
    {2,
     {20, 5, 3},
     67,
     WEFT_HEAD_SOFTMAX,
     true,
     {WEFT_ACTIVATION_SILU},
     SLICED | DENSE | IMAGES,
     {0.3f}},
    {3,
     {9, 21, 8, 3},
     67,
     WEFT_HEAD_SOFTMAX,
     true,
     {WEFT_ACTIVATION_RELU, WEFT_ACTIVATION_TANH},
     SLICED | NORM | DENSE,
     {0.3f}},
};

static bool has(const struct small_network *small, enum property property)
{
    return (small->with & property) != 0;
}

/* Passes results on with head, widths and first activation: "layer 0: 67x7 of sigmoid 3-7-1,
 * tanh". "unfused" marks steps that run operation by operation, although others would not. */
struct naming {
    const struct network *network;
    const struct check_sink *sink;
    bool dense, images, sliced, by_operation;
};

static void named_result(void *user, const struct check_result *result)
{
    const struct naming *naming = user;
    struct check_result named = *result;
    size_t used = strlen(named.shape);
    used +=
        (size_t)snprintf(named.shape + used, sizeof named.shape - used, " of %s%s%s%s %zu",
                         naming->by_operation ? "unfused " : "", naming->sliced ? "sliced " : "",
                         naming->images  ? "augmented "
                         : naming->dense ? "smoothed "
                                         : "",
                         head_name(naming->network->head), network_features(naming->network));
    for (size_t l = 0; l < naming->network->layer_count && used < sizeof named.shape; l++)
        used += (size_t)snprintf(named.shape + used, sizeof named.shape - used, "-%zu",
                                 naming->network->layers[l].outputs);
    if (naming->network->layer_count > 1 && used < sizeof named.shape)
        snprintf(named.shape + used, sizeof named.shape - used, ", %s",
                 activation_names[network_hidden_activation(naming->network)]);
    naming->sink->result(naming->sink->user, &named);
}

/* Fills weights and biases of both signs. None is near 0, where sign(w) jumps. */
static void parameters_fill(const struct network *network, uint64_t seed, float *parameters)
{
    const struct random_stream stream = {seed, RANDOM_CHECK, 0};
    network_initialize_zeros(network, parameters);
    for (size_t i = 0; i < network->parameter_count; i++) {
        const float value = random_uniform(stream, i, -1.0f, 1.0f);
        parameters[i] = value < 0.0f ? value - 0.1f : value + 0.1f;
    }
}

static const float class_weights[] = {0.3f, 2.5f, 1.0f, 0.7f, 1.3f, 0.1f,
                                      3.0f, 0.9f, 1.1f, 0.5f, 1.7f};

/* Returns the plan for steps of a small network. It borrows `network` and `parameters`. */
static struct check_plan plan_of(const struct check_plan *plan, const struct small_network *small,
                                 const struct network *network, const float *parameters)
{
    const bool dense = has(small, DENSE), images = has(small, IMAGES);
    const bool penalty = check_plan_launches(plan, PRIMITIVE_PENALTY_TERMS);
    return (struct check_plan){
        .network = network,
        .parameters = parameters,
        .batches = {small->batch, 0},
        .slices = has(small, SLICED) ? 3 : plan->slices,
        .objective = {WEFT_REDUCTION_MEAN, penalty ? 0.02 : 0.0, penalty ? 0.05 : 0.0,
                      has(small, TRUE_CLASS), network_outputs(network)},
        .primitives = plan->primitives,
        .targets = {.dense = dense, .each = has(small, EACH), .share = 0.9f, .spread = 0.03f},
        .class_weights = dense ? class_weights : NULL,
        .augmentation = {.height = 4,
                         .width = network_features(network) / 4,
                         .channels = 1,
                         .shift = images ? 2 : 0,
                         .flip = images,
                         .erase = images ? 2 : 0,
                         .mixup = images && dense ? 0.4 : 0.0,
                         .dropout = has(small, INPUT) ? 0.2f : 0.0f},
        .optimizer = plan->optimizer,
        .learning_rate = 0.3,
        .products = plan->products,
        .by_operation = plan->by_operation,
        .steps = plan->steps,
        .placed = true,
        .seed = plan->seed};
}

static enum weft_status steps_check(struct weft_device *device, const struct check_plan *plan,
                                    const struct small_network *small,
                                    const struct network *network, const struct check_sink *sink)
{
    struct naming naming = {.network = network,
                            .sink = sink,
                            .dense = has(small, DENSE),
                            .images = has(small, IMAGES),
                            .sliced = has(small, SLICED),
                            .by_operation = plan->by_operation};
    const struct check_sink named = {&naming, named_result};
    float *parameters = NULL;
    TRY(NEW_ARRAY(parameters, network->value_count));
    parameters_fill(network, plan->seed, parameters);
    const struct check_plan own = plan_of(plan, small, network, parameters);
    const enum weft_status status = check_network_steps(device, &own, &named);
    memory_free(parameters);
    return status;
}

static struct network_shape shape_of(const struct small_network *small)
{
    return (struct network_shape){.widths = small->widths,
                                  .layer_count = small->layers,
                                  .head = small->head,
                                  .bias = small->bias,
                                  .activations = small->activations,
                                  .dropout = small->dropout,
                                  .batch_norm = has(small, NORM)};
}

/* `plan` has the engine of the products, the primitives, the optimizer, the number of steps and the
 * seed. */
static enum weft_status small_check(struct weft_device *device, const struct check_plan *plan,
                                    const struct small_network *small,
                                    const struct check_sink *sink)
{
    struct network network = {.layer_count = 0};
    const struct network_shape shape = shape_of(small);
    enum weft_status status = network_init_shape(&network, &shape);
    if (status == WEFT_OK)
        status = steps_check(device, plan, small, &network, sink);
    network_reset(&network);
    return status;
}

/* Whether the device runs steps of the network in fewer products than it has layers. */
static bool shape_is_fused(const struct weft_device *device, const struct check_plan *plan,
                           const struct network_shape *shape)
{
    struct network network = {.layer_count = 0};
    const struct workspace_plan step = {.network = &network,
                                        .batch = 1,
                                        .training = true,
                                        .products = plan->products,
                                        .targets = {.dense = true, .share = 1.0f}};
    const bool fused = device->backend->step_product_layers != NULL &&
                       network_init_shape(&network, shape) == WEFT_OK &&
                       device->backend->step_product_layers(device, &step) < shape->layer_count;
    network_reset(&network);
    return fused;
}

/* Checks steps as the device runs them, and then operation by operation if that is another way. */
static enum weft_status small_check_all(struct weft_device *device, struct check_plan *plan,
                                        const struct small_network *small,
                                        const struct check_sink *sink)
{
    const struct network_shape shape = shape_of(small);
    plan->by_operation = false;
    TRY(small_check(device, plan, small, sink));
    plan->by_operation = shape_is_fused(device, plan, &shape);
    return plan->by_operation ? small_check(device, plan, small, sink) : WEFT_OK;
}

enum weft_status check_small_networks(struct weft_device *device, const struct check_plan *plan,
                                      const struct check_sink *sink)
{
    struct check_plan steps = *plan;
    steps.steps = CHECK_STEPS;
    steps.optimizer = (struct optimizer){.kind = WEFT_OPTIMIZER_SGD};
    for (size_t i = 0; i < sizeof small_networks / sizeof *small_networks; i++)
        TRY(small_check_all(device, &steps, &small_networks[i], sink));
    /* Each activation below another layer of its kind, whatever the table above has. */
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const enum weft_activation each = (enum weft_activation)a;
        const struct small_network small = {.layers = 3,
                                            .widths = {9, 17, 5, 3},
                                            .batch = 33,
                                            .head = WEFT_HEAD_SOFTMAX,
                                            .bias = true,
                                            .activations = {each, each}};
        TRY(small_check_all(device, &steps, &small, sink));
    }
    return WEFT_OK;
}

/* Whether the plan's steps are known to run by operation. */
static bool runs_by_operation(const struct check_plan *plan)
{
    return plan->primitives != 0 && plan->product_layers == plan->network->layer_count;
}

/* Forward passes alone run by operation, too. */
static bool passes_alone(const struct check_plan *plan)
{
    return plan->primitives != 0 && plan->batches[0] == 0;
}

/* Returns what makes the steps of a tiny network run as the plan's do. */
static unsigned tiny_properties(const struct check_plan *plan)
{
    const bool merges = plan->slices > 1 && network_has_norm(plan->network);
    if (passes_alone(plan))
        return DENSE;
    if (plan->objective.article)
        return TRUE_CLASS;
    if (merges) /* the statistics of slices; a large network runs no step of its own */
        return NORM | DENSE;
    if (plan->targets.each)
        return DENSE | EACH;
    return runs_by_operation(plan) || plan->targets.dense ? DENSE : PLAIN;
}

/* Whether a layer above the first one has CHECK_WIDE inputs or more. */
static bool has_wide_layers(const struct network *network)
{
    bool wide = false;
    for (size_t l = 1; l < network->layer_count; l++)
        wide = wide || network->layers[l].inputs >= CHECK_WIDE;
    return wide;
}

/* Makes layers wide enough for what follows a product in its launch. In a network with wide layers,
 * it may also follow sums that are cut into slices: forward in layer 1, and to the delta of layer
 * 0. */
static void layers_widen(const struct check_plan *plan, struct small_network *tiny)
{
    const bool wide = has_wide_layers(plan->network);
    tiny->widths[1] = wide ? CHECK_WIDE + 64 : 64;
    tiny->widths[2] = wide ? CHECK_WIDE + 4 : 20;
}

/* Makes batches long enough for gradients in slices, and for what follows them. */
static void batches_lengthen(struct check_plan *steps, struct small_network *tiny)
{
    enum { MOST_SLICES = 2 }; /* the reference takes time */
    if (steps->batches[0] < CHECK_LONG)
        return;
    steps->slices = size_min(steps->slices, MOST_SLICES);
    tiny->batch = CHECK_LONG * size_max(steps->slices, 1);
}

/* An estimate of the bytes that a small network needs on a device: its samples, pre-activations,
 * activations, deltas and targets. */
static size_t bytes_of(const struct small_network *small)
{
    enum { ARRAYS = 5 };
    size_t numbers = 0;
    for (size_t l = 0; l <= small->layers; l++)
        numbers += ARRAYS * small->batch * small->widths[l];
    for (size_t l = 0; l < small->layers; l++)
        numbers += ARRAYS * small->widths[l] * small->widths[l + 1];
    return numbers * sizeof(float);
}

enum weft_status check_tiny_steps(struct weft_device *device, const struct check_plan *plan,
                                  struct check_result *fault)
{
    const bool operations = runs_by_operation(plan), alone = passes_alone(plan);
    const enum weft_activation activation = network_hidden_activation(plan->network);
    struct small_network tiny = {.layers = 3,
                                 .widths = {21, 4, 3, 3},
                                 .batch = 7,
                                 .head = plan->network->head,
                                 .bias = network_has_bias(plan->network),
                                 .activations = {activation, activation},
                                 .dropout = {alone ? 0.0f : plan->network->layers[0].dropout},
                                 .with = tiny_properties(plan)};
    const struct check_sink sink = first_fault_sink(fault);
    struct check_plan steps = *plan;
    steps.steps = 2;
    steps.by_operation = operations || alone;
    const struct small_network least = tiny;
    if (tiny.dropout[0] > 0.0f)
        tiny.widths[1]++; /* rows that begin within a block of random numbers */
    if (check_plan_is_wide(plan))
        tiny.widths[0] += CHECK_WIDE;
    if (operations || alone)
        layers_widen(plan, &tiny);
    if (operations)
        batches_lengthen(&steps, &tiny);
    if (memory_exceeds(bytes_of(&tiny), device_memory(device))) {
        tiny = least; /* the user allows the device less than a megabyte or so */
        steps.slices = plan->slices;
    }
    return small_check(device, &steps, &tiny, &sink);
}
