/* The reference for embeddings. See reference.h. */
#include "reference/reference.h"

void ref_repulsion(const double *y, size_t n, double *force, double *z)
{
    for (size_t i = 0; i < n; i++) {
        force[i] = force[n + i] = z[i] = 0.0;
        for (size_t j = 0; j < n; j++) {
            const double dx = y[i] - y[j], dy = y[n + i] - y[n + j];
            const double q = 1.0 / (1.0 + dx * dx + dy * dy);
            if (j == i)
                continue;
            z[i] += q;
            force[i] += q * q * dx;
            force[n + i] += q * q * dy;
        }
    }
}
