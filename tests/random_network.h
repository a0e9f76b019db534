/* Draws random networks with a batch of samples from a seed, writes and reads them as one line, and
 * shrinks them.
 *
 * A recipe contains the shape and the options. Its features, labels and parameters depend only on
 * the seed of the recipe and on their position. A recipe that is made smaller therefore keeps most
 * of its numbers, and its line reproduces it on every machine.
 */
#ifndef WEFT_TESTS_RANDOM_NETWORK_H
#define WEFT_TESTS_RANDOM_NETWORK_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "base/random.h"
#include "base/words.h"
#include "network/network.h"
#include "options/activation_text.h"
#include "suite.h"

enum { MOST_LAYERS = 4, WIDEST = 65, LARGEST_BATCH = 33, MOST_CLASSES = 17, MOST_BEFORE = 3 };

struct recipe {
    uint64_t seed;
    size_t layers, widths[MOST_LAYERS + 1]; /* features, hidden widths, outputs */
    size_t batch;                           /* B */
    enum weft_head head;
    bool bias, sum, true_class_only; /* sum: the loss is a sum over the batch, not a mean */
    bool ordered;                    /* the batch is drawn in random order */
    size_t before;                   /* samples of the data before the batch */
    float l1, l2;
    bool smooth;   /* dense targets: smoothed, and with class weights */
    float dropout; /* rate of every hidden layer */
    /* Of the hidden layers; the last one is not used. */
    enum weft_activation activations[MOST_LAYERS];
    bool norm; /* batch norm in the hidden layers */
};

/* y = smooth_share(recipe) t + smooth_spread. These numbers are exact, and each row sums to 1. */
static const float smooth_spread = 0.03125f;
static const float smooth_weights[MOST_CLASSES] = {0.3f, 2.5f, 1.0f, 0.7f, 1.3f, 0.1f,
                                                   3.0f, 0.9f, 1.1f, 0.5f, 1.7f, 0.6f,
                                                   1.2f, 2.1f, 0.8f, 1.9f, 0.4f};

/* A recipe with its numbers. All arrays are owned. */
struct problem {
    struct recipe recipe;
    struct network network;
    size_t samples;    /* N = before + B */
    float *x;          /* [N][D] */
    int32_t *labels;   /* [N] */
    uint32_t *order;   /* [N]; the batch is order[before .. N - 1] */
    float *parameters; /* [value_count] */
    float learning_rate;
};

/* ---- drawing ---- */

/* What is drawn from a seed. The streams of one seed never overlap. */
enum stream {
    STREAM_RECIPE,
    STREAM_X,
    STREAM_LABELS,
    STREAM_ORDER,
    STREAM_RATE,
    STREAM_SIGNS,
    STREAM_LAYERS,
    STREAM_NORM = STREAM_LAYERS + 2 * MOST_LAYERS
};

static inline struct random_stream stream_of(uint64_t seed, uint32_t what)
{
    return (struct random_stream){.seed = seed, .purpose = RANDOM_CHECK, .epoch = what};
}

/* A sequence of random draws. */
struct dice {
    struct random_stream stream;
    uint64_t next;
};

/* Draws from low .. high, both included. */
static inline size_t dice_between(struct dice *dice, size_t low, size_t high)
{
    return low + random_bits(dice->stream, dice->next++) % (high - low + 1);
}

static inline bool dice_even(struct dice *dice)
{
    return dice_between(dice, 0, 1) == 1;
}

/* Draws a width. Half of the widths are small, because edge cases are there. A quarter are
 * multiples of 16, because whole vectors have ways of their own. The others are arbitrary. */
static inline size_t dice_width(struct dice *dice)
{
    if (dice_even(dice))
        return dice_between(dice, 1, 9);
    return dice_even(dice) ? 16 * dice_between(dice, 1, WIDEST / 16)
                           : dice_between(dice, 1, WIDEST);
}

/* Draws 0 half of the time, and otherwise 1e-4 .. 1e-1, uniformly in the logarithm. */
static inline float dice_penalty(struct dice *dice)
{
    const float exponent = random_uniform(dice->stream, dice->next++, -4.0f, -1.0f);
    return dice_even(dice) ? (float)pow(10.0, (double)exponent) : 0.0f;
}

