/* Makes safetensors files whose header the test writes itself. Needs _XOPEN_SOURCE 700 before the
 * first include. */
#ifndef WEFT_TESTS_HAND_MADE_H
#define WEFT_TESTS_HAND_MADE_H

#include <stdint.h>

#include "damage.h"

/* Describes one tensor of a header. All arguments are literals. */
#define TENSOR(NAME, DTYPE, SHAPE, RANGE)                                                          \
    "\"" NAME "\":{\"dtype\":\"" DTYPE "\",\"shape\":" SHAPE ",\"data_offsets\":" RANGE "}"

/* Writes a file with that header and `data_size` bytes of data: 0, 1, 2, ... */
static inline const char *hand_made(const char *header, size_t data_size)
{
    static struct image image;
    const size_t length = strlen(header);
    memset(image.bytes, 0, 8);
    for (int i = 0; i < 8; i++)
        image.bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
    memcpy(image.bytes + 8, header, length);
    for (size_t i = 0; i < data_size; i++)
        image.bytes[8 + length + i] = (unsigned char)i;
    return temporary_write("hand_made", image.bytes, 8 + length + data_size);
}

#endif
