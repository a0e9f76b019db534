/* Mutates the header of a safetensors file and then corrects its length. Without the correction,
 * hardly any change would get past the first 8 bytes. */
#ifndef WEFT_TESTS_FUZZ_SAFETENSORS_MUTATE_H
#define WEFT_TESTS_FUZZ_SAFETENSORS_MUTATE_H

#include <string.h>

#include "fuzz_target.h"

enum { LENGTH_BYTES = 8, MOST_VALUES = 1 << 16 };

/* Bytes of the header in `data` [size], as many as there are. */
static inline size_t header_bytes(const uint8_t *data, size_t size)
{
    uint64_t length = 0;
    for (size_t i = LENGTH_BYTES; i-- > 0;)
        length = length << 8 | data[i];
    return length < size - LENGTH_BYTES ? (size_t)length : size - LENGTH_BYTES;
}

/* Three times of four the header alone changes, and the values after it move along. */
static inline size_t safetensors_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static uint8_t values[MOST_VALUES];
    if (seed % 4 == 0 || size < LENGTH_BYTES + 2)
        return LLVMFuzzerMutate(data, size, max_size);
    uint8_t *header = data + LENGTH_BYTES;
    const size_t length = header_bytes(data, size), rest = size - LENGTH_BYTES - length;
    if (rest > sizeof values || LENGTH_BYTES + rest >= max_size)
        return LLVMFuzzerMutate(data, size, max_size);
    memcpy(values, header + length, rest);
    const size_t mutated = LLVMFuzzerMutate(header, length, max_size - LENGTH_BYTES - rest);
    memcpy(header + mutated, values, rest);
    for (size_t i = 0; i < LENGTH_BYTES; i++)
        data[i] = (uint8_t)((uint64_t)mutated >> 8 * i);
    return LENGTH_BYTES + mutated + rest;
}

#endif