static inline struct recipe recipe_draw(uint64_t seed)
{
    struct dice dice = {stream_of(seed, STREAM_RECIPE), 0};
    struct recipe recipe = {.seed = seed, .layers = dice_between(&dice, 1, MOST_LAYERS)};
    recipe.head = (enum weft_head)dice_between(&dice, WEFT_HEAD_SIGMOID, WEFT_HEAD_IDENTITY);
    for (size_t l = 0; l < recipe.layers; l++)
        recipe.widths[l] = dice_width(&dice);
    const bool single = recipe.head != WEFT_HEAD_SOFTMAX && dice_between(&dice, 1, 6) == 1;
    recipe.widths[recipe.layers] = single ? 1 : dice_between(&dice, 2, MOST_CLASSES);
    recipe.batch = dice_between(&dice, 1, LARGEST_BATCH);
    recipe.bias = dice_even(&dice);
    recipe.sum = dice_even(&dice);
    recipe.true_class_only = recipe.head == WEFT_HEAD_SIGMOID && dice_even(&dice);
    recipe.ordered = dice_even(&dice);
    recipe.before = dice_between(&dice, 0, MOST_BEFORE);
    recipe.l1 = dice_penalty(&dice);
    recipe.l2 = dice_penalty(&dice);
    recipe.smooth = dice_between(&dice, 1, 3) == 1;
    recipe.dropout = dice_between(&dice, 1, 3) > 1 ? 0.0f : 0.1f * (float)dice_between(&dice, 1, 6);
    for (size_t l = 0; l < MOST_LAYERS; l++)
        recipe.activations[l] = (enum weft_activation)dice_between(&dice, 0, ACTIVATION_COUNT - 1);
    recipe.norm = dice_between(&dice, 1, 3) == 1;
    return recipe;
}

static inline size_t recipe_classes(const struct recipe *recipe)
{
    const size_t outputs = recipe->widths[recipe->layers];
    return outputs == 1 ? 2 : outputs;
}

static inline float smooth_share(const struct recipe *recipe)
{
    return 1.0f - smooth_spread * (float)recipe->widths[recipe->layers];
}

static inline struct target_rule smooth_rule(const struct recipe *recipe)
{
    return (struct target_rule){
        .dense = recipe->smooth, .share = smooth_share(recipe), .spread = smooth_spread};
}

/* Returns the weights of samples with these labels: [count]. The caller frees them. */
static inline float *smooth_weights_of(const struct recipe *recipe, const int32_t *labels,
                                       size_t count)
{
    float *weights = memory_of(count, sizeof *weights);
    for (size_t i = 0; i < count; i++)
        weights[i] = recipe->smooth ? smooth_weights[labels[i]] : 1.0f;
    return weights;
}

/* ---- one line ---- */

enum { RECIPE_TEXT = 256 + ACTIVATION_TEXT_SIZE, ACTIVATIONS_TEXT = 64 };

/* The end of a line for sigmoids, without dropout and batch norm. */
#define RECIPE_PLAIN " dropout=0 activations=sigmoid norm=0"

static inline void recipe_print(const struct recipe *recipe, char text[RECIPE_TEXT])
{
    char widths[64] = "", activations[ACTIVATION_TEXT_SIZE];
    activations_to_text(recipe->activations, recipe->layers - 1, activations);
    for (size_t i = 0, used = 0; i <= recipe->layers; i++)
        used += (size_t)snprintf(widths + used, sizeof widths - used, i == 0 ? "%zu" : ",%zu",
                                 recipe->widths[i]);
    snprintf(text, RECIPE_TEXT,
             "seed=%" PRIu64 " widths=%s batch=%zu head=%s bias=%d sum=%d true_class_only=%d "
             "ordered=%d before=%zu l1=%.9g l2=%.9g smooth=%d dropout=%.9g activations=%s norm=%d",
             recipe->seed, widths, recipe->batch, head_name(recipe->head), recipe->bias,
             recipe->sum, recipe->true_class_only, recipe->ordered, recipe->before,
             (double)recipe->l1, (double)recipe->l2, recipe->smooth, (double)recipe->dropout,
             activations, recipe->norm);
}

