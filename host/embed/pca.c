/* Finds principal components without the covariance matrix A = X'X / N, by a block Krylov method.
 *
 * A subspace Q grows by blocks of vectors. The eigenvectors of A within it are found from the small
 * matrix Q A Q' (Rayleigh-Ritz; Saad, Numerical Methods for Large Eigenvalue Problems, chapter 6).
 * The next block consists of their residuals A u - theta u. When Q is full, the best vectors are
 * kept. An eigenvalue may occur up to BLOCK times. Everything is double precision, and a pass over
 * the samples costs 4 BLOCK N D operations.
 */
#include "embed/pca.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"
#include "embed/symmetric_eigen.h"

enum {
    BLOCK = 4,
    MOST = 64, /* vectors in the subspace */
    KEPT = 24, /* vectors that stay when it is full */
    MOST_STEPS = 400,
    PIECES = 16 /* parts of the samples, whose sums are added in order */
};

/* A component is found when the norm of its residual is this small, relative to its eigenvalue or,
 * because of rounding errors, to the largest one. */
static const double tolerance = 1e-10, rounding = 1e-15;

struct search {
    const struct embed_samples *samples; /* borrowed */
    size_t size;                         /* vectors in the subspace, at most D */
    double *basis, *image;               /* [MOST][D] owned: Q, Q A */
    double *block;                       /* [BLOCK][D] owned: what comes next */
    double *partial;                     /* [PIECES][BLOCK][D] owned */
    double *kept;                        /* [KEPT][D] owned */
    double values[MOST], vectors[MOST * MOST], matrix[MOST * MOST];
};

/* ---- A v ---- */

/* out [BLOCK][D] += sum over rows of (x v') x, v [BLOCK][D] */
VECTOR_CLONES static void rows_apply(const float *x, size_t rows, size_t features, const double *v,
                                     double *out)
{
    for (size_t r = 0; r < rows; r++, x += features) {
        double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
#pragma omp simd reduction(+ : a, b, c, d)
        for (size_t j = 0; j < features; j++) {
            const double value = (double)x[j];
            a += value * v[j];
            b += value * v[features + j];
            c += value * v[2 * features + j];
            d += value * v[3 * features + j];
        }
#pragma omp simd
        for (size_t j = 0; j < features; j++) {
            const double value = (double)x[j];
            out[j] += a * value;
            out[features + j] += b * value;
            out[2 * features + j] += c * value;
            out[3 * features + j] += d * value;
        }
    }
}

struct application {
    const struct embed_samples *samples;
    const double *v;
    double *partial;
};

static void apply_piece(const void *work, size_t first, size_t count)
{
    const struct application *of = work;
    const size_t features = of->samples->features, size = BLOCK * features;
    for (size_t p = first; p < first + count; p++) {
        const size_t begin = of->samples->count * p / PIECES;
        const size_t end = of->samples->count * (p + 1) / PIECES;
        memset(of->partial + p * size, 0, size * sizeof *of->partial);
        rows_apply(of->samples->x + begin * features, end - begin, features, of->v,
                   of->partial + p * size);
    }
}

/* image [count][D] = v A for `count` <= BLOCK rows of v; v has BLOCK rows */
static void covariance_apply(struct search *search, const double *v, size_t count, double *image)
{
    const size_t features = search->samples->features;
    const struct application work = {search->samples, v, search->partial};
    parallel_for(PIECES, 1, true, apply_piece, &work);
    for (size_t j = 0; j < count * features; j++) {
        double sum = 0.0;
        for (size_t p = 0; p < PIECES; p++)
            sum += search->partial[p * BLOCK * features + j];
        image[j] = sum / (double)search->samples->count;
    }
}

/* ---- the subspace ---- */

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += a[j] * b[j];
    return sum;
}

/* Adds the part of v [D] that is orthogonal to the subspace, twice, because the first time leaves
 * rounding errors. Returns false if nothing remains. */
static bool basis_add(struct search *search, double *v)
{
    const size_t features = search->samples->features;
    double before = sqrt(dot(v, v, features)), norm = before;
    if (search->size == MOST || search->size == features || before == 0.0)
        return false;
    for (size_t j = 0; j < features; j++)
        v[j] /= before;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < search->size; i++) {
            const double *q = search->basis + i * features, share = dot(q, v, features);
            for (size_t j = 0; j < features; j++)
                v[j] -= share * q[j];
        }
        norm = sqrt(dot(v, v, features));
        if (norm < 1e-12)
            return false;
        for (size_t j = 0; j < features; j++)
            v[j] /= norm;
    }
    memcpy(search->basis + search->size * features, v, features * sizeof *v);
    search->size++;
    return true;
}

/* Adds the block to the subspace. Returns how many vectors that were new. */
static size_t block_add(struct search *search)
{
    const size_t features = search->samples->features, before = search->size;
    for (size_t b = 0; b < BLOCK; b++)
        (void)basis_add(search, search->block + b * features);
    const size_t added = search->size - before;
    memset(search->block, 0, BLOCK * features * sizeof *search->block);
    memcpy(search->block, search->basis + before * features,
           added * features * sizeof *search->block);
    if (added > 0)
        covariance_apply(search, search->block, added, search->image + before * features);
    return added;
}

