/* Random numbers without state: Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as
 * 1, 2, 3; SC 2011), as host/base/random.h has it: key (seed low, seed high), counter
 * (index low, index high, epoch, purpose).
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
