/* Tests the mathematics of the module `embed` piece by piece. The numbers come from NumPy, and from
 * scikit-learn 1.9 where it has the function. */
#include "base/memory.h"
#include "base/random.h"
#include "devices.h"
#include "embed/pca.h"
#include "embed/symmetric_eigen.h"
#include "embed/tsne.h"

static void close_to(double got, double want, double within, const char *what, size_t i)
{
    ck_assert_msg(fabs(got - want) <= within, "%s %zu: got %.10g, need %.10g within %.3g", what, i,
                  got, want, within);
}

/* ---- eigenvalues ---- */

/* The matrix has the eigenvalues 2 - 2 cos(k pi / (n + 1)) (a chain of springs). */
START_TEST(eigenvalues_of_a_chain)
{
    enum { N = 31 };
    const double pi = 3.14159265358979323846;
    double a[N * N] = {0.0}, copy[N * N], values[N], vectors[N * N];
    for (size_t i = 0; i < N; i++) {
        a[i * N + i] = 2.0;
        if (i + 1 < N)
            a[i * N + i + 1] = a[(i + 1) * N + i] = -1.0;
    }
    memcpy(copy, a, sizeof a);
    symmetric_eigen(copy, N, values, vectors);
    for (size_t k = 0; k < N; k++) {
        close_to(values[k], 2.0 - 2.0 * cos((double)(N - k) * pi / (N + 1)), 1e-13, "value", k);
        for (size_t i = 0; i < N; i++) { /* A v = value v */
            double sum = 0.0;
            for (size_t j = 0; j < N; j++)
                sum += a[i * N + j] * vectors[k * N + j];
            close_to(sum, values[k] * vectors[k * N + i], 1e-13, "A v", i);
        }
    }
}
END_TEST

/* ---- principal components ---- */

/* numpy.linalg.svd of the centered samples; sklearn.decomposition.PCA gives the same numbers, with
 * the second axis turned around. */
START_TEST(components_as_numpy)
{
    static const float x[] = {9.34f,  -7.61f, 102.92f, 0.88f,  9.67f,  -1.48f, 99.64f, 0.28f,
                              9.25f,  -9.13f, 96.39f,  0.19f,  12.25f, -3.19f, 98.95f, 0.96f,
                              10.24f, -3.7f,  100.51f, -0.07f, 9.69f,  -8.3f,  101.0f, -0.05f};
    static const double direction[] = {0.19863773,  0.97935039,  0.02937218, 0.02351892,
                                       -0.09339624, -0.01170581, 0.99499192, 0.03363334};
    static const double coordinates[] = {-2.0444074, 3.1129284,  3.9141088,  -0.2734025,
                                         -3.7589258, -3.3813774, 2.747631,   -1.1580216,
                                         1.8704966,  0.5532199,  -2.7289032, 1.1466532};
    static const double share[] = {0.63972439, 0.29652391};
    struct embed_samples samples;
    struct principal_components components;
    double got[12];
    ck_ok(embed_samples_init(&samples, x, 6, 4, WEFT_SCALE_NONE));
    ck_ok(principal_components_find(&samples, &components));
    principal_components_apply(&components, &samples, got);
    for (size_t i = 0; i < 8; i++)
        close_to(components.direction[i], direction[i], 1e-6, "direction", i);
    for (size_t i = 0; i < 12; i++)
        close_to(ldexp(got[i], samples.exponent), coordinates[i], 1e-5, "coordinate", i);
    for (size_t k = 0; k < 2; k++)
        close_to(components.variance[k] / components.total, share[k], 1e-7, "variance", k);
    principal_components_reset(&components);
    embed_samples_reset(&samples);
}
END_TEST

/* Fills x [N][D] with random numbers whose spread falls by `ratio` from one feature to the next. */
static float *random_samples(size_t count, size_t features, double ratio)
{
    float *x = calloc(count * features, sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < count * features; i++)
        x[i] = (float)pow(ratio, (double)(i % features)) *
               random_uniform((struct random_stream){5, RANDOM_CHECK, 0}, i, -1.0f, 1.0f);
    return x;
}

