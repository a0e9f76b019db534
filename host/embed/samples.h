/* The samples to embed, centered and scaled. All other files of this module work on them. */
#ifndef WEFT_EMBED_SAMPLES_H
#define WEFT_EMBED_SAMPLES_H

#include "base/status.h"

struct embed_samples {
    size_t count, features; /* N, D */
    float *x;               /* [N][D] owned; each feature has mean 0, and no number exceeds 1 */
    int exponent;           /* the numbers were divided by 2^exponent, which is exact */
};

/* Copies x [N][D], whose numbers are finite: subtracts the mean of each feature in double, and
 * divides as `scale` says. Distances lose no digits to a mean that is far from 0, and squares
 * neither overflow nor vanish. */
WEFT_MUST_CHECK enum weft_status embed_samples_init(struct embed_samples *samples, const float *x,
                                                    size_t count, size_t features,
                                                    enum weft_scale scale);
void embed_samples_reset(struct embed_samples *samples);

#endif
