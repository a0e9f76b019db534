/* The activations of the CPU backend and their slopes.
 *
 * An activation is a pair of scalar functions, NAME_of and NAME_slope, for its row in
 * options/activation_traits.h. One leaf loop per function compiles to vector code.
 */
#include "cpu/cpu_kernels.h"

#include "base/memory.h"
#include "base/random.h"
#include "cpu/cpu_math.h"

/* ---- a = activation(z), and a'(z) from z and a ---- */

static inline float identity_of(float z)
{
    return z;
}

static inline float identity_slope(float z, float a)
{
    (void)z, (void)a;
    return 1.0f;
}

static inline float sigmoid_of(float z)
{
    return sigmoid_float(z);
}

static inline float sigmoid_slope(float z, float a)
{
    (void)z;
    return a * (1.0f - a);
}

static inline float tanh_of(float z)
{
    return tanh_float(z);
}

static inline float tanh_slope(float z, float a)
{
    (void)z;
    return (1.0f - a) * (1.0f + a);
}

/* A NaN stays NaN. */
static inline float relu_of(float z)
{
    return z < 0.0f ? 0.0f : z;
}

static inline float relu_slope(float z, float a)
{
    (void)z;
    return a > 0.0f ? 1.0f : 0.0f;
}

static inline float leaky_relu_of(float z)
{
    return z < 0.0f ? 0.01f * z : z;
}

static inline float leaky_relu_slope(float z, float a)
{
    (void)z;
    return a > 0.0f ? 1.0f : 0.01f;
}

static inline float elu_of(float z)
{
    float below = expm1_below_float(z < 0.0f ? z : 0.0f);
    return z < 0.0f ? below : z;
}

static inline float elu_slope(float z, float a)
{
    (void)z;
    return a < 0.0f ? 1.0f + a : 1.0f;
}

static inline float gelu_of(float z)
{
    return z * normal_float(z);
}

/* Phi(z) + z phi(z), phi(z) = exp(-z^2 / 2) / sqrt(2 pi) */
static inline float gelu_slope(float z, float a)
{
    (void)a;
    return normal_float(z) + z * (0.398942280f * exp_float(-0.5f * z * z));
}

static inline float silu_of(float z)
{
    return z * sigmoid_float(z);
}

static inline float silu_slope(float z, float a)
{
    (void)a;
    float s = sigmoid_float(z);
    return s * (1.0f + z * (1.0f - s));
}

static inline float softplus_of(float z)
{
    return softplus_float(z);
}

/* The slope is sigmoid(z) = 1 - exp(-a). */
static inline float softplus_slope(float z, float a)
{
    (void)z;
    return -expm1_below_float(-a);
}

/* lambda z above 0, lambda alpha (exp(z) - 1) below */
#define SELU_ABOVE 1.05070099f
#define SELU_BELOW 1.75809934f

static inline float selu_of(float z)
{
    float below = SELU_BELOW * expm1_below_float(z < 0.0f ? z : 0.0f);
    return z < 0.0f ? below : SELU_ABOVE * z;
}

static inline float selu_slope(float z, float a)
{
    (void)z;
    return a > 0.0f ? SELU_ABOVE : a + SELU_BELOW;
}

/* Returns w = tanh(log(1 + exp(z))), and 1 - w in `rest`. With t = exp(-|z|) <= 1, w = n / (n +
 * gap) where n = t (t + 2) and gap = 2 for z < 0, n = 1 + 2 t and gap = 2 t^2 otherwise. No digits
 * cancel. */
static inline float tanh_softplus_float(float z, float *rest)
{
    float t = exp_float(-fabsf(z));
    float n = z < 0.0f ? t * (t + 2.0f) : 1.0f + 2.0f * t;
    float gap = z < 0.0f ? 2.0f : 2.0f * t * t;
    *rest = gap / (n + gap);
    return n / (n + gap);
}

static inline float mish_of(float z)
{
    float rest;
    return z * tanh_softplus_float(z, &rest);
}

/* w + z (1 - w^2) sigmoid(z) */
static inline float mish_slope(float z, float a)
{
    (void)a;
    float rest, w = tanh_softplus_float(z, &rest);
    return w + z * (rest * (1.0f + w) * sigmoid_float(z));
}

/* ---- the loops ---- */

#define LOOPS(value, name, ...)                                                                    \
    VECTOR_CLONES static void name##_forward(const float *z, size_t n, float *a)                   \
    {                                                                                              \
        _Pragma("omp simd") for (size_t i = 0; i < n; i++) a[i] = name##_of(z[i]);                 \
    }                                                                                              \
    VECTOR_CLONES static void name##_from_a(const float *a, size_t n, float *da)                   \
    {                                                                                              \
        _Pragma("omp simd") for (size_t i = 0; i < n; i++) da[i] *= name##_slope(0.0f, a[i]);      \
    }                                                                                              \
    VECTOR_CLONES static void name##_from_z(const float *z, size_t n, float *da)                   \
    {                                                                                              \
        _Pragma("omp simd") for (size_t i = 0; i < n; i++) da[i] *=                                \
            name##_slope(z[i], name##_of(z[i]));                                                   \
    }
