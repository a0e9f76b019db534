/* Jacobi's method (Golub and Van Loan, Matrix Computations, 8.5). It is slow for large matrices,
 * short, and as accurate as the matrix allows. */
#include "embed/symmetric_eigen.h"

#include <math.h>
#include <stdbool.h>

enum { MOST_SWEEPS = 60 };

/* Makes a[p][q] zero by a rotation of rows and columns p and q. */
static void rotate(double *a, size_t n, size_t p, size_t q, double *vectors)
{
    const double theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
    const double t = copysign(1.0, theta) / (fabs(theta) + sqrt(1.0 + theta * theta));
    const double c = 1.0 / sqrt(1.0 + t * t), s = t * c;
    for (size_t k = 0; k < n; k++) {
        const double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        const double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
        const double v = vectors[p * n + k], w = vectors[q * n + k];
        vectors[p * n + k] = c * v - s * w;
        vectors[q * n + k] = s * v + c * w;
    }
    a[p * n + q] = a[q * n + p] = 0.0;
}

/* Returns whether an element beside the diagonal is too small to change what it meets there. */
static bool is_negligible(const double *a, size_t n, size_t p, size_t q)
{
    return fabs(a[p * n + q]) <= 0x1p-54 * sqrt(fabs(a[p * n + p] * a[q * n + q])) ||
           fabs(a[p * n + q]) < 0x1p-1000;
}

/* Puts the largest eigenvalue first. */
static void sort(size_t n, double *values, double *vectors)
{
    for (size_t i = 0; i < n; i++) {
        size_t best = i;
        for (size_t j = i + 1; j < n; j++)
            best = values[j] > values[best] ? j : best;
        const double value = values[i];
        values[i] = values[best];
        values[best] = value;
        for (size_t k = 0; k < n && best != i; k++) {
            const double element = vectors[i * n + k];
            vectors[i * n + k] = vectors[best * n + k];
            vectors[best * n + k] = element;
        }
    }
}

void symmetric_eigen(double *a, size_t n, double *values, double *vectors)
{
    bool changed = true;
    for (size_t i = 0; i < n * n; i++)
        vectors[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    for (int sweep = 0; sweep < MOST_SWEEPS && changed; sweep++) {
        changed = false;
        for (size_t p = 0; p + 1 < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                if (is_negligible(a, n, p, q))
                    continue;
                rotate(a, n, p, q, vectors);
                changed = true;
            }
    }
    for (size_t i = 0; i < n; i++)
        values[i] = a[i * n + i];
    sort(n, values, vectors);
}
