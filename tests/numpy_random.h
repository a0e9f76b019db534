/* Reimplements numpy.random.RandomState for the suites, so that they get the weights that NumPy
 * draws for the article.
 *
 * It is MT19937 (Matsumoto and Nishimura 1998) with the seeding and the 53-bit reals of the 2002
 * version. NumPy still uses that version for integer seeds.
 */
#ifndef WEFT_TESTS_NUMPY_RANDOM_H
#define WEFT_TESTS_NUMPY_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum { NUMPY_STATE = 624, NUMPY_SHIFT = 397 };

struct numpy_random {
    uint32_t state[NUMPY_STATE];
    size_t next;
};

static inline void numpy_seed(struct numpy_random *random, uint32_t seed)
{
    random->state[0] = seed;
    for (uint32_t i = 1; i < NUMPY_STATE; i++) {
        const uint32_t before = random->state[i - 1];
        random->state[i] = 1812433253U * (before ^ (before >> 30)) + i;
    }
    random->next = NUMPY_STATE;
}

/* Computes the next 624 words. */
static inline void numpy_twist(struct numpy_random *random)
{
    uint32_t *state = random->state;
    for (size_t i = 0; i < NUMPY_STATE; i++) {
        const uint32_t upper = state[i] & 0x80000000U;
        const uint32_t y = upper | (state[(i + 1) % NUMPY_STATE] & 0x7fffffffU);
        state[i] = state[(i + NUMPY_SHIFT) % NUMPY_STATE] ^ (y >> 1) ^ ((y & 1U) * 0x9908b0dfU);
    }
    random->next = 0;
}

static inline uint32_t numpy_bits(struct numpy_random *random)
{
    if (random->next == NUMPY_STATE)
        numpy_twist(random);
    uint32_t y = random->state[random->next++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    return y ^ (y >> 18);
}

/* Returns uniform(low, high), from a 53-bit fraction of the width. */
static inline double numpy_uniform(struct numpy_random *random, double low, double high)
{
    const uint32_t a = numpy_bits(random) >> 5, b = numpy_bits(random) >> 6;
    return low + (high - low) * (((double)a * 67108864.0 + (double)b) / 9007199254740992.0);
}

#endif