/* Finds the eigenvalues and eigenvectors of A within the subspace. */
static void rayleigh_ritz(struct search *search)
{
    const size_t n = search->size, features = search->samples->features;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            search->matrix[i * n + j] = search->matrix[j * n + i] =
                dot(search->basis + i * features, search->image + j * features, features);
    symmetric_eigen(search->matrix, n, search->values, search->vectors);
}

/* to [D] = the combination of `rows` [size][D] that eigenvector k of the small matrix describes */
static void combine(const struct search *search, size_t k, const double *rows, double *to)
{
    const size_t n = search->size, features = search->samples->features;
    memset(to, 0, features * sizeof *to);
    for (size_t i = 0; i < n; i++) {
        const double share = search->vectors[k * n + i];
        for (size_t j = 0; j < features; j++)
            to[j] += share * rows[i * features + j];
    }
}

/* Replaces the rows [size][D] by the KEPT best combinations. */
static void rows_shrink(struct search *search, double *rows)
{
    const size_t features = search->samples->features;
    for (size_t k = 0; k < KEPT; k++)
        combine(search, k, rows, search->kept + k * features);
    memcpy(rows, search->kept, KEPT * features * sizeof *rows);
}

/* Fills the block with the residuals of the best vectors, and returns whether both components are
 * found. `kept` is the workspace. */
static bool residuals_make(struct search *search)
{
    const size_t features = search->samples->features;
    bool found = true;
    for (size_t k = 0; k < BLOCK && k < search->size; k++) {
        double *residual = search->block + k * features;
        combine(search, k, search->image, residual);
        combine(search, k, search->basis, search->kept);
        for (size_t j = 0; j < features; j++)
            residual[j] -= search->values[k] * search->kept[j];
        if (k < 2)
            found = found &&
                    sqrt(dot(residual, residual, features)) <=
                        tolerance * fabs(search->values[k]) + rounding * fabs(search->values[0]);
    }
    return found;
}

/* ---- the components ---- */

static void search_run(struct search *search)
{
    const size_t features = search->samples->features;
    const struct random_stream stream = {0, RANDOM_EMBED, 0};
    for (size_t j = 0; j < BLOCK * features; j++)
        search->block[j] = (double)random_uniform(stream, j, -1.0f, 1.0f);
    for (int step = 0; step < MOST_STEPS; step++) {
        if (block_add(search) == 0)
            return; /* the subspace has all that the block can reach */
        rayleigh_ritz(search);
        if (residuals_make(search))
            return;
        if (search->size + BLOCK > MOST) {
            rows_shrink(search, search->basis);
            rows_shrink(search, search->image);
            search->size = KEPT;
            rayleigh_ritz(search);
        }
    }
}

/* Makes the largest number of v [D] positive, the first one in a tie. */
static void sign_fix(double *v, size_t n)
{
    size_t largest = 0;
    for (size_t j = 1; j < n; j++)
        if (fabs(v[j]) > fabs(v[largest]))
            largest = j;
    const double sign = v[largest] < 0.0 ? -1.0 : 1.0;
    for (size_t j = 0; j < n; j++)
        v[j] *= sign;
}

static enum weft_status search_allocate(struct search *search)
{
    const size_t features = search->samples->features;
    TRY(NEW_ARRAY(search->basis, MOST * features));
    TRY(NEW_ARRAY(search->image, MOST * features));
    TRY(NEW_ARRAY(search->block, BLOCK * features));
    TRY(NEW_ARRAY(search->partial, PIECES * BLOCK * features));
    return NEW_ARRAY(search->kept, KEPT * features);
}

static enum weft_status components_fill(struct search *search,
                                        struct principal_components *components)
{
    const struct embed_samples *samples = search->samples;
    const size_t features = samples->features;
    TRY(search_allocate(search));
    TRY(NEW_ARRAY(components->direction, 2 * features));
    search_run(search);
    for (size_t k = 0; k < 2 && k < search->size; k++) {
        double *direction = components->direction + k * features;
        combine(search, k, search->basis, direction);
        sign_fix(direction, features);
        components->variance[k] = fmax(search->values[k], 0.0);
    }
    for (size_t i = 0; i < samples->count * features; i++)
        components->total += (double)samples->x[i] * (double)samples->x[i];
    components->total /= (double)samples->count;
    return WEFT_OK;
}

enum weft_status principal_components_find(const struct embed_samples *samples,
                                           struct principal_components *components)
{
    struct search *search;
    *components = (struct principal_components){.direction = NULL};
    TRY(NEW_ARRAY(search, 1));
    search->samples = samples;
    const enum weft_status status = components_fill(search, components);
    memory_free(search->basis);
    memory_free(search->image);
    memory_free(search->block);
    memory_free(search->partial);
    memory_free(search->kept);
    memory_free(search);
    if (status != WEFT_OK)
        principal_components_reset(components);
    return status;
}

void principal_components_reset(struct principal_components *components)
{
    memory_free(components->direction);
    *components = (struct principal_components){.direction = NULL};
}

void principal_components_apply(const struct principal_components *components,
                                const struct embed_samples *samples, double *coordinates)
{
    const size_t features = samples->features;
    for (size_t i = 0; i < samples->count; i++)
        for (size_t k = 0; k < 2; k++) {
            double sum = 0.0;
            for (size_t j = 0; j < features; j++)
                sum +=
                    (double)samples->x[i * features + j] * components->direction[k * features + j];
            coordinates[2 * i + k] = sum;
        }
}
