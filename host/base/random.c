/* Random numbers without state, by Random123's Philox4x32-10.
 *
 * What is here decides what "same seed, same result" means: changing the counter, the conversion or
 * the shuffle changes every trained model.
 */
#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>

void random_block(struct random_stream stream, uint64_t block, uint32_t *words)
{
    philox4x32_key_t key = {{(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)}};
    philox4x32_ctr_t counter = {
        {(uint32_t)block, (uint32_t)(block >> 32), stream.epoch, stream.purpose}};
    philox4x32_ctr_t result = philox4x32_R(10, counter, key);
    for (size_t i = 0; i < 4; i++)
        words[i] = result.v[i];
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
    return value < high ? value : nextafterf(high, low); /* rounding may have reached `high` */
}

void random_permutation(struct random_stream stream, uint32_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    /* Fisher-Yates from the end; position i uses number i of the stream */
    uint32_t words[4];
    for (size_t i = n; i-- > 1;) {
        if (i == n - 1 || i % 4 == 3)
            random_block(stream, i / 4, words);
        size_t j = (size_t)(((uint64_t)words[i % 4] * (i + 1)) >> 32); /* 0 <= j <= i */
        uint32_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}