/* The Krylov method finds what Jacobi's method finds in the whole covariance matrix, also where all
 * variances are nearly the same and the subspace must shrink. _i selects the ratio. */
START_TEST(components_of_the_covariance_matrix)
{
    enum { N = 400, D = 120 };
    static const double ratios[] = {0.9, 0.99, 1.0, 0.99};
    static double matrix[D * D], values[D], vectors[D * D];
    float *x = random_samples(N, D, ratios[_i]);
    struct embed_samples samples;
    struct principal_components components;
    for (size_t i = 0; _i == 3 && i < N; i++)
        x[i * D] *= 1000.0f; /* the first component is found long before the second */
    ck_ok(embed_samples_init(&samples, x, N, D, WEFT_SCALE_NONE));
    ck_ok(principal_components_find(&samples, &components));
    for (size_t i = 0; i < D * D; i++) {
        matrix[i] = 0.0;
        for (size_t r = 0; r < N; r++)
            matrix[i] += (double)samples.x[r * D + i / D] * (double)samples.x[r * D + i % D] / N;
    }
    symmetric_eigen(matrix, D, values, vectors);
    for (size_t k = 0; k < 2; k++) {
        double cosine = 0.0, largest = 0.0;
        close_to(components.variance[k], values[k], 1e-12 * values[0], "variance", k);
        for (size_t j = 0; j < D; j++) {
            const double v = components.direction[k * D + j];
            cosine += v * vectors[k * D + j];
            largest = fabs(v) > fabs(largest) ? v : largest;
        }
        close_to(fabs(cosine), 1.0, 1e-9, "cosine", k);
        ck_assert(largest > 0.0);
    }
    principal_components_reset(&components);
    embed_samples_reset(&samples);
    free(x);
}
END_TEST

/* The corners of a square in 3 dimensions vary equally along two directions. */
START_TEST(equal_variances_are_both_found)
{
    static const float x[] = {1, 1, 7, -1, 1, 7, 1, -1, 7, -1, -1, 7};
    struct embed_samples samples;
    struct principal_components components;
    ck_ok(embed_samples_init(&samples, x, 4, 3, WEFT_SCALE_NONE));
    ck_ok(principal_components_find(&samples, &components));
    for (size_t k = 0; k < 2; k++) {
        close_to(ldexp(components.variance[k], 2 * samples.exponent), 1.0, 1e-12, "variance", k);
        close_to(components.direction[3 * k + 2], 0.0, 1e-12, "direction", k);
    }
    principal_components_reset(&components);
    embed_samples_reset(&samples);
}
END_TEST

/* ---- scaling ---- */

/* Numbers far from 0, constant features and huge numbers all end within -1..1. */
START_TEST(samples_are_centered_and_scaled)
{
    static const float x[] = {1e6f, 3.0f, -3e38f, 1e6f + 4.0f, 3.0f, 3e38f};
    struct embed_samples samples;
    ck_ok(embed_samples_init(&samples, x, 2, 3, WEFT_SCALE_STANDARD));
    for (size_t i = 0; i < 6; i++) {
        const double want = i % 3 == 1 ? 0.0 : i < 3 ? -1.0 : 1.0;
        close_to(ldexp((double)samples.x[i], samples.exponent), want, 1e-6, "standard", i);
        ck_assert(fabsf(samples.x[i]) <= 1.0f);
    }
    embed_samples_reset(&samples);
    ck_ok(embed_samples_init(&samples, x, 2, 2,
                             WEFT_SCALE_NONE)); /* rows 1e6, 3 and -3e38, 1e6 + 4 */
    ck_assert(fabsf(samples.x[0]) <= 1.0f && fabsf(samples.x[0]) >= 0.5f);
    ck_assert(samples.x[0] == -samples.x[2]);
    embed_samples_reset(&samples);
}
END_TEST

/* ---- neighbors ---- */

static double square_between(const struct embed_samples *samples, size_t a, size_t b)
{
    double square = 0.0;
    for (size_t f = 0; f < samples->features; f++) {
        const double d = (double)samples->x[a * samples->features + f] -
                         (double)samples->x[b * samples->features + f];
        square += d * d;
    }
    return square;
}

