/* All eigenvalues and eigenvectors of a small symmetric matrix. */
#ifndef WEFT_EMBED_SYMMETRIC_EIGEN_H
#define WEFT_EMBED_SYMMETRIC_EIGEN_H

#include <stddef.h>

/* Decomposes a [n][n], which is overwritten. Row k of vectors [n][n] is the eigenvector of values
 * [k]; values fall. */
void symmetric_eigen(double *a, size_t n, double *values, double *vectors);

#endif
