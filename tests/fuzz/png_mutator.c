/* Mutates a PNG image and then corrects the checksums of its chunks. Without the correction, hardly
 * any change would get past the first chunk. Other inputs are mutated as usual. */
#include <string.h>
#include <zlib.h>

#include "fuzz_target.h"

enum { MAGIC = 8, OVERHEAD = 12 };

static size_t big_endian(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed % 8 == 0 || size < MAGIC || memcmp(data, "\x89PNG", 4) != 0)
        return size;
    for (size_t at = MAGIC; size - at >= OVERHEAD;) {
        const size_t length = big_endian(data + at);
        if (length > size - at - OVERHEAD)
            break;
        const unsigned long sum = crc32(0, data + at + 4, (uInt)length + 4);
        for (size_t i = 0; i < 4; i++)
            data[at + 8 + length + i] = (uint8_t)(sum >> (24 - 8 * i));
        at += length + OVERHEAD;
    }
    return size;
}
