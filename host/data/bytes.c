/* Stores numbers as bytes; see bytes.h. */
#include "data/bytes.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"

/* How many numbers to check at once. Most samples that do not fit into bytes already fail in the
 * first group. */
enum { PART = 4096 };

/* A byte cannot represent negative zero, so check the sign bit too. */
VECTOR_CLONES static int part_holds(const float *x, size_t count)
{
    int hold = 1;
    for (size_t i = 0; i < count; i++) {
        const float inside = x[i] >= 0.0f && x[i] <= 255.0f ? x[i] : 0.5f;
        hold &= (float)(int32_t)inside == x[i] && !signbit(x[i]);
    }
    return hold;
}

bool bytes_hold(const float *x, size_t count)
{
    for (size_t first = 0; first < count; first += PART)
        if (!part_holds(x + first, size_min(PART, count - first)))
            return false;
    return true;
}

bool bytes_are_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char low;
    memcpy(&low, &one, sizeof low);
    return low == 1;
}

bool bytes_hold_known(const float *x, size_t count, enum bytes_known *known)
{
    enum bytes_known found = known != NULL ? *known : BYTES_UNKNOWN;
    if (found == BYTES_UNKNOWN)
        found = bytes_hold(x, count) ? BYTES_ALL : BYTES_NOT_ALL;
    if (known != NULL)
        *known = found;
    return found == BYTES_ALL;
}

VECTOR_CLONES static void take(const float *x, size_t count, uint8_t *bytes)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(int32_t)x[i];
}

void bytes_take(const float *x, size_t count, uint8_t *bytes)
{
    take(x, count, bytes);
}