ACTIVATION_ROWS(LOOPS)

#define ROW(value, name, ...)                                                                      \
    [WEFT_ACTIVATION_##value] = {name##_forward, name##_from_a, name##_from_z},
static const struct loops {
    void (*forward)(const float *z, size_t n, float *a);
    void (*from_a)(const float *a, size_t n, float *da);
    void (*from_z)(const float *z, size_t n, float *da);
} loops[ACTIVATION_COUNT] = {ACTIVATION_ROWS(ROW)};

/* A loop that reads x and fills or changes y. */
struct activation_loop {
    void (*run)(const float *x, size_t n, float *y);
    const float *x;
    float *y;
};

static void activation_piece(const void *work, size_t first, size_t count)
{
    const struct activation_loop *loop = work;
    loop->run(loop->x + first, count, loop->y + first);
}

void cpu_layer_forward(enum weft_activation activation, const float *z, size_t n, float *a)
{
    const struct activation_loop work = {loops[activation].forward, z, a};
    parallel_for(n, CPU_PART, n >= CPU_SHARED, activation_piece, &work);
}

void cpu_layer_backward(enum weft_activation activation, bool from_z, const float *x, size_t n,
                        float *da)
{
    const struct activation_loop work = {
        from_z ? loops[activation].from_z : loops[activation].from_a, x, da};
    parallel_for(n, CPU_PART, n >= CPU_SHARED, activation_piece, &work);
}

/* ---- a = kept ? scale a : -0, and da = kept ? scale da : 0 ----
 *
 * Random numbers take longer than everything else that a layer does to its elements. So a dropped
 * element is -0, and a kept one never is: the backward pass finds in `a` what the forward pass has
 * drawn. A product with -0 changes no sum that begins with 0.
 */

/* Number of random words generated at a time; each element uses one. */
enum { DROPOUT_WORDS = 512 };

VECTOR_CLONES static void dropout_words(const uint32_t *restrict words, uint32_t threshold,
                                        float scale, float *restrict x, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        x[i] = words[i] >= threshold ? scale * x[i] + 0.0f : -0.0f; /* -0 + 0 is 0 */
}

struct dropout {
    struct random_stream stream;
    uint64_t batch; /* the first random block of the batch */
    size_t before;  /* elements of the batch before x */
    float share;
    float *x;
};

static void dropout_piece(const void *work, size_t first, size_t count)
{
    const struct dropout *of = work;
    const uint32_t threshold = dropout_threshold(of->share);
    const float scale = dropout_scale(of->share);
    const size_t skip = (of->before + first) % 4; /* words of the first block */
    uint32_t words[DROPOUT_WORDS + 4];
    for (size_t i = first; i < first + count; i += DROPOUT_WORDS) {
        const size_t some = size_min(DROPOUT_WORDS, first + count - i);
        random_blocks(of->stream, of->batch + (of->before + i) / 4, cpu_part_count(skip + some, 4),
                      words);
        dropout_words(words + skip, threshold, scale, of->x + i, some);
    }
}

void cpu_dropout(const struct batch_draw *draw, size_t layer, float share, float *x, size_t rows,
                 size_t columns)
{
    const size_t n = rows * columns;
    const struct dropout work = {.stream = {.seed = draw->seed,
                                            .purpose = RANDOM_DROPOUT + ((uint32_t)layer << 8),
                                            .epoch = draw->epoch},
                                 .batch = (uint64_t)draw->batch << 32,
                                 .before = draw->row * columns,
                                 .share = share,
                                 .x = x};
    parallel_for(n, CPU_PART, n >= CPU_SLOW_SHARED, dropout_piece, &work);
}

VECTOR_CLONES static void dropout_delta_part(const float *restrict a, float scale, size_t n,
                                             float *restrict da)
{
    const uint32_t dropped = 0x80000000U; /* the bits of -0 */
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        da[i] = float_bits(a[i]) != dropped ? scale * da[i] : 0.0f;
}

struct dropout_delta {
    const float *a;
    float scale;
    float *da;
};

static void dropout_delta_piece(const void *work, size_t first, size_t count)
{
    const struct dropout_delta *of = work;
    dropout_delta_part(of->a + first, of->scale, count, of->da + first);
}

void cpu_dropout_delta(const float *a, float share, size_t n, float *da)
{
    const struct dropout_delta work = {a, dropout_scale(share), da};
    parallel_for(n, CPU_PART, n >= CPU_SHARED, dropout_delta_piece, &work);
}
