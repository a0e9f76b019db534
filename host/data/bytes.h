/* Numbers that are bytes: features of images are whole numbers of 0 to 255, and a byte holds one as
 * well as four do.
 */
#ifndef WEFT_DATA_BYTES_H
#define WEFT_DATA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether bytes give back every bit of x [count]. */
bool bytes_hold(const float *x, size_t count);

/* bytes [count] = x [count], which they hold. */
void bytes_take(const float *x, size_t count, uint8_t *bytes);

#endif
