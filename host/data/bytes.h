/* Stores features as bytes. The features of images are whole numbers from 0 to 255, so one byte
 * holds each of them without loss. */
#ifndef WEFT_DATA_BYTES_H
#define WEFT_DATA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tells whether bytes can represent every number of x [count] exactly. */
bool bytes_hold(const float *x, size_t count);

/* What is known about all numbers of an array. */
enum bytes_known { BYTES_UNKNOWN, BYTES_ALL, BYTES_NOT_ALL };

/* Returns bytes_hold(x, count), and remembers it in `*known` for the next call. `known` may be
 * NULL. */
bool bytes_hold_known(const float *x, size_t count, enum bytes_known *known);

/* Converts x [count] to bytes [count]. bytes_hold must be true for x. */
void bytes_take(const float *x, size_t count, uint8_t *bytes);

/* Tells whether this machine stores the low byte of a number first, as files that are mapped do. */
bool bytes_are_little_endian(void);

#endif
