/* Stateless random numbers, and dropout. The generator is Philox4x32-10 (Salmon et al., Parallel
 * random numbers: as easy as 1, 2, 3; SC 2011), as in host/base/random.h. The key is (seed low,
 * seed high). The counter is (index low, index high, epoch, purpose).
 */
uint4 philox(uint4 counter, uint2 key)
{
    for (uint round_number = 0; round_number < 10; round_number++) {
        const uint high0 = mul_hi(0xd2511f53u, counter.x), low0 = 0xd2511f53u * counter.x;
        const uint high1 = mul_hi(0xcd9e8d57u, counter.z), low1 = 0xcd9e8d57u * counter.z;
        counter = (uint4)(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
        key += (uint2)(0x9e3779b9u, 0xbb67ae85u);
    }
    return counter;
}

/* philox() for LANES counters; x, y, z, w hold one word of each. It uses 64-bit products instead of
 * mul_hi(), because vector units have them. */
void philox_lanes(lane_words *x, lane_words *y, lane_words *z, lane_words *w, uint2 key)
{
    for (uint round_number = 0; round_number < 10; round_number++) {
        const lane_longs product0 = longs_of_words(*x) * 0xd2511f53UL;
        const lane_longs product1 = longs_of_words(*z) * 0xcd9e8d57UL;
        *x = words_of_longs(product1 >> 32) ^ *y ^ key.x;
        *y = words_of_longs(product1);
        *z = words_of_longs(product0 >> 32) ^ *w ^ key.y;
        *w = words_of_longs(product0);
        key += (uint2)(0x9e3779b9u, 0xbb67ae85u);
    }
}

/* Interleaves words x, y, z, w of LANES blocks into words [4 LANES], block after block. It uses a
 * loop for the same reason as lanes_sum(). */
void words_order(lane_words x, lane_words y, lane_words z, lane_words w, uint *words)
{
    uint first[LANES], second[LANES], third[LANES], fourth[LANES];
    lanes_put(x, 0, first);
    lanes_put(y, 0, second);
    lanes_put(z, 0, third);
    lanes_put(w, 0, fourth);
#pragma unroll
    for (uint i = 0; i < LANES; i++) {
        words[4 * i] = first[i];
        words[4 * i + 1] = second[i];
        words[4 * i + 2] = third[i];
        words[4 * i + 3] = fourth[i];
    }
}

/* x[i] = bits(i) >= threshold ? scale x[i] : 0 for 4 LANES numbers, of which x begins at `skip` and
 * has n. It takes one number at a time, because x begins within a vector. */
void drop_numbers(const uint *words, uint threshold, float scale, ulong skip, ulong n,
                  __global float *x, ulong begin)
{
    for (uint i = 0; i < 4 * LANES; i++) {
        const ulong at = begin + i; /* counted from the first vector */
        if (at >= skip && at - skip < n)
            x[at - skip] = words[i] >= threshold ? scale * x[at - skip] : 0.0f;
    }
}

/* x[i] = bits[i] >= threshold ? scale x[i] : 0, for the first `count` lanes. */
void drop_lanes(lane_words bits, uint threshold, float scale, uint count, __global float *x)
{
    const lanes value = lanes_load(x, count);
    lanes_store(select((lanes)0.0f, scale * value, bits >= threshold), count, x);
}

/* x[i] = bits(first + i) >= threshold ? scale x[i] : 0
 * bits(i) is word i mod 4 of block i / 4 + 2^32 batch of the random stream. x begins with number
 * `first` of the whole batch.
 * Shapes: x [n], a whole buffer, in place; activations, or the deltas that belong to them.
 * Grid: any number of work-items, which share the numbers, 4 LANES at a time.
 * Reference: ref_dropout. */
__kernel void dropout(__global float *x, ulong n, ulong first_number, ulong seed, uint epoch,
                      uint batch, uint purpose, uint threshold, float scale)
{
    const ulong skip = first_number % (4 * LANES);
    const uint vectors_before = (uint)(first_number / (4 * LANES));
    const struct share share = share_of((skip + n + 4 * LANES - 1) / (4 * LANES));
    for (uint v = share.first; v < share.end; v += share.step) {
        lane_words x0 = (vectors_before + v) * LANES + as_lane_words(lane_numbers());
        lane_words x1 = batch, x2 = epoch, x3 = purpose;
        philox_lanes(&x0, &x1, &x2, &x3, (uint2)((uint)seed, (uint)(seed >> 32)));
        uint words[4 * LANES];
        words_order(x0, x1, x2, x3, words);
        if (skip > 0) {
            drop_numbers(words, threshold, scale, skip, n, x, (ulong)v * (4 * LANES));
            continue;
        }
#if LANES == 1
        if ((ulong)v * 4 + 4 <= n) { /* a single access for the whole block */
            __global float4 *block = (__global float4 *)x + v;
            *block = select((float4)0.0f, scale * *block, (uint4)(x0, x1, x2, x3) >= threshold);
            continue;
        }
#endif
        for (uint j = 0; j < 4; j++) {
            const ulong first = ((ulong)v * 4 + j) * LANES;
            if (first < n)
                drop_lanes(lanes_at(j, words), threshold, scale, (uint)min((ulong)LANES, n - first),
                           x + first);
        }
    }
}
