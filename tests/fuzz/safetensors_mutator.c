/* The mutator of the targets that read safetensors files. */
#include "safetensors_mutate.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return safetensors_mutate(data, size, max_size, seed);
}
