/* Stateless random numbers from Philox4x32-10 of Random123.
 *
 * This file defines the promise "same seed, same result". A change to the counter, the conversion
 * or the shuffle changes every trained model.
 */
#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>
#include <string.h>

#include "base/clones.h"

void random_block(struct random_stream stream, uint64_t block, uint32_t *words)
{
    philox4x32_key_t key = {{(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)}};
    philox4x32_ctr_t counter = {
        {(uint32_t)block, (uint32_t)(block >> 32), stream.epoch, stream.purpose}};
    philox4x32_ctr_t result = philox4x32_R(10, counter, key);
    for (size_t i = 0; i < 4; i++)
        words[i] = result.v[i];
}

/* The number of blocks that are computed side by side; it fills whole vectors of any width. */
enum { LANES = 16 };

/* words [4 LANES] = the numbers of LANES blocks: Philox4x32-10 as in its paper.
 *
 * Each word stays in the lower half of 64 bits, where products need it. The upper half is garbage
 * that nobody reads, so vectors never change their width between rounds. */
VECTOR_CLONES static void blocks_of_lanes(struct random_stream stream, uint64_t block,
                                          uint32_t *restrict words)
{
#pragma omp simd
    for (size_t l = 0; l < LANES; l++) {
        uint64_t x = block + l, y = (block + l) >> 32, z = stream.epoch, w = stream.purpose;
        uint32_t key0 = (uint32_t)stream.seed, key1 = (uint32_t)(stream.seed >> 32);
        for (int round = 0; round < 10; round++) {
            const uint64_t product0 = 0xd2511f53 * (x & UINT32_MAX);
            const uint64_t product1 = 0xcd9e8d57 * (z & UINT32_MAX);
            x = product1 >> 32 ^ y ^ key0;
            y = product1;
            z = product0 >> 32 ^ w ^ key1;
            w = product0;
            key0 += 0x9e3779b9;
            key1 += 0xbb67ae85;
        }
        words[4 * l] = (uint32_t)x;
        words[4 * l + 1] = (uint32_t)y;
        words[4 * l + 2] = (uint32_t)z;
        words[4 * l + 3] = (uint32_t)w;
    }
}

void random_blocks(struct random_stream stream, uint64_t block, size_t count, uint32_t *words)
{
    const size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        blocks_of_lanes(stream, block + i, words + 4 * i);
    if (whole < count) {
        uint32_t last[4 * LANES];
        blocks_of_lanes(stream, block + whole, last);
        memcpy(words + 4 * whole, last, 4 * (count - whole) * sizeof *last);
    }
}

uint32_t random_bits(struct random_stream stream, uint64_t index)
{
    uint32_t words[4];
    random_block(stream, index / 4, words);
    return words[index % 4];
}

float random_uniform(struct random_stream stream, uint64_t index, float low, float high)
{
    /* low + (high - low) k / 2^24, k = the upper 24 bits */
    double fraction = (double)(random_bits(stream, index) >> 8) * 0x1p-24;
    float value = (float)((double)low + ((double)high - (double)low) * fraction);
    return value < high ? value : nextafterf(high, low); /* Rounding may have reached `high`. */
}

void random_shuffle(struct random_stream stream, uint64_t first, uint32_t *values, size_t n)
{
    /* Fisher-Yates shuffle from the end. */
    uint32_t words[4];
    for (size_t i = n; i-- > 1;) {
        const uint64_t number = first + i;
        if (i == n - 1 || number % 4 == 3)
            random_block(stream, number / 4, words);
        size_t j = (size_t)(((uint64_t)words[number % 4] * (i + 1)) >> 32); /* 0 <= j <= i */
        uint32_t swapped = values[i];
        values[i] = values[j];
        values[j] = swapped;
    }
}

void random_permutation(struct random_stream stream, uint32_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    random_shuffle(stream, 0, order, n);
}