/* Compares with all distances in double. */
static void expect_neighbors(const struct neighbors *neighbors, const struct embed_samples *samples)
{
    const size_t n = samples->count;
    for (size_t i = 0; i < n; i++) {
        double last = 0.0;
        for (size_t k = 0; k < neighbors->count; k++) {
            const size_t j = neighbors->index[i * neighbors->count + k];
            const double square = square_between(samples, i, j);
            ck_assert_uint_ne(i, j);
            close_to((double)neighbors->square[i * neighbors->count + k], square,
                     1e-7 * square + 1e-300, "square", i);
            ck_assert(square >= last);
            last = square;
        }
        size_t nearer = 0;
        for (size_t j = 0; j < n; j++)
            nearer += j != i && square_between(samples, i, j) < last;
        ck_assert_msg(nearer < neighbors->count, "sample %zu: %zu are nearer than neighbor %zu", i,
                      nearer, neighbors->count);
    }
}

/* More rows than a block has, an odd number of features, and every fifth sample twice. */
START_TEST(neighbors_are_exact)
{
    static const struct {
        size_t count, features, neighbors;
    } shapes[] = {{1100, 7, 12}, {2, 3, 1}, {3, 1, 2}, {40, 5, 39}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const size_t n = shapes[s].count, features = shapes[s].features;
        float *x = random_samples(n, features, 0.9);
        for (size_t i = 5; i < n; i += 5)
            memcpy(x + i * features, x + (i - 1) * features, features * sizeof *x);
        for (size_t i = 0; i < n * features; i++)
            x[i] += 100.0f; /* a mean that would spoil |a|^2 + |b|^2 - 2 a b' */
        struct embed_samples samples;
        struct neighbors neighbors;
        ck_ok(embed_samples_init(&samples, x, n, features, WEFT_SCALE_NONE));
        ck_ok(neighbors_find(device, &samples, shapes[s].neighbors, NULL, &neighbors));
        expect_neighbors(&neighbors, &samples);
        neighbors_reset(&neighbors);
        embed_samples_reset(&samples);
        free(x);
    }
}
END_TEST

/* Two dense clusters far apart: products in float32 cannot tell their samples from each other. */
START_TEST(dense_clusters_have_exact_neighbors)
{
    enum { COUNT = 400, FEATURES = 6 };
    float *x = random_samples(COUNT, FEATURES, 1.0);
    struct embed_samples samples;
    struct neighbors neighbors;
    for (size_t i = 0; i < COUNT * FEATURES; i++)
        x[i] = ldexpf(x[i], -14) + (i / FEATURES % 2 == 0 ? 1.0f : -1.0f);
    ck_ok(embed_samples_init(&samples, x, COUNT, FEATURES, WEFT_SCALE_NONE));
    ck_ok(neighbors_find(device, &samples, 10, NULL, &neighbors));
    expect_neighbors(&neighbors, &samples);
    neighbors_reset(&neighbors);
    embed_samples_reset(&samples);
    free(x);
}
END_TEST

/* ---- affinities ---- */

enum { SEVEN = 7 };

/* Seven samples, and the joint probabilities of all pairs at perplexity 2, from a bisection in
 * NumPy. */
static const float seven[] = {1.69f,  -0.47f, 0.03f, 0.41f,  -0.79f, 0.0f,   0.0f,
                              -1.75f, 1.02f,  0.6f,  -0.63f, -0.17f, 0.51f,  -0.26f,
                              -0.24f, -1.45f, 0.55f, 0.12f,  0.27f,  -1.53f, 1.65f};
static const double seven_p[SEVEN][SEVEN] = {
    {0.0, 4.533585567e-03, 2.478865027e-04, 5.379623985e-02, 1.440838860e-02, 2.647599552e-08,
     1.065101469e-03},
    {4.533585567e-03, 0.0, 9.879046481e-03, 8.814722639e-02, 4.821030753e-02, 1.229411898e-02,
     7.042306189e-03},
    {2.478865027e-04, 9.879046481e-03, 0.0, 3.611742777e-03, 1.158807538e-03, 2.633428903e-05,
     1.149653948e-01},
    {5.379623985e-02, 8.814722639e-02, 3.611742777e-03, 0.0, 7.642116588e-02, 4.766922274e-03,
     3.429861872e-03},
    {1.440838860e-02, 4.821030753e-02, 1.158807538e-03, 7.642116588e-02, 0.0, 5.435319555e-02,
     1.585822137e-03},
    {2.647599552e-08, 1.229411898e-02, 2.633428903e-05, 4.766922274e-03, 5.435319555e-02, 0.0,
     5.651884290e-05},
    {1.065101469e-03, 7.042306189e-03, 1.149653948e-01, 3.429861872e-03, 1.585822137e-03,
     5.651884290e-05, 0.0}};

