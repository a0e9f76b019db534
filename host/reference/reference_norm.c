/* Batch normalization of the reference. Source: Ioffe and Szegedy, Batch normalization:
 * accelerating deep network training by reducing internal covariate shift (2015), algorithm 1 and
 * section 3. */
#include <math.h>

#include "reference/reference.h"

static const double epsilon = 1e-5;

static double rstd_of(double variance)
{
    return 1.0 / sqrt(variance + epsilon);
}

void ref_norm_statistics(const double *q, size_t rows, size_t columns, double *mean,
                         double *variance)
{
    const double n = (double)rows;
    for (size_t j = 0; j < columns; j++) {
        /* mean_j = 1/n sum_i q_ij */
        mean[j] = 0.0;
        for (size_t i = 0; i < rows; i++)
            mean[j] += q[i * columns + j] / n;
        /* variance_j = 1/n sum_i (q_ij - mean_j)^2 */
        variance[j] = 0.0;
        for (size_t i = 0; i < rows; i++) {
            const double d = q[i * columns + j] - mean[j];
            variance[j] += d * d / n;
        }
    }
}

void ref_norm_forward(const double *q, size_t rows, size_t columns, const double *mean,
                      const double *variance, const double *scale, const double *shift, double *u)
{
    /* u_ij = scale_j (q_ij - mean_j) / sqrt(variance_j + epsilon) + shift_j */
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            const double x = (q[i * columns + j] - mean[j]) * rstd_of(variance[j]);
            u[i * columns + j] = scale[j] * x + shift[j];
        }
}

void ref_norm_gradient(const double *q, const double *du, size_t rows, size_t columns,
                       const double *mean, const double *variance, double *dscale, double *dshift)
{
    /* dscale_j = sum_i du_ij x_ij, dshift_j = sum_i du_ij */
    for (size_t j = 0; j < columns; j++) {
        dscale[j] = 0.0;
        dshift[j] = 0.0;
        for (size_t i = 0; i < rows; i++) {
            const double x = (q[i * columns + j] - mean[j]) * rstd_of(variance[j]);
            dscale[j] += du[i * columns + j] * x;
            dshift[j] += du[i * columns + j];
        }
    }
}

void ref_norm_backward(const double *q, size_t rows, size_t columns, const double *mean,
                       const double *variance, const double *scale, const double *dscale,
                       const double *dshift, double *du)
{
    /* dx_ij = scale_j du_ij. Backpropagation runs through x, the variance and the mean (the paper's
     * section 3, with sum_i dx_ij = scale_j dshift_j and sum_i dx_ij x_ij = scale_j dscale_j):
     *
     *   dq_ij = rstd_j (dx_ij - 1/n sum_k dx_kj - x_ij 1/n sum_k dx_kj x_kj) */
    const double n = (double)rows;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            const double rstd = rstd_of(variance[j]);
            const double x = (q[i * columns + j] - mean[j]) * rstd;
            const double dx = scale[j] * du[i * columns + j];
            du[i * columns + j] =
                rstd * (dx - scale[j] * dshift[j] / n - x * scale[j] * dscale[j] / n);
        }
}

void ref_norm_running(const double *mean, const double *variance, size_t columns, double momentum,
                      double unbiased, double *running_mean, double *running_variance)
{
    /* running = (1 - momentum) running + momentum batch, with the unbiased variance */
    for (size_t j = 0; j < columns; j++) {
        running_mean[j] = (1.0 - momentum) * running_mean[j] + momentum * mean[j];
        running_variance[j] =
            (1.0 - momentum) * running_variance[j] + momentum * unbiased * variance[j];
    }
}
