/* Digests: whether two things are the same, where nobody means to deceive.
 *
 * FNV-1a (Fowler, Noll, Vo), 64 bits: digest = (digest XOR byte) * prime. A digest of several parts
 * is begun with DIGEST_START and handed on from part to part.
 */
#ifndef WEFT_BASE_DIGEST_H
#define WEFT_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_START UINT64_C(14695981039346656037)

/* `digest` continued by the bytes of `data` [size]. */
uint64_t digest_bytes(uint64_t digest, const void *data, size_t size);

/* ... by a text and its end, so that "ab", "c" and "a", "bc" differ. */
uint64_t digest_text(uint64_t digest, const char *text);

#endif