START_TEST(a_row_has_the_perplexity)
{
    static const float square[] = {0.0906f, 0.3485f, 1.7417f, 2.1301f};
    static const double want[] = {0.66033077, 0.32929896, 0.00767774, 0.00269253};
    float p[4];
    for (int scale = -60; scale <= 60; scale += 20) { /* in any unit */
        float far[4];
        for (size_t k = 0; k < 4; k++)
            far[k] = ldexpf(square[k], scale);
        affinity_row(far, 4, 2.0, p);
        for (size_t k = 0; k < 4; k++)
            close_to((double)p[k], want[k], 1e-6, "p", k);
    }
}
END_TEST

/* Distances that are all the same, or 0 more often than the perplexity says, give equal shares. */
START_TEST(equal_distances_get_equal_shares)
{
    static const float same[] = {3, 3, 3, 3, 3}, twins[] = {0, 0, 0, 5, 7};
    float p[5];
    affinity_row(same, 5, 2.0, p);
    for (size_t k = 0; k < 5; k++)
        close_to((double)p[k], 0.2, 1e-7, "same", k);
    affinity_row(twins, 5, 1.5, p);
    for (size_t k = 0; k < 5; k++)
        close_to((double)p[k], k < 3 ? 1.0 / 3.0 : 0.0, 1e-7, "twins", k);
}
END_TEST

/* Stores the affinities as a whole matrix. */
static void dense(const struct affinities *affinities, double *p)
{
    const size_t n = affinities->samples;
    memset(p, 0, n * n * sizeof *p);
    for (size_t i = 0; i < n; i++)
        for (size_t e = affinities->first[i]; e < affinities->first[i + 1]; e++) {
            const size_t j = (size_t)affinities->column[e];
            ck_assert(e == affinities->first[i] || affinities->column[e - 1] < (int32_t)j);
            p[i * n + j] = (double)affinities->p[e];
        }
}

static void affinities_open(const float *x, size_t n, size_t features, size_t count,
                            double perplexity, struct affinities *p)
{
    struct embed_samples samples;
    struct neighbors neighbors;
    ck_ok(embed_samples_init(&samples, x, n, features, WEFT_SCALE_NONE));
    ck_ok(neighbors_find(device, &samples, count, NULL, &neighbors));
    ck_ok(affinities_make(&neighbors, perplexity, p));
    neighbors_reset(&neighbors);
    embed_samples_reset(&samples);
}

START_TEST(affinities_as_numpy)
{
    struct affinities affinities;
    double p[SEVEN * SEVEN];
    affinities_open(seven, SEVEN, 3, SEVEN - 1, 2.0, &affinities);
    dense(&affinities, p);
    for (size_t i = 0; i < SEVEN * SEVEN; i++)
        close_to(p[i], seven_p[i / SEVEN][i % SEVEN], 1e-6 * seven_p[i / SEVEN][i % SEVEN] + 1e-9,
                 "p", i);
    affinities_reset(&affinities);
}
END_TEST

/* With few neighbors the matrix is sparse, symmetric to the bit, without a diagonal, and adds up to
 * 1. */
START_TEST(affinities_are_symmetric)
{
    enum { N = 300 };
    static double p[N * N];
    float *x = random_samples(N, 4, 0.8);
    struct affinities affinities;
    double sum = 0.0;
    affinities_open(x, N, 4, 9, 3.0, &affinities);
    dense(&affinities, p);
    for (size_t i = 0; i < N; i++) {
        ck_assert(p[i * N + i] == 0.0);
        for (size_t j = 0; j < N; j++) {
            ck_assert(p[i * N + j] == p[j * N + i]);
            sum += p[i * N + j];
        }
    }
    close_to(sum, 1.0, 1e-6, "sum", 0);
    ck_assert_uint_lt(affinities.first[N], 2 * 9 * N);
    ck_assert_uint_ge(affinities.first[N], 9 * N);
    affinities_reset(&affinities);
    free(x);
}
END_TEST

