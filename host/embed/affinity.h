/* The affinities of t-SNE: P as a sparse symmetric matrix. */
#ifndef WEFT_EMBED_AFFINITY_H
#define WEFT_EMBED_AFFINITY_H

#include "embed/neighbors.h"

/* p_ij = (p_j|i + p_i|j) / (2 N), where p_j|i = exp(-beta_i |x_i - x_j|^2) / sum over the neighbors
 * of i, and beta_i is such that the entropy of p_.|i is the log of the perplexity. Rows are in
 * order; row i has the elements first[i] .. first[i + 1] - 1, their columns in order. All elements
 * add up to 1. */
struct affinities {
    size_t samples;  /* N */
    size_t *first;   /* [N + 1] owned */
    int32_t *column; /* [first[N]] owned */
    float *p;        /* [first[N]] owned */
};

/* Computes the affinities of all samples. */
WEFT_MUST_CHECK enum weft_status affinities_make(const struct neighbors *neighbors,
                                                 double perplexity, struct affinities *affinities);
void affinities_reset(struct affinities *affinities);

/* Fills p [count] with the conditional probabilities of neighbors at these squared distances, which
 * do not fall. */
void affinity_row(const float *square, size_t count, double perplexity, float *p);

/* Returns the bytes of the workspace and the result of affinities_make, at most. */
double affinities_bytes(size_t samples, size_t neighbors);

#endif
