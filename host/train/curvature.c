/* Compares regressions on a small table; see curvature.h.
 *
 * Each regression predicts a sample from all others (leave-one-out). With the matrix of
 * similarities K [n][n] and the penalty r, the error of sample i is a_i / b_ii, where a = (K + r
 * I)^-1 y and b = (K + r I)^-1 (Wahba 1990). Linear regression has K = x x^T / D + 1, and the
 * curved one has K = exp(-0.2 |x_i - x_j|^2 / D) + 1. */
#include "train/curvature.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_SAMPLES = 5000, MOST_FEATURES = 1024, MOST_ROWS = 256 };

/* An outlier of a feature must not decide alone. */
#define MOST_DEVIATIONS 5.0

/* A table is curved if the best error without much smoothing is below this share of the best error
 * of a smooth regression. */
#define CURVED_SHARE 0.72
#define BANDWIDTH    0.2

static const double smooth_penalties[] = {0.3, 0.03};
static const double curved_penalties[] = {0.1, 0.01};
#define ROUGH_PENALTY 0.001 /* of a linear regression that follows nearly dependent features */

enum { PENALTIES = sizeof smooth_penalties / sizeof *smooth_penalties };
_Static_assert(sizeof curved_penalties == sizeof smooth_penalties, "as many of both");

struct probe {
    size_t rows, features, outputs; /* n, D, C */
    double *x;                      /* [D][n] owned: standardized */
    double *y;                      /* [C][n] owned: minus the mean */
    double *similarity;             /* [n][n] owned: K; its upper triangle */
    double *factor;                 /* [n][n] owned: upper U, where U^T U = K + r I */
    double *inverse;                /* [n][n] owned: lower W = U^-T */
    double *a, *b;                  /* [n] owned */
};

/* ---- the samples ---- */

/* Returns the sample that becomes row i. The rows are spread evenly, because files are often
 * sorted. */
static size_t sample_of(const struct probe *probe, const struct weft_dataset *train, size_t i)
{
    return i * train->samples / probe->rows;
}

/* Subtracts the mean from `values` [n]; returns the standard deviation. */
static double center(double *values, size_t n)
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    for (size_t i = 0; i < n; i++) {
        values[i] -= sum / (double)n;
        squares += values[i] * values[i];
    }
    return sqrt(squares / (double)n);
}

static void standardize(double *values, size_t n)
{
    const double deviation = center(values, n);
    for (size_t i = 0; i < n; i++)
        values[i] = deviation > 0.0
                        ? fmax(fmin(values[i] / deviation, MOST_DEVIATIONS), -MOST_DEVIATIONS)
                        : 0.0;
}

static void take_samples(const struct probe *probe, const struct weft_dataset *train)
{
    const size_t n = probe->rows;
    const struct sample_rows rows = dataset_rows(train);
    for (size_t i = 0; i < n; i++) {
        const size_t sample = sample_of(probe, train, i);
        for (size_t d = 0; d < probe->features; d++)
            probe->x[d * n + i] = (double)sample_rows_number(&rows, sample, d);
        for (size_t c = 0; c < probe->outputs; c++)
            probe->y[c * n + i] = (double)train->targets[sample * probe->outputs + c];
    }
    for (size_t d = 0; d < probe->features; d++)
        standardize(probe->x + d * n, n);
    for (size_t c = 0; c < probe->outputs; c++)
        standardize(probe->y + c * n, n);
}

/* ---- similarities ---- */

/* K = x x^T / D + 1 */
static void make_linear(const struct probe *probe)
{
    const size_t n = probe->rows;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            probe->similarity[i * n + j] = 1.0;
    for (size_t d = 0; d < probe->features; d++) {
        const double *x = probe->x + d * n; /* [n] */
        for (size_t i = 0; i < n; i++) {
            const double factor = x[i] / (double)probe->features;
            for (size_t j = i; j < n; j++)
                probe->similarity[i * n + j] += factor * x[j];
        }
    }
}

/* K = exp(-0.2 |x_i - x_j|^2 / D) + 1, from the linear K. Every diagonal element is K_ii = 2. */
static void make_curved(const struct probe *probe)
{
    const size_t n = probe->rows;
    double *k = probe->similarity;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            const double distance = k[i * n + i] + k[j * n + j] - 2.0 * k[i * n + j];
            k[i * n + j] = exp(-BANDWIDTH * distance) + 1.0;
        }
        k[i * n + i] = 2.0; /* Later rows need only their own diagonal element. */
    }
}

