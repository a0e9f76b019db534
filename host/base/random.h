/* Counter-based random numbers: Philox4x32-10 of Random123 (Salmon et al., SC 2011).
 *
 * A number is a function of (seed, purpose, epoch, index) alone. Therefore, it is the same on every
 * device, in any order of calls, and after a resume. There is no state.
 *
 * The key is (seed low, seed high). The counter is (block low, block high, epoch, purpose). A block
 * contains four numbers; number `index` is word index % 4 of block index / 4.
 */
#ifndef WEFT_BASE_RANDOM_H
#define WEFT_BASE_RANDOM_H

#include "base/status.h"

/* The purpose of a stream. Streams of different purposes never overlap. The values are part of the
 * promise "same seed, same result", so never renumber them. */
enum random_purpose {
    RANDOM_WEIGHTS = 1, /* `epoch` is the layer */
    RANDOM_ORDER = 2,   /* order of the samples in an epoch; plus 256 s for shard s of slices */
    RANDOM_HOLDOUT = 3,
    RANDOM_CHECK = 4,     /* inputs of known-answer tests */
    RANDOM_SYNTHETIC = 5, /* synthetic data */
    RANDOM_DROPOUT = 6, /* plus 256 l for layer l, where the input is layer 64; the block is element
                           / 4 + 2^32 batch */
    RANDOM_IMAGES = 7,  /* data/augmentation.h describes the counters */
    RANDOM_MIXUP = 8,
    RANDOM_BOOTSTRAP = 9, /* `epoch` is the resample */
    RANDOM_EMBED = 10     /* `epoch` 0: PCA; 1: where t-SNE starts; 2: the choice of samples */
};

struct random_stream {
    uint64_t seed;
    uint32_t purpose; /* enum random_purpose */
    uint32_t epoch;
};

/* Stores numbers 4 block .. 4 block + 3 of the stream in words [4]. */
void random_block(struct random_stream stream, uint64_t block, uint32_t *words);

/* Stores the numbers of `count` blocks, starting at `block`, in words [4 count]. The results are
 * the same as with random_block, but vectors make this function faster. */
void random_blocks(struct random_stream stream, uint64_t block, size_t count, uint32_t *words);

/* Returns 32 random bits. */
uint32_t random_bits(struct random_stream stream, uint64_t index);

/* Returns a uniform number in [low, high): low plus a multiple of 2^-24 of the width, rounded to
 * float. */
float random_uniform(struct random_stream stream, uint64_t index, float low, float high);

/* Fills order [n] with a random permutation of 0..n-1 by a Fisher-Yates shuffle. A draw below i+1
 * is bits * (i+1) / 2^32; its bias is at most n / 2^32. Requires n < 2^32. */
void random_permutation(struct random_stream stream, uint32_t *order, size_t n);

#endif