static inline struct recipe recipe_read(const char *text)
{
    struct recipe recipe = {0};
    char widths[64], head[16], activations[ACTIVATIONS_TEXT];
    enum weft_activation listed[WEFT_MAX_HIDDEN], each[WEFT_MAX_HIDDEN];
    size_t listed_count = 0;
    int bias, sum, only, ordered, smooth, used, norm;
    const int count = sscanf(
        text,
        "seed=%" SCNu64 " widths=%63[0-9,] batch=%zu head=%15s bias=%d sum=%d "
        "true_class_only=%d ordered=%d before=%zu l1=%g l2=%g smooth=%d dropout=%g "
        "activations=%63s norm=%d",
        &recipe.seed, widths, &recipe.batch, head, &bias, &sum, &only, &ordered, &recipe.before,
        &recipe.l1, &recipe.l2, &smooth, &recipe.dropout, activations, &norm);
    recipe.head = (enum weft_head)words_find(head, head_names, HEADS);
    ck_assert_msg(count == 15 && (int)recipe.head < HEADS, "not a recipe: %s", text);
    recipe.bias = bias != 0;
    recipe.sum = sum != 0;
    recipe.true_class_only = only != 0;
    recipe.ordered = ordered != 0;
    recipe.smooth = smooth != 0;
    recipe.norm = norm != 0;
    size_t numbers = 0;
    for (const char *at = widths; numbers <= MOST_LAYERS && *at != '\0'; numbers++, at += used) {
        ck_assert_msg(sscanf(at, "%zu%n", &recipe.widths[numbers], &used) == 1, "widths: %s", text);
        used += at[used] == ',';
    }
    ck_assert_msg(numbers >= 2, "widths: %s", text);
    recipe.layers = numbers - 1;
    ck_ok(activations_from_text(activations, listed, &listed_count));
    ck_assert_msg(activations_spread(listed, listed_count, recipe.layers - 1, each),
                  "activations: %s", text);
    each[recipe.layers - 1] = listed[0]; /* so that a line without hidden layers can be read back */
    memcpy(recipe.activations, each, recipe.layers * sizeof *each);
    return recipe;
}

/* ---- numbers ---- */

/* Fills in scales of 1/2 to 3/2 of either sign, shifts of up to 1/2, and plausible running
 * statistics. */
static inline void norm_fill(struct problem *problem, size_t l)
{
    const struct dense_layer *layer = &problem->network.layers[l];
    const struct random_stream stream = stream_of(problem->recipe.seed, STREAM_NORM + (uint32_t)l);
    float *values = problem->parameters;
    for (size_t o = 0; layer->batch_norm && o < layer->outputs; o++) {
        const float scale = random_uniform(stream, 4 * o, -1.0f, 1.0f);
        values[layer->scale_offset + o] = scale < 0.0f ? scale - 0.5f : scale + 0.5f;
        values[layer->shift_offset + o] = random_uniform(stream, 4 * o + 1, -0.5f, 0.5f);
        values[layer->mean_offset + o] = random_uniform(stream, 4 * o + 2, -1.0f, 1.0f);
        values[layer->variance_offset + o] = random_uniform(stream, 4 * o + 3, 0.25f, 4.0f);
    }
}

/* Fills in the parameters of layer `l`. The magnitude of the weights is 0.01 to 0.01 + 2 / sqrt(I).
 * Therefore l1 |w| has a derivative near each weight, and pre-activations are of the order of 1.
 * Biases are up to 1/2. Each value depends only on its own row and column. */
static inline void layer_fill(struct problem *problem, size_t l)
{
    const struct dense_layer *layer = &problem->network.layers[l];
    const uint64_t seed = problem->recipe.seed;
    const struct random_stream weights = stream_of(seed, STREAM_LAYERS + 2 * (uint32_t)l);
    const struct random_stream biases = stream_of(seed, STREAM_LAYERS + 2 * (uint32_t)l + 1);
    const float range = (float)(2.0 / sqrt((double)layer->inputs));
    float *w = problem->parameters + layer->weight_offset; /* [O][I] */
    for (size_t o = 0; o < layer->outputs; o++) {
        for (size_t i = 0; i < layer->inputs; i++) {
            const float value = random_uniform(weights, o * 1000 + i, -range, range);
            w[o * layer->inputs + i] = value < 0.0f ? value - 0.01f : value + 0.01f;
        }
        if (layer->bias)
            problem->parameters[layer->bias_offset + o] = random_uniform(biases, o, -0.5f, 0.5f);
    }
}

