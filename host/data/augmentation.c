/* Draws the random numbers of augmentation; see augmentation.h. */
#include "data/augmentation.h"

#include <math.h>

#include "base/random.h"

void image_draw_words(uint64_t seed, uint32_t epoch, uint32_t batch, uint32_t row, uint32_t *words)
{
    const struct random_stream stream = {.seed = seed, .purpose = RANDOM_IMAGES, .epoch = epoch};
    random_block(stream, (uint64_t)batch << 32 | row, words);
}

/* Maps 32 random bits to 0 .. n - 1. */
static int32_t below(uint32_t bits, size_t n)
{
    return (int32_t)(((uint64_t)bits * n) >> 32);
}

void image_draw_from(const struct augmentation *augmentation, const uint32_t *words, int32_t *draw)
{
    const int32_t shift = (int32_t)augmentation->shift;
    const size_t erase = augmentation->erase;
    draw[DRAW_DOWN] = below(words[0], 2 * augmentation->shift + 1) - shift;
    draw[DRAW_RIGHT] = below(words[1], 2 * augmentation->shift + 1) - shift;
    draw[DRAW_FLIP] = augmentation->flip && words[2] >> 31 != 0;
    draw[DRAW_TOP] = draw[DRAW_LEFT] = 0;
    if (erase == 0)
        return;
    draw[DRAW_TOP] = below(words[3] & 0xffff0000u, augmentation->height - erase + 1);
    draw[DRAW_LEFT] = below(words[3] << 16, augmentation->width - erase + 1);
}

/* ---- mixup ---- */

/* A sequence of uniform numbers in (0, 1). */
struct uniforms {
    struct random_stream stream;
    uint64_t next;
};

static double uniform(struct uniforms *uniforms)
{
    return ((double)random_bits(uniforms->stream, uniforms->next++) + 0.5) * 0x1p-32;
}

/* Returns a standard normal number by the method of Box and Muller (1958). */
static double normal(struct uniforms *uniforms)
{
    const double pi = 3.14159265358979323846, u = uniform(uniforms);
    return sqrt(-2.0 * log(u)) * cos(2.0 * pi * uniform(uniforms));
}

/* Returns a number from Gamma(alpha, 1) by the method of Marsaglia and Tsang (2000). For alpha
 * below 1, it computes Gamma(alpha + 1) U^(1 / alpha). */
static double gamma_draw(struct uniforms *uniforms, double alpha)
{
    const double boost = alpha < 1.0 ? pow(uniform(uniforms), 1.0 / alpha) : 1.0;
    const double d = (alpha < 1.0 ? alpha + 1.0 : alpha) - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (int tries = 0; tries < 1000; tries++) {
        const double x = normal(uniforms), v = pow(1.0 + c * x, 3.0);
        if (1.0 + c * x > 0.0 && log(uniform(uniforms)) < 0.5 * x * x + d - d * v + d * log(v))
            return boost * d * v;
    }
    return boost * d; /* Practically unreachable: each try succeeds with 95 % or more. */
}

float mixup_share(double alpha, uint64_t seed, uint32_t epoch, uint32_t batch)
{
    struct uniforms uniforms = {{.seed = seed, .purpose = RANDOM_MIXUP, .epoch = epoch},
                                (uint64_t)batch << 32};
    const double x = gamma_draw(&uniforms, alpha), y = gamma_draw(&uniforms, alpha);
    const double share = x + y > 0.0 ? x / (x + y) : 1.0; /* Both may underflow to 0. */
    return (float)(share > 0.5 ? share : 1.0 - share);
}
