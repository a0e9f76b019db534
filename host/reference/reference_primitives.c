/* The primitives of the reference: products and element-wise operations in double, plain loops.
 *
 * Losses are in reference_losses.c.
 */
#include "reference/reference.h"

#include <math.h>

#include "base/clones.h"

/* Multiplications above which it pays to wake the threads. */
enum { THREADS_PAY = 1 << 22 };

/* Loops are ordered so that memory is walked along its rows, and threads share out whole elements.
 */

/* sum_l a_l b_l */
VECTOR_CLONES
static double dot(const double *a, const double *b, size_t k)
{
    double sum = 0.0;
#pragma omp simd reduction(+ : sum)
    for (size_t l = 0; l < k; l++)
        sum += a[l] * b[l];
    return sum;
}

/* c_ij += a_i b_j, rows of c `row` apart */
VECTOR_CLONES
static void add_outer(double *c, size_t row, const double *a, size_t m, const double *b, size_t n)
{
    for (size_t i = 0; i < m; i++) {
        double *ci = c + i * row;
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            ci[j] += a[i] * b[j];
    }
}

/* c_i = sum_l a_il b_l for DOTS rows of a [.][k], elements of c `row` apart: a row of b is read
 * once for all of them */
enum { DOTS = 4 };
VECTOR_CLONES
static void dots(const double *a, const double *b, size_t k, double *c, size_t row)
{
    double sum0 = 0.0, sum1 = 0.0, sum2 = 0.0, sum3 = 0.0;
#pragma omp simd reduction(+ : sum0, sum1, sum2, sum3)
    for (size_t l = 0; l < k; l++) {
        sum0 += a[l] * b[l];
        sum1 += a[k + l] * b[l];
        sum2 += a[2 * k + l] * b[l];
        sum3 += a[3 * k + l] * b[l];
    }
    c[0] = sum0;
    c[row] = sum1;
    c[2 * row] = sum2;
    c[3 * row] = sum3;
}

void ref_product_forward(const double *a, const double *b, size_t m, size_t n, size_t k, double *c)
{
    /* c_ij = sum_l a_il b_jl */
    const size_t whole = m - m % DOTS; /* rows of c that come DOTS at a time */
#pragma omp parallel for schedule(static) if (m * n * k > THREADS_PAY)
    for (size_t i = 0; i < whole; i += DOTS)
        for (size_t j = 0; j < n; j++)
            dots(a + i * k, b + j * k, k, c + i * n + j, n);
    for (size_t i = whole; i < m; i++)
        for (size_t j = 0; j < n; j++)
            c[i * n + j] = dot(a + i * k, b + j * k, k);
}

/* c_ij += sum_t a_ti b_tj over TERMS rows of a [.][m] and of b, whose rows are `row` apart like
 * those of c: an element is loaded and stored once for all of them. */
enum { TERMS = 4 };
VECTOR_CLONES
static void add_terms(double *c, size_t row, const double *a, size_t m, const double *b, size_t n)
{
    for (size_t i = 0; i < m; i++) {
        double *ci = c + i * row;
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            ci[j] += a[i] * b[j] + a[m + i] * b[row + j] + a[2 * m + i] * b[2 * row + j] +
                     a[3 * m + i] * b[3 * row + j];
    }
}

void ref_product_weight_gradient(const double *a, const double *b, size_t m, size_t n, size_t k,
                                 double *c)
{
    /* c_ij = sum_l a_li b_lj; a band of columns at a time, which stays in the cache */
    enum { BAND = 64 };
#pragma omp parallel for schedule(static) if (m * n * k > THREADS_PAY)
    for (size_t first = 0; first < n; first += BAND) {
        const size_t width = first + BAND < n ? BAND : n - first;
        size_t l = 0;
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < width; j++)
                c[i * n + first + j] = 0.0;
        for (; l + TERMS <= k; l += TERMS)
            add_terms(c + first, n, a + l * m, m, b + l * n + first, width);
        for (; l < k; l++)
            add_outer(c + first, n, a + l * m, m, b + l * n + first, width);
    }
}

void ref_product_delta(const double *a, const double *b, size_t m, size_t n, size_t k, double *c)
{
    /* c_ij = sum_l a_il b_lj */
#pragma omp parallel for schedule(static) if (m * n * k > THREADS_PAY)
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++)
            c[i * n + j] = 0.0;
        for (size_t l = 0; l < k; l++)
            add_outer(c + i * n, n, a + i * k + l, 1, b + l * n, n);
    }
}

void ref_bias_add(double *z, const double *b, size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            z[i * columns + j] += b[j];
}

/* 1 / (1 + exp(-z)); below 0 as exp(z) / (1 + exp(z)), which keeps the small tail */
static void sigmoids(double *z, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double e = exp(-fabs(z[i]));
        z[i] = z[i] >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
    }
}

void ref_sigmoid_forward(double *z, size_t n)
{
    /* Rows of a head come by themselves: no region for them, since even one thread costs. */
    enum { SHARE = 1 << 17 };
    if (n <= SHARE) {
        sigmoids(z, n);
        return;
    }
#pragma omp parallel for schedule(static)
    for (size_t first = 0; first < n; first += SHARE)
        sigmoids(z + first, first + SHARE < n ? SHARE : n - first);
}

void ref_clip_unit(const double *z, size_t n, double *p)
{
    for (size_t i = 0; i < n; i++)
        p[i] = z[i] < 0.0 ? 0.0 : z[i] > 1.0 ? 1.0 : z[i];
}

void ref_bias_gradient(const double *dz, size_t rows, size_t columns, double *db)
{
    for (size_t j = 0; j < columns; j++) {
        db[j] = 0.0;
        for (size_t i = 0; i < rows; i++)
            db[j] += dz[i * columns + j];
    }
}

void ref_penalty_gradient(const double *w, size_t n, double l1, double l2, double *dw)
{
    /* d/dw (l1 |w| + l2/2 w^2), with sign(0) = 0 */
    for (size_t i = 0; i < n; i++) {
        double sign = w[i] > 0.0 ? 1.0 : w[i] < 0.0 ? -1.0 : 0.0;
        dw[i] += l1 * sign + l2 * w[i];
    }
}

void ref_penalty_terms(const double *w, size_t n, double *sum_abs, double *sum_squares)
{
    *sum_abs = 0.0;
    *sum_squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        *sum_abs += fabs(w[i]);
        *sum_squares += w[i] * w[i];
    }
}

void ref_standardize_rows(double *x, const double *mean, const double *std, size_t rows,
                          size_t columns)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            x[i * columns + j] = (x[i * columns + j] - mean[j]) / std[j];
}
