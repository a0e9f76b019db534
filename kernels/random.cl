/* Random numbers without state, and what they leave out: Philox4x32-10 (Salmon et al., Parallel
 * random numbers: as easy as 1, 2, 3; SC 2011), as host/base/random.h has it: key (seed low, seed
 * high), counter (index low, index high, epoch, purpose).
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

/* x[i] = kept ? scale x[i] : 0, kept where the random bits of i are at least `threshold`: word i %
 * 4 of block i / 4 + 2^32 batch of the stream x [n], in place: activations, or the deltas that come
 * back to them. Grid: n / 4, rounded up. Reference: ref_dropout. */
__kernel void dropout(__global float *x, ulong n, ulong seed, uint epoch, uint batch, uint purpose,
                      uint threshold, float scale)
{
    const ulong first = 4 * (ulong)get_global_id(0);
    if (first >= n)
        return;
    const uint4 words = philox((uint4)((uint)get_global_id(0), batch, epoch, purpose),
                               (uint2)((uint)seed, (uint)(seed >> 32)));
    const uint bits[4] = {words.x, words.y, words.z, words.w};
    for (uint j = 0; j < 4 && first + j < n; j++)
        x[first + j] = bits[j] >= threshold ? scale * x[first + j] : 0.0f;
}