/* ---- regression ---- */

/* Finds U and W for K + penalty I, row by row, so that each inner loop has independent elements. */
static void invert(const struct probe *probe, double penalty)
{
    const size_t n = probe->rows;
    double *u = probe->factor, *w = probe->inverse;
    memcpy(u, probe->similarity, n * n * sizeof *u);
    memset(w, 0, n * n * sizeof *w);
    for (size_t i = 0; i < n; i++)
        u[i * n + i] += penalty;
    for (size_t k = 0; k < n; k++) {
        const double root = sqrt(u[k * n + k]);
        for (size_t j = k; j < n; j++)
            u[k * n + j] /= root;
        w[k * n + k] += 1.0;
        for (size_t j = 0; j <= k; j++)
            w[k * n + j] /= root;
        for (size_t i = k + 1; i < n; i++) {
            const double factor = u[k * n + i];
            for (size_t j = i; j < n; j++)
                u[i * n + j] -= factor * u[k * n + j];
            for (size_t j = 0; j <= k; j++)
                w[i * n + j] -= factor * w[k * n + j];
        }
    }
}

/* Returns the sum of the squared errors of output c, leaving out one sample at a time:
 * a = W^T (W y), b_jj = sum over i of W_ij^2. */
static double output_error(const struct probe *probe, size_t c)
{
    const size_t n = probe->rows;
    const double *y = probe->y + c * n;
    double squares = 0.0;
    memset(probe->a, 0, n * sizeof *probe->a);
    memset(probe->b, 0, n * sizeof *probe->b);
    for (size_t i = 0; i < n; i++) {
        const double *w = probe->inverse + i * n;
        double product = 0.0;
        for (size_t j = 0; j <= i; j++)
            product += w[j] * y[j];
        for (size_t j = 0; j <= i; j++) {
            probe->a[j] += w[j] * product;
            probe->b[j] += w[j] * w[j];
        }
    }
    for (size_t i = 0; i < n; i++)
        squares += probe->a[i] / probe->b[i] * (probe->a[i] / probe->b[i]);
    return squares;
}

static double regression_error(const struct probe *probe, double penalty)
{
    double error = 0.0;
    invert(probe, penalty);
    for (size_t c = 0; c < probe->outputs; c++)
        error += output_error(probe, c);
    return error;
}

static double best_error(const struct probe *probe, const double *penalties)
{
    double best = HUGE_VAL;
    for (size_t i = 0; i < PENALTIES; i++)
        best = fmin(best, regression_error(probe, penalties[i]));
    return best;
}

static bool is_curved(const struct probe *probe)
{
    make_linear(probe);
    const double smooth = best_error(probe, smooth_penalties);
    const double rough = regression_error(probe, ROUGH_PENALTY);
    make_curved(probe);
    return fmin(rough, best_error(probe, curved_penalties)) < CURVED_SHARE * smooth;
}

/* ---- setup and teardown ---- */

static enum weft_status probe_allocate(struct probe *probe)
{
    const size_t n = probe->rows;
    TRY(NEW_ARRAY(probe->x, probe->features * n));
    TRY(NEW_ARRAY(probe->y, probe->outputs * n));
    TRY(NEW_ARRAY(probe->similarity, n * n));
    TRY(NEW_ARRAY(probe->factor, n * n));
    TRY(NEW_ARRAY(probe->inverse, n * n));
    TRY(NEW_ARRAY(probe->a, n));
    return NEW_ARRAY(probe->b, n);
}

static void probe_reset(struct probe *probe)
{
    memory_free(probe->x);
    memory_free(probe->y);
    memory_free(probe->similarity);
    memory_free(probe->factor);
    memory_free(probe->inverse);
    memory_free(probe->a);
    memory_free(probe->b);
}

enum weft_status curvature_find(const struct weft_dataset *train, bool *curved)
{
    *curved = false;
    if (train->targets == NULL || train->height > 0 || train->samples > MOST_SAMPLES ||
        train->features > MOST_FEATURES || train->classes > MOST_FEATURES)
        return WEFT_OK;
    struct probe probe = {.rows = size_min(train->samples, MOST_ROWS),
                          .features = train->features,
                          .outputs = train->classes};
    const enum weft_status status = probe_allocate(&probe);
    if (status == WEFT_OK) {
        take_samples(&probe, train);
        *curved = is_curved(&probe);
    }
    probe_reset(&probe);
    return status;
}
