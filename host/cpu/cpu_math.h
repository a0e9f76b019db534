/* exp, sigmoid and other functions in float32, written so that compilers can vectorize loops over
 * them.
 *
 * A call to libm prevents vectorization. -ffast-math would allow vector calls, but it breaks NaN
 * and infinity. These functions are plain arithmetic without branches. They are correct for every
 * input, including infinities, NaN and denormal results.
 *
 * Each expression is accurate with and without contraction of a*b+c into fma. gcc contracts nothing
 * under -std=c17; clang contracts within an expression. The code assumes rounding to nearest.
 *
 * Errors measured over the whole range: exp 1.0 ulp, sigmoid 2.4 ulp, softplus 2.5 ulp, expm1 0.9
 * ulp, tanh 2.5 ulp, normal 3.8 ulp. Below 0, normal is within 6.7 + z^2 / 2 ulp.
 */
#ifndef WEFT_CPU_MATH_H
#define WEFT_CPU_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/clones.h"

static inline uint32_t float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Returns x, or `limit` with the sign of x if |x| is larger. A NaN stays NaN. The function compares
 * bits, because magnitudes are ordered like integers. With float comparisons, gcc emits a branch
 * and does not vectorize. */
static inline float clamp_magnitude(float x, float limit)
{
    const uint32_t infinity = 0x7f800000U, sign = 0x80000000U;
    uint32_t bits = float_bits(x), magnitude = bits & ~sign, largest = float_bits(limit);
    uint32_t clamped = magnitude < largest ? magnitude : largest;
    magnitude = magnitude > infinity ? magnitude : clamped;
    return float_from_bits(magnitude | (bits & sign));
}

/* x = n log 2 + r, |r| <= log(2) / 2 (Cody and Waite 1980). */
struct exp_parts {
    float minus_1; /* exp(r) - 1 */
    uint32_t n;    /* modulo 2^32 */
};

/* log 2 is split so that n times the high part is exact. exp(r) = 1 + r + r^2 q(r), where q is the
 * minimax polynomial for the relative error (3e-9). */
static inline struct exp_parts exp_reduce(float x)
{
    const float log2_e = 1.44269504f;
    const float log_2_high = 0.693145751953125f; /* 15 bits */
    const float log_2_low = 1.42860677e-6f;
    const float round_shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    const uint32_t zero = 0x4b400000U;     /* the bits of round_shift */

    float shifted = x * log2_e + round_shift;
    float n = shifted - round_shift;
    float r = x - n * log_2_high;
    r = r - n * log_2_low;
    float q = 1.38145988e-3f;
    q = q * r + 8.36871658e-3f;
    q = q * r + 4.1668389e-2f;
    q = q * r + 0.166665211f;
    q = q * r + 0.49999994f;
    return (struct exp_parts){r + r * r * q, float_bits(shifted) - zero};
}

/* exp(x) = 2^n exp(r). 2^n is applied as two factors, each a normal number. So overflow gives
 * infinity, and results below FLT_MIN round to denormals. */
static inline float exp_float(float x)
{
    /* exp(-104) rounds to 0, exp(104) to infinity */
    const struct exp_parts parts = exp_reduce(clamp_magnitude(x, 104.0f));
    float y = 1.0f + parts.minus_1;
    uint32_t exponent = parts.n + 2 * 127; /* n + two biases, never negative */
    uint32_t half = exponent >> 1;
    return y * float_from_bits(half << 23) * float_from_bits((exponent - half) << 23);
}

/* 1 / (1 + exp(-z)), computed from exp(-|z|) <= 1 in both tails */
static inline float sigmoid_float(float z)
{
    float e = exp_float(-fabsf(z));
    return (z < 0.0f ? e : 1.0f) / (1.0f + e);
}

/* log(1 + exp(z)) = max(z, 0) + log1p(t), t = exp(-|z|).
 *
 * log1p(t) = 2 atanh(s), s = t / (2 + t) <= 1/3, which is accurate for small t too. 2 atanh(s) = 2s
 * + s^3 p(s^2), where p is the minimax polynomial for the relative error (5e-9). */
static inline float softplus_float(float z)
{
    float t = exp_float(-fabsf(z));
    float s = t / (2.0f + t);
    float u = s * s;
    float p = 0.280244678f;
    p = p * u + 0.279991388f;
    p = p * u + 0.400216997f;
    p = p * u + 0.666664124f;
    float positive = z < 0.0f ? 0.0f : z; /* keeps a NaN */
    return positive + (2.0f * s + s * u * p);
}

/* exp(x) - 1 for x <= 0: 2^n (exp(r) - 1) + (2^n - 1) */
static inline float expm1_below_float(float x)
{
    /* exp(-32) is negligible relative to 1 */
    const struct exp_parts parts = exp_reduce(clamp_magnitude(x, 32.0f));
    float power = float_from_bits((parts.n + 127) << 23);
    return power * parts.minus_1 + (power - 1.0f);
}

/* tanh |z| = -t / (2 + t), t = exp(-2 |z|) - 1 */
static inline float tanh_float(float z)
{
    float t = expm1_below_float(-2.0f * fabsf(z));
    return copysignf(-t / (2.0f + t), z);
}

/* Phi(z), the normal distribution function. Phi(-x) = exp(-x^2 / 2) t q(t), t = 1 / (1 + 0.35 x),
 * where q is the minimax polynomial for the relative error (4e-8). */
static inline float normal_float(float z)
{
    float t = 1.0f / (1.0f + 0.35f * fabsf(z));
    float q = -0.0291578844f;
    q = q * t + 0.144030914f;
    q = q * t + -0.255838990f;
    q = q * t + 0.159319669f;
    q = q * t + -0.0232123304f;
    q = q * t + 0.105552487f;
    q = q * t + 0.119821295f;
    q = q * t + 0.139863521f;
    q = q * t + 0.139621302f;
    float below = exp_float(-0.5f * z * z) * (t * q);
    return z < 0.0f ? below : 1.0f - below;
}

#endif
