/* A digest tells whether two things are equal. It is not cryptographic: an attacker can forge it.
 *
 * The algorithm is 64-bit FNV-1a (Fowler, Noll, Vo): digest = (digest XOR byte) * prime. To digest
 * several pieces, start with DIGEST_START and pass the result of each call to the next one.
 */
#ifndef WEFT_BASE_DIGEST_H
#define WEFT_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_START UINT64_C(14695981039346656037)

/* Returns `digest` extended by the bytes of `data` [size]. */
uint64_t digest_bytes(uint64_t digest, const void *data, size_t size);

/* Returns `digest` extended by `text` and its terminating NUL. The NUL makes the sequences "ab",
 * "c" and "a", "bc" differ. */
uint64_t digest_text(uint64_t digest, const char *text);

#endif
