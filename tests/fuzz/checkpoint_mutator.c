/* The mutator of checkpoints: mutates a safetensors file and then repairs the digest. Otherwise the
 * digest would refuse each change. One change of eight stays without repair. */
#include "checkpoint_digest.h"
#include "safetensors_mutate.h"

static const char key[] = "\"digest\":\"";

/* Returns where the text of the digest begins in `data` [size], or NULL. */
static uint8_t *find_digest(uint8_t *data, size_t size)
{
    const size_t length = sizeof key - 1, need = length + DIGEST_TEXT - 1;
    for (size_t i = 0; i + need <= size; i++)
        if (memcmp(data + i, key, length) == 0)
            return data + i + length;
    return NULL;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    char text[DIGEST_TEXT];
    const size_t mutated = safetensors_mutate(data, size, max_size, seed);
    uint8_t *digest = find_digest(data, mutated);
    if (seed / 4 % 8 != 0 && digest != NULL && checkpoint_digest_of(data, mutated, text))
        memcpy(digest, text, DIGEST_TEXT - 1);
    return mutated;
}
