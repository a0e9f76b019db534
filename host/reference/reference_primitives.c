/* The primitives of the reference: matrix products and element-wise operations in double, with
 * plain loops. reference_losses.c has the losses.
 */
#include "reference/reference.h"

#include <math.h>

#include "base/clones.h"
#include "base/parallel.h"

/* Number of multiplications above which waking the threads pays. */
enum { THREADS_PAY = 1 << 22 };

/* Number of rows of a product in one piece of work, a multiple of DOTS. */
enum { SHARE_ROWS = 32 };

/* Loops are ordered to walk memory along its rows. Threads share whole elements. */

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

/* c_ij += a_i b_j; rows of c are `row` apart */
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

/* c_i = sum_l a_il b_l for DOTS rows of a [.][k]. Elements of c are `row` apart. A row of b is read
 * only once for all of them. */
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

/* An m by n by k matrix product and its operands. */
struct product {
    const double *a, *b;
    size_t m, n, k;
    double *c; /* [M][N] */
};

/* Computes rows of c, DOTS rows at a time except for the last ones. */
static void forward_piece(const void *work, size_t i, size_t rows)
{
    const struct product *of = work;
    const size_t n = of->n, k = of->k, end = i + rows;
    for (; i + DOTS <= end; i += DOTS)
        for (size_t j = 0; j < n; j++)
            dots(of->a + i * k, of->b + j * k, k, of->c + i * n + j, n);
    for (; i < end; i++)
        for (size_t j = 0; j < n; j++)
            of->c[i * n + j] = dot(of->a + i * k, of->b + j * k, k);
}

void ref_product_forward(const double *a, const double *b, size_t m, size_t n, size_t k, double *c)
{
    /* c_ij = sum_l a_il b_jl */
    const struct product work = {a, b, m, n, k, c};
    parallel_for(m, SHARE_ROWS, m * n * k > THREADS_PAY, forward_piece, &work);
}

/* c_ij += sum_t a_ti b_tj over TERMS rows of a [.][m] and of b. Rows of b and c are `row` apart.
 * Each element of c is loaded and stored only once for all TERMS terms. */
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

/* Computes a band of columns of c. */
static void gradient_piece(const void *work, size_t first, size_t width)
{
    const struct product *of = work;
    const size_t m = of->m, n = of->n;
    double *c = of->c + first;
    size_t l = 0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < width; j++)
            c[i * n + j] = 0.0;
    for (; l + TERMS <= of->k; l += TERMS)
        add_terms(c, n, of->a + l * m, m, of->b + l * n + first, width);
    for (; l < of->k; l++)
        add_outer(c, n, of->a + l * m, m, of->b + l * n + first, width);
}

void ref_product_weight_gradient(const double *a, const double *b, size_t m, size_t n, size_t k,
                                 double *c)
{
    /* c_ij = sum_l a_li b_lj, one band of columns at a time, so that the band stays in the cache */
    enum { BAND = 64 };
    const struct product work = {a, b, m, n, k, c};
    parallel_for(n, BAND, m * n * k > THREADS_PAY, gradient_piece, &work);
}

/* Computes rows of c. */
static void delta_piece(const void *work, size_t i, size_t rows)
{
    const struct product *of = work;
    const size_t n = of->n, k = of->k;
    for (const size_t end = i + rows; i < end; i++) {
        for (size_t j = 0; j < n; j++)
            of->c[i * n + j] = 0.0;
        for (size_t l = 0; l < k; l++)
            add_outer(of->c + i * n, n, of->a + i * k + l, 1, of->b + l * n, n);
    }
}

void ref_product_delta(const double *a, const double *b, size_t m, size_t n, size_t k, double *c)
{
    /* c_ij = sum_l a_il b_lj */
    const struct product work = {a, b, m, n, k, c};
    parallel_for(m, SHARE_ROWS, m * n * k > THREADS_PAY, delta_piece, &work);
}

void ref_bias_add(double *z, const double *b, size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            z[i * columns + j] += b[j];
}

/* 1 / (1 + exp(-z)), computed below 0 as exp(z) / (1 + exp(z)), which keeps the small tail
 * accurate */
static void sigmoids(double *z, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double e = exp(-fabs(z[i]));
        z[i] = z[i] >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
    }
}

static void sigmoids_piece(const void *work, size_t first, size_t count)
{
    double *const *z = work;
    sigmoids(*z + first, count);
}

void ref_sigmoid_forward(double *z, size_t n)
{
    enum { SHARE = 1 << 14 };
    parallel_for(n, SHARE, n > 8 * SHARE, sigmoids_piece, &z);
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

void ref_gradient_add(const double *dw, size_t n, double *sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += dw[i];
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
