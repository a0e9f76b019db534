/* Tests networks: the layout of the parameters, their initial values, and hidden layers as text. */
#include <stdio.h>

#include "network/network.h"
#include "options/activation_text.h"
#include "options/hidden_text.h"
#include "suite.h"

START_TEST(offsets_by_hand)
{
    /* weights: 0 .. 5*4-1, 20 .. 20+3*5-1, 35 .. 35+2*3-1; biases: 41 .. 45, 46 .. 48, 49 .. 50 */
    const size_t widths[] = {4, 5, 3, 2};
    struct network network;
    ck_ok(network_init(&network, widths, 3, WEFT_HEAD_SOFTMAX, true));
    ck_assert_uint_eq(network.layer_count, 3);
    ck_assert_uint_eq(network.layers[0].weight_offset, 0);
    ck_assert_uint_eq(network.layers[1].weight_offset, 20);
    ck_assert_uint_eq(network.layers[2].weight_offset, 35);
    ck_assert_uint_eq(network.weight_count, 41);
    ck_assert_uint_eq(network.layers[0].bias_offset, 41);
    ck_assert_uint_eq(network.layers[1].bias_offset, 46);
    ck_assert_uint_eq(network.layers[2].bias_offset, 49);
    ck_assert_uint_eq(network.parameter_count, 51);
    ck_assert_uint_eq(network_features(&network), 4);
    ck_assert_uint_eq(network_outputs(&network), 2);
    ck_assert_uint_eq(network_widest(&network), 5);
    ck_assert_int_eq(network.head, WEFT_HEAD_SOFTMAX);
    ck_assert_int_eq(network.layers[0].activation, WEFT_ACTIVATION_SIGMOID);
    ck_assert_int_eq(network.layers[1].activation, WEFT_ACTIVATION_SIGMOID);
    ck_assert_int_eq(network.layers[2].activation, WEFT_ACTIVATION_IDENTITY);
    network_reset(&network);
    ck_assert_ptr_null(network.layers);
}
END_TEST

START_TEST(without_biases)
{
    const size_t widths[] = {784, 50, 10};
    struct network network;
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SIGMOID, false));
    ck_assert_uint_eq(network.weight_count, 39700);
    ck_assert_uint_eq(network.parameter_count, 39700);
    ck_assert(!network.layers[0].bias && !network.layers[1].bias);
    ck_assert_uint_eq(network_widest(&network), 50); /* features are no layer */
    network_reset(&network);
}
END_TEST

START_TEST(impossible_widths_are_refused)
{
    const size_t none[] = {4, 0, 2}, wide[] = {4, (size_t)INT32_MAX + 1, 2};
    const size_t product[] = {INT32_MAX, INT32_MAX, INT32_MAX, 2}; /* 2 (2^31 - 1)^2 doubles */
    struct network network;
    ck_fails(network_init(&network, none, 2, WEFT_HEAD_SOFTMAX, true), WEFT_ERROR_USAGE,
             "network: width 0 of layer 1: need 1 to 2147483647");
    ck_fails(network_init(&network, wide, 2, WEFT_HEAD_SOFTMAX, true), WEFT_ERROR_USAGE,
             "2147483648");
    ck_fails(network_init(&network, product, 3, WEFT_HEAD_SOFTMAX, true), WEFT_ERROR_USAGE,
             "too many");
    network_reset(&network); /* what failed can be reset */
}
END_TEST

/* Of every layer, the first and the last too. */
START_TEST(every_width_is_looked_at)
{
    for (size_t position = 0; position < 4; position++) {
        size_t widths[] = {2, 3, 4, 5};
        char text[64];
        struct network network;
        widths[position] = 0;
        snprintf(text, sizeof text, "network: width 0 of layer %zu: need 1 to", position);
        ck_fails(network_init(&network, widths, 3, WEFT_HEAD_SOFTMAX, true), WEFT_ERROR_USAGE,
                 text);
    }
}
END_TEST

/* The layer that is too much, as outputs x inputs: its weights, added to 2^64 - 2^34 + 4 before it;
 * or the last one, where only the bytes of all are. */
