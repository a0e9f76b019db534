/* Principal components: the two directions in which the samples vary most (Pearson 1901). */
#ifndef WEFT_EMBED_PCA_H
#define WEFT_EMBED_PCA_H

#include "embed/samples.h"

struct principal_components {
    double *direction;  /* [2][D] owned; orthonormal; the largest number of each is positive; zeros
                           where D < 2 */
    double variance[2]; /* of the samples along each, divided by N; the scale of struct
                           embed_samples */
    double total;       /* the sum over all directions */
};

/* Finds the two components with the largest variance. */
WEFT_MUST_CHECK enum weft_status principal_components_find(const struct embed_samples *samples,
                                                           struct principal_components *components);
void principal_components_reset(struct principal_components *components);

/* Stores the coordinates [N][2] of the samples along the components, in units of 2^exponent. */
void principal_components_apply(const struct principal_components *components,
                                const struct embed_samples *samples, double *coordinates);

#endif