/* Fills in features as they are after standardizing: mean 0, standard deviation 1. */
static inline void samples_fill(struct problem *problem)
{
    const uint64_t seed = problem->recipe.seed;
    const size_t features = network_features(&problem->network);
    for (size_t i = 0; i < problem->samples; i++) {
        for (size_t j = 0; j < features; j++)
            problem->x[i * features + j] =
                random_uniform(stream_of(seed, STREAM_X), i * 1000 + j, -1.732f, 1.732f);
        problem->labels[i] = (int32_t)(random_bits(stream_of(seed, STREAM_LABELS), i) %
                                       recipe_classes(&problem->recipe));
        problem->order[i] = (uint32_t)i;
    }
    if (problem->recipe.ordered)
        random_permutation(stream_of(seed, STREAM_ORDER), problem->order, problem->samples);
}

/* Allocates the arrays of the recipe, all zero. */
static inline struct problem problem_allocate(const struct recipe *recipe)
{
    struct problem problem = {.recipe = *recipe, .samples = recipe->before + recipe->batch};
    float dropout[MOST_LAYERS];
    for (size_t l = 0; l < MOST_LAYERS; l++)
        dropout[l] = recipe->dropout;
    const struct network_shape shape = {.widths = recipe->widths,
                                        .layer_count = recipe->layers,
                                        .head = recipe->head,
                                        .bias = recipe->bias,
                                        .activations = recipe->activations,
                                        .dropout = dropout,
                                        .batch_norm = recipe->norm};
    ck_ok(network_init_shape(&problem.network, &shape));
    problem.x = memory_of(problem.samples * recipe->widths[0], sizeof *problem.x);
    problem.labels = memory_of(problem.samples, sizeof *problem.labels);
    problem.order = memory_of(problem.samples, sizeof *problem.order);
    problem.parameters = memory_of(problem.network.value_count, sizeof *problem.parameters);
    problem.learning_rate =
        random_uniform(stream_of(recipe->seed, STREAM_RATE), 0, 1.0f / 64.0f, 1.0f);
    return problem;
}

static inline struct problem problem_create(const struct recipe *recipe)
{
    struct problem problem = problem_allocate(recipe);
    for (size_t l = 0; l < recipe->layers; l++) {
        layer_fill(&problem, l);
        norm_fill(&problem, l);
    }
    samples_fill(&problem);
    return problem;
}

static inline void problem_reset(struct problem *problem)
{
    network_reset(&problem->network);
    free(problem->x);
    free(problem->labels);
    free(problem->order);
    free(problem->parameters);
}

/* Returns 1 / B for a mean over the batch, and 1 for a sum. */
static inline float problem_delta_factor(const struct problem *problem)
{
    return problem->recipe.sum ? 1.0f : 1.0f / (float)problem->recipe.batch;
}

/* The source of the random numbers of a step. It is the same for every network. */
static const struct batch_draw problem_draw = {
    .seed = 0x123456789abcdefU, .epoch = 3, .batch = 70000};

/* ---- how many, and which ---- */

/* Returns the number of networks, WEFT_RANDOM_NETWORKS or 200. The seeds start at WEFT_RANDOM_SEED
 * or 1. If WEFT_RANDOM_NETWORK is set, only that network runs. */
static inline size_t network_count(void)
{
    const char *count = getenv("WEFT_RANDOM_NETWORKS");
    if (getenv("WEFT_RANDOM_NETWORK") != NULL)
        return 1;
    return count != NULL ? strtoul(count, NULL, 10) : 200;
}

static inline struct recipe network_number(size_t i)
{
    const char *line = getenv("WEFT_RANDOM_NETWORK"), *seed = getenv("WEFT_RANDOM_SEED");
    if (line != NULL)
        return recipe_read(line);
    return recipe_draw((seed != NULL ? strtoull(seed, NULL, 10) : 1) + i);
}

#endif