START_TEST(the_layer_that_is_too_large_is_told)
{
    const size_t m = INT32_MAX, weights[] = {m, m, m, m, m, 9}, bytes[] = {m, m, 2};
    struct network network;
    ck_fails(network_init(&network, weights, 5, WEFT_HEAD_SOFTMAX, false), WEFT_ERROR_USAGE,
             "network: layer 4 of 9 x 2147483647 weights: too many");
    ck_fails(network_init(&network, bytes, 2, WEFT_HEAD_SOFTMAX, false), WEFT_ERROR_USAGE,
             "network: layer 1 of 2 x 2147483647 weights: too many");
}
END_TEST

/* ---------------------------------------------------------------- initial weights */

struct moments {
    double low, high, mean, variance;
};

static struct moments moments_of(const float *x, size_t n)
{
    struct moments m = {.low = (double)x[0], .high = (double)x[0]};
    for (size_t i = 0; i < n; i++) {
        m.low = fmin(m.low, (double)x[i]);
        m.high = fmax(m.high, (double)x[i]);
        m.mean += (double)x[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        m.variance += pow((double)x[i] - m.mean, 2) / (double)n;
    return m;
}

/* A 784-50-10 network with biases whose parameters were NaN before. */
static float *initialized(struct network *network, enum weft_initialization initialization,
                          uint64_t seed)
{
    const size_t widths[] = {784, 50, 10};
    ck_ok(network_init(network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    float *parameters = malloc(network->parameter_count * sizeof *parameters);
    for (size_t i = 0; i < network->parameter_count; i++)
        parameters[i] = NAN;
    network_initialize(network, initialization, seed, parameters);
    return parameters;
}

/* A uniform distribution of that interval: variance (high - low)^2 / 12, extremes near its ends. */
static void check_uniform(struct moments m, double low, double high, double n)
{
    const double width = high - low;
    ck_assert_double_ge(m.low, low);
    ck_assert_double_le(m.high, high);
    ck_assert_double_le(m.low, low + width * 20 / n);
    ck_assert_double_ge(m.high, high - width * 20 / n);
    /* five standard errors */
    ck_assert_double_eq_tol(m.mean, (low + high) / 2, 5 * width / sqrt(12 * n));
    ck_assert_double_eq_tol(m.variance, width * width / 12, 5 * width * width / 12 / sqrt(n));
}

START_TEST(glorot)
{
    /* sqrt(6 / (784 + 50)) and sqrt(6 / (50 + 10)) */
    const double r0 = 0.08481889296799709, r1 = 0.31622776601683794;
    struct network network;
    float *p = initialized(&network, WEFT_INIT_GLOROT, 42);
    check_uniform(moments_of(p, 39200), -r0 * (1 + 1e-7), r0 * (1 + 1e-7), 39200);
    check_uniform(moments_of(p + 39200, 500), -r1 * (1 + 1e-7), r1 * (1 + 1e-7), 500);
    for (size_t i = 39700; i < 39760; i++)
        ck_assert(p[i] == 0.0f && !signbit(p[i]));
    free(p);
    network_reset(&network);
}
END_TEST

START_TEST(uniform_intervals)
{
    struct network network;
    float *p = initialized(&network, WEFT_INIT_UNIFORM_ONE, 42);
    check_uniform(moments_of(p, 39200), -1, 1, 39200);
    free(p);
    network_reset(&network);
    p = initialized(&network, WEFT_INIT_UNIFORM_UNIT, 42);
    check_uniform(moments_of(p, 39200), 0, 1, 39200);
    free(p);
    network_reset(&network);
}
END_TEST

/* Half-widths of the two layers of 784-50-10. */
static void check_ranges(enum weft_initialization initialization, double r0, double r1)
{
    struct network network;
    float *p = initialized(&network, initialization, 42);
    check_uniform(moments_of(p, 39200), -r0 * (1 + 1e-7), r0 * (1 + 1e-7), 39200);
    check_uniform(moments_of(p + 39200, 500), -r1 * (1 + 1e-7), r1 * (1 + 1e-7), 500);
    free(p);
    network_reset(&network);
}

START_TEST(he_and_lecun)
{
    /* sqrt(6 / 784) and sqrt(6 / 50); sqrt(3 / 784) and sqrt(3 / 50) */
    check_ranges(WEFT_INIT_HE, 0.08748177652797064, 0.34641016151377546);
    check_ranges(WEFT_INIT_LECUN, 0.061858957413174, 0.24494897427831781);
    check_ranges(WEFT_INIT_AUTO, 0.08481889296799709, 0.31622776601683794); /* sigmoid: Glorot */
}
END_TEST

/* The initialization of each layer is the one for its activation, and Glorot at the output. */
START_TEST(the_usual_initialization)
{
    static const enum weft_initialization usual[ACTIVATION_COUNT] = {
        [WEFT_ACTIVATION_IDENTITY] = WEFT_INIT_GLOROT, [WEFT_ACTIVATION_SIGMOID] = WEFT_INIT_GLOROT,
        [WEFT_ACTIVATION_TANH] = WEFT_INIT_GLOROT,     [WEFT_ACTIVATION_RELU] = WEFT_INIT_HE,
        [WEFT_ACTIVATION_LEAKY_RELU] = WEFT_INIT_HE,   [WEFT_ACTIVATION_ELU] = WEFT_INIT_HE,
        [WEFT_ACTIVATION_GELU] = WEFT_INIT_HE,         [WEFT_ACTIVATION_SILU] = WEFT_INIT_HE,
        [WEFT_ACTIVATION_SOFTPLUS] = WEFT_INIT_GLOROT, [WEFT_ACTIVATION_SELU] = WEFT_INIT_LECUN,
        [WEFT_ACTIVATION_MISH] = WEFT_INIT_HE};
    const size_t widths[] = {30, 40, 20};
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        const enum weft_activation activation = (enum weft_activation)a;
        ck_assert_msg(usual[a] != WEFT_INIT_AUTO, "%s is not listed", activation_names[a]);
        const struct network_shape shape = {.widths = widths,
                                            .layer_count = 2,
                                            .head = WEFT_HEAD_SOFTMAX,
                                            .activations = &activation};
        struct network network;
        float automatic[2000], hidden[2000], output[2000];
        ck_ok(network_init_shape(&network, &shape));
        network_initialize(&network, WEFT_INIT_AUTO, 3, automatic);
        network_initialize(&network, usual[a], 3, hidden);
        network_initialize(&network, WEFT_INIT_GLOROT, 3, output);
        ck_assert_mem_eq(automatic, hidden, 1200 * sizeof(float));
        ck_assert_mem_eq(automatic + 1200, output + 1200, 800 * sizeof(float));
        network_reset(&network);
    }
}
END_TEST

START_TEST(a_range_of_ones_own)
{
    struct network network;
    float *p = initialized(&network, WEFT_INIT_ZEROS, 42);
    for (size_t i = 0; i < network.parameter_count; i++)
        ck_assert(p[i] == 0.0f);
    network_initialize_uniform(&network, 0.25, 42, p);
    check_uniform(moments_of(p, 39200), -0.25, 0.25, 39200);
    for (size_t i = 39700; i < 39760; i++)
        ck_assert(p[i] == 0.0f);
    free(p);
    network_reset(&network);
}
END_TEST

/* Philox4x32-10 of Salmon et al., written again from the paper: key = seed, counter = (index / 4 as
 * two words, epoch, purpose), word index % 4. */
static uint32_t philox(uint64_t seed, uint32_t purpose, uint32_t epoch, uint64_t index)
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint32_t c[4] = {(uint32_t)(index / 4), (uint32_t)(index / 4 >> 32), epoch, purpose};
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53 * c[0], p1 = (uint64_t)0xCD9E8D57 * c[2];
        const uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k0, (uint32_t)p1,
                                  (uint32_t)(p0 >> 32) ^ c[3] ^ k1, (uint32_t)p0};
        memcpy(c, next, sizeof c);
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    return c[index % 4];
}

START_TEST(weights_are_these_for_ever)
{
    struct network network;
    const uint64_t seed = 0x123456789abcdef0;
    float *p = initialized(&network, WEFT_INIT_UNIFORM_UNIT, seed);
    for (uint64_t i = 0; i < 39700; i++) {
        const uint32_t layer = i < 39200 ? 0 : 1;
        const uint32_t bits = philox(seed, 1, layer, layer == 0 ? i : i - 39200);
        ck_assert_msg((double)p[i] == (double)(bits >> 8) / 16777216.0, "weight %d: %.9g, %08x",
                      (int)i, (double)p[i], (unsigned)bits);
    }
    free(p);
    network_reset(&network);
}
END_TEST

START_TEST(heads_and_their_names)
{
    ck_assert_str_eq(head_name(WEFT_HEAD_SIGMOID), "sigmoid");
    ck_assert_str_eq(head_name(WEFT_HEAD_SOFTMAX), "softmax");
    ck_assert_str_eq(head_name(WEFT_HEAD_IDENTITY), "identity");
}
END_TEST

/* ---------------------------------------------------------------- "128,64" */

START_TEST(hidden_texts)
{
    size_t hidden[WEFT_MAX_HIDDEN] = {7};
    size_t count = 9;
    char text[HIDDEN_TEXT_SIZE];
    ck_assert(hidden_from_text("128,64,2147483647", hidden, &count) == WEFT_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert(hidden[0] == 128 && hidden[1] == 64 && hidden[2] == 2147483647);
    hidden_to_text(hidden, count, text);
    ck_assert_str_eq(text, "128,64,2147483647");
    ck_assert(hidden_from_text("none", hidden, &count) == WEFT_OK && count == 0);
    hidden_to_text(hidden, 0, text);
    ck_assert_str_eq(text, "none");
}
END_TEST

START_TEST(hidden_texts_at_the_limit)
{
    size_t hidden[WEFT_MAX_HIDDEN], back[WEFT_MAX_HIDDEN];
    size_t count = 0;
    char text[HIDDEN_TEXT_SIZE], longer[HIDDEN_TEXT_SIZE + 2];
    for (size_t i = 0; i < WEFT_MAX_HIDDEN; i++)
        hidden[i] = INT32_MAX;
    hidden_to_text(hidden, WEFT_MAX_HIDDEN, text);
    ck_assert_uint_eq(strlen(text), WEFT_MAX_HIDDEN * 11 - 1);
    ck_assert(hidden_from_text(text, back, &count) == WEFT_OK);
    ck_assert_uint_eq(count, WEFT_MAX_HIDDEN);
    ck_assert_int_eq(memcmp(hidden, back, sizeof hidden), 0);
    snprintf(longer, sizeof longer, "%s,1", text);
    ck_assert(hidden_from_text(longer, back, &count) == WEFT_ERROR_USAGE);
}
END_TEST

static const char *const no_widths[] = {
    "",   ",",    "128,", ",128",   "128,,64",    "128, 64", "0",   "128,0",
    "-1", "12.5", "None", "none,1", "2147483648", "128;64",  "1e3", "99999999999999999999999"};

START_TEST(bad_hidden_texts)
{
    size_t hidden[WEFT_MAX_HIDDEN] = {7};
    size_t count = 9;
    ck_assert_msg(hidden_from_text(no_widths[_i], hidden, &count) == WEFT_ERROR_USAGE, "\"%s\"",
                  no_widths[_i]);
    ck_assert(hidden[0] == 7 && count == 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *tests = tcase_create("network");
    tcase_add_test(tests, offsets_by_hand);
    tcase_add_test(tests, without_biases);
    tcase_add_test(tests, impossible_widths_are_refused);
    tcase_add_test(tests, every_width_is_looked_at);
    tcase_add_test(tests, the_layer_that_is_too_large_is_told);
    tcase_add_test(tests, glorot);
    tcase_add_test(tests, he_and_lecun);
    tcase_add_test(tests, the_usual_initialization);
    tcase_add_test(tests, a_range_of_ones_own);
    tcase_add_test(tests, uniform_intervals);
    tcase_add_test(tests, weights_are_these_for_ever);
    tcase_add_test(tests, heads_and_their_names);
    tcase_add_test(tests, hidden_texts);
    tcase_add_test(tests, hidden_texts_at_the_limit);
    tcase_add_loop_test(tests, bad_hidden_texts, 0, sizeof no_widths / sizeof *no_widths);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
