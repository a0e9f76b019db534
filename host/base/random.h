/* Counter-based random numbers: Philox4x32-10 of Random123 (Salmon et al., SC 2011).
 *
 * A number is a function of (seed, purpose, epoch, index) and of nothing else, so it is the same on
 * every device, in any order of asking, and after a resume. There is no state.
 *
 * Key: seed low, seed high. Counter: block low, block high, epoch, purpose. A block is four
 * numbers; number `index` is word index % 4 of block index / 4.
 */
#ifndef WEFT_BASE_RANDOM_H
#define WEFT_BASE_RANDOM_H

#include "base/status.h"

/* What a stream of numbers is for; streams of different purpose never overlap. The values are part
 * of the promise "same seed, same result": never renumber. */
enum random_purpose {
    RANDOM_WEIGHTS = 1, /* `epoch` is the layer */
    RANDOM_ORDER = 2,   /* order of the samples in an epoch */
    RANDOM_HOLDOUT = 3,
    RANDOM_CHECK = 4,     /* inputs of known-answer tests */
    RANDOM_SYNTHETIC = 5, /* made-up data */
    RANDOM_DROPOUT =
        6, /* + 256 l of layer l, of the input 64; blocks are element / 4 + 2^32 batch */
    RANDOM_IMAGES = 7, /* data/augmentation.h has their counters */
    RANDOM_MIXUP = 8
};

struct random_stream {
    uint64_t seed;
    uint32_t purpose; /* enum random_purpose */
    uint32_t epoch;
};

/* words [4] = numbers 4 block .. 4 block + 3 of the stream. */
void random_block(struct random_stream stream, uint64_t block, uint32_t *words);

/* words [4 count] = what random_block has for `count` blocks from `block` on; faster by vectors. */
void random_blocks(struct random_stream stream, uint64_t block, size_t count, uint32_t *words);

/* 32 random bits. */
uint32_t random_bits(struct random_stream stream, uint64_t index);

/* Uniform in [low, high): a multiple of 2^-24 of the width, rounded to float at the end. */
float random_uniform(struct random_stream stream, uint64_t index, float low, float high);

/* order [n] = a random permutation of 0..n-1 (Fisher-Yates; the draw below i+1 is bits * (i+1) /
 * 2^32, its bias at most n / 2^32). n < 2^32. */
void random_permutation(struct random_stream stream, uint32_t *order, size_t n);

#endif