/* ---- forces and divergence ---- */

/* sklearn.manifold._t_sne: _kl_divergence of its _joint_probabilities, which stop at 1e-5 of the
 * entropy. */
static const float seven_y[] = {0.15f, -0.39f, 2.03f,  -0.05f, -1.45f, -0.41f, -2.29f,
                                1.05f, -0.42f, -0.74f, 1.07f,  -1.65f, 0.54f,  -2.06f};
static const double seven_divergence = 1.5142585857;
static const double seven_gradient[] = {
    -0.02427297, -0.163507938, 0.073010515, -0.03274945,  0.024359214,  0.088407418, -0.154193894,
    0.066396064, 0.002523614,  -0.0006459,  -0.097269857, -0.040461056, 0.175843378, 0.082560863};

/* Opens a map of the seven samples. */
static void seven_open(struct affinities *affinities, struct tsne_map *map)
{
    affinities_open(seven, SEVEN, 3, SEVEN - 1, 2.0, affinities);
    ck_ok(tsne_map_init(map, device, affinities));
    for (size_t i = 0; i < 2 * SEVEN; i++)
        map->y[i % 2 * SEVEN + i / 2] = seven_y[i];
    ck_ok(tsne_map_forces(map));
}

static double gradient_of(const struct tsne_map *map, size_t i)
{
    return 4.0 * ((double)map->attraction[i] - (double)map->repulsion[i] / map->total);
}

START_TEST(gradient_as_scikit_learn)
{
    struct affinities affinities;
    struct tsne_map map;
    seven_open(&affinities, &map);
    close_to(tsne_map_divergence(&map), seven_divergence, 1e-5, "divergence", 0);
    for (size_t i = 0; i < 2 * SEVEN; i++)
        close_to(gradient_of(&map, i % 2 * SEVEN + i / 2), seven_gradient[i], 1e-5, "gradient", i);
    tsne_map_reset(&map);
    affinities_reset(&affinities);
}
END_TEST

/* The gradient is the slope of the divergence. */
START_TEST(gradient_as_finite_differences)
{
    const float h = 0x1p-7f;
    struct affinities affinities;
    struct tsne_map map;
    seven_open(&affinities, &map);
    for (size_t i = 0; i < 2 * SEVEN; i++) {
        const double gradient = gradient_of(&map, i);
        const float y = map.y[i];
        double divergence[2];
        for (int side = 0; side < 2; side++) {
            map.y[i] = side == 0 ? y - h : y + h;
            ck_ok(tsne_map_forces(&map));
            divergence[side] = tsne_map_divergence(&map);
        }
        map.y[i] = y;
        ck_ok(tsne_map_forces(&map));
        close_to(gradient, (divergence[1] - divergence[0]) / (2.0 * (double)h), 2e-4, "slope", i);
    }
    tsne_map_reset(&map);
    affinities_reset(&affinities);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, neighbors_are_exact);
    tcase_add_test(tests, dense_clusters_have_exact_neighbors);
    tcase_add_test(tests, affinities_as_numpy);
    tcase_add_test(tests, affinities_are_symmetric);
    tcase_add_test(tests, gradient_as_scikit_learn);
    tcase_add_test(tests, gradient_as_finite_differences);
}

int main(void)
{
    Suite *suite = suite_create("embed_parts");
    TCase *host = tcase_create("host");
    tcase_add_test(host, eigenvalues_of_a_chain);
    tcase_add_test(host, components_as_numpy);
    tcase_add_loop_test(host, components_of_the_covariance_matrix, 0, 4);
    tcase_add_test(host, equal_variances_are_both_found);
    tcase_add_test(host, samples_are_centered_and_scaled);
    tcase_add_test(host, a_row_has_the_perplexity);
    tcase_add_test(host, equal_distances_get_equal_shares);
    suite_add_tcase(suite, host);
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
