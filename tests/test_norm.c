/* Tests batch normalization against PyTorch's numbers, finite differences, and columns whose
 * statistics are known to the last bit. It also tests whether the check would notice sums that
 * cancel. */
#include <string.h>

#include "base/random.h"
#include "check/check_cases.h"
#include "check/error_norm.h"
#include "faulty_device.h"
#include "reference/reference.h"

/* ---- a worked example: torch.nn.BatchNorm1d of PyTorch 1.13 in double, 4 samples, 2 columns ----
 */

enum { SAMPLES = 4, COLUMNS = 2, NUMBERS = SAMPLES * COLUMNS };
static const double example_q[NUMBERS] = {1.0, -2.0, 3.0, 0.5, 2.0, 4.0, -1.0, 1.5};
static const double example_du[NUMBERS] = {0.5, 1.0, -1.0, 2.0, 0.25, -0.75, 2.0, 0.125};
static const double example_scale[COLUMNS] = {1.5, -0.5}, example_shift[COLUMNS] = {0.25, 1.0};
static const double example_running[2][COLUMNS] = {{0.5, -1.0}, {2.0, 0.75}}; /* mean, variance */

static const double torch_mean[COLUMNS] = {1.25, 1.0}, torch_variance[COLUMNS] = {2.1875, 4.625};
static const double torch_u[NUMBERS] = {
    -0.0035456968861957705, 1.6974850784254008,  2.0248198782033708,  1.1162475130709,
    1.0106370906585875,     0.30251492157459925, -2.0319112719757624, 0.8837524869290998};
static const double torch_dscale[COLUMNS] = {-4.1835039986222311, -2.8771259485047778};
static const double torch_dshift[COLUMNS] = {1.75, 2.375};
static const double torch_dq[NUMBERS] = {
    -0.11590578466930598, 0.13882887355195045,  -0.20284229485964148,  -0.28806613419156379,
    0.34771735400791792,  0.079135213455987272, -0.028969274478970707, 0.070102047183626073};
static const double torch_running[2][COLUMNS] = {{0.57499999999999996, -0.80000000000000004},
                                                 {2.0916666666666668, 1.2916666666666667}};

static void assert_near(const char *name, const double *got, const double *want, size_t n,
                        double tolerance)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs(got[i] - want[i]) <= tolerance, "%s %zu: got %.17g, PyTorch %.17g", name,
                      i, got[i], want[i]);
}

START_TEST(reference_as_pytorch)
{
    double mean[COLUMNS], variance[COLUMNS], u[NUMBERS], dscale[COLUMNS], dshift[COLUMNS];
    double dq[NUMBERS], running[2][COLUMNS];
    memcpy(dq, example_du, sizeof dq);
    memcpy(running, example_running, sizeof running);
    ref_norm_statistics(example_q, SAMPLES, COLUMNS, mean, variance);
    ref_norm_forward(example_q, SAMPLES, COLUMNS, mean, variance, example_scale, example_shift, u);
    ref_norm_gradient(example_q, example_du, SAMPLES, COLUMNS, mean, variance, dscale, dshift);
    ref_norm_backward(example_q, SAMPLES, COLUMNS, mean, variance, example_scale, dscale, dshift,
                      dq);
    ref_norm_running(mean, variance, COLUMNS, 0.1, 4.0 / 3.0, running[0], running[1]);
    assert_near("mean", mean, torch_mean, COLUMNS, 1e-14);
    assert_near("variance", variance, torch_variance, COLUMNS, 1e-14);
    assert_near("u", u, torch_u, NUMBERS, 1e-14);
    assert_near("dscale", dscale, torch_dscale, COLUMNS, 1e-14);
    assert_near("dshift", dshift, torch_dshift, COLUMNS, 1e-14);
    assert_near("dq", dq, torch_dq, NUMBERS, 1e-14);
    assert_near("running mean", running[0], torch_running[0], COLUMNS, 1e-14);
    assert_near("running variance", running[1], torch_running[1], COLUMNS, 1e-14);
}
END_TEST

/* Runs a primitive of rows x columns on `arrays`, of as many floats as `lengths` says. */
static void run(enum primitive primitive, size_t rows, size_t columns, float *const *arrays,
                const size_t *lengths, size_t count)
{
    struct primitive_call call = {
        .primitive = primitive, .rows = rows, .columns = columns, .scalars = {0.1f, 4.0f / 3.0f}};
    for (size_t a = 0; a < count; a++)
        call.arrays[a] = (struct primitive_array){arrays[a], lengths[a]};
    ck_ok(backend->primitive_run(device, &call));
}

static void to_floats(const double *values, size_t n, float *floats)
{
    for (size_t i = 0; i < n; i++)
        floats[i] = (float)values[i];
}

static void assert_device_near(const char *name, const float *got, const double *want, size_t n)
{
    double values[NUMBERS];
    for (size_t i = 0; i < n; i++)
        values[i] = (double)got[i];
    assert_near(name, values, want, n, 1e-6);
}

START_TEST(device_as_pytorch)
{
    enum { M = NUMBERS, N = COLUMNS };
    float q[M], du[M], u[M], mean[N], variance[N], scale[N], shift[N], dscale[N], dshift[N];
    float running[2][N];
    to_floats(example_q, M, q);
    to_floats(example_du, M, du);
    to_floats(example_scale, N, scale);
    to_floats(example_shift, N, shift);
    to_floats(example_running[0], 2 * N, running[0]);
    run(PRIMITIVE_NORM_STATISTICS, SAMPLES, N, (float *[]){q, mean, variance}, (size_t[]){M, N, N},
        3);
    run(PRIMITIVE_NORM_FORWARD, SAMPLES, N, (float *[]){q, mean, variance, scale, shift, u},
        (size_t[]){M, N, N, N, N, M}, 6);
    run(PRIMITIVE_NORM_GRADIENT, SAMPLES, N, (float *[]){q, du, mean, variance, dscale, dshift},
        (size_t[]){M, M, N, N, N, N}, 6);
    run(PRIMITIVE_NORM_BACKWARD, SAMPLES, N,
        (float *[]){q, mean, variance, scale, dscale, dshift, du}, (size_t[]){M, N, N, N, N, N, M},
        7);
    run(PRIMITIVE_NORM_RUNNING, SAMPLES, N, (float *[]){mean, variance, running[0], running[1]},
        (size_t[]){N, N, N, N}, 4);
    assert_device_near("mean", mean, torch_mean, N);
    assert_device_near("variance", variance, torch_variance, N);
    assert_device_near("u", u, torch_u, M);
    assert_device_near("dscale", dscale, torch_dscale, N);
    assert_device_near("dshift", dshift, torch_dshift, N);
    assert_device_near("dq", du, torch_dq, M);
    assert_device_near("running mean", running[0], torch_running[0], N);
    assert_device_near("running variance", running[1], torch_running[1], N);
}
END_TEST

/* ---- finite differences ---- */

enum { ROWS = 7, WIDTH = 3, SIZE = ROWS * WIDTH };

/* sum g u, u the normalized q */
static double weighted_sum(const double *q, const double *scale, const double *shift,
                           const double *g)
{
    double mean[WIDTH], variance[WIDTH], u[SIZE], sum = 0.0;
    ref_norm_statistics(q, ROWS, WIDTH, mean, variance);
    ref_norm_forward(q, ROWS, WIDTH, mean, variance, scale, shift, u);
    for (size_t i = 0; i < SIZE; i++)
        sum += g[i] * u[i];
    return sum;
}

START_TEST(gradients_are_finite_differences)
{
    const struct random_stream stream = {11, RANDOM_CHECK, 0};
    const double h = 1e-5;
    double values[2 * WIDTH + SIZE], g[SIZE]; /* scale, shift, q */
    double *const scale = values, *const shift = values + WIDTH, *const q = values + 2 * WIDTH;
    double mean[WIDTH], variance[WIDTH], slope[2 * WIDTH + SIZE];
    for (size_t i = 0; i < 2 * WIDTH + SIZE; i++)
        values[i] = (double)random_uniform(stream, i, -2.0f, 2.0f);
    for (size_t i = 0; i < SIZE; i++)
        g[i] = slope[2 * WIDTH + i] = (double)random_uniform(stream, 1000 + i, -1.0f, 1.0f);
    ref_norm_statistics(q, ROWS, WIDTH, mean, variance);
    ref_norm_gradient(q, g, ROWS, WIDTH, mean, variance, slope, slope + WIDTH);
    ref_norm_backward(q, ROWS, WIDTH, mean, variance, scale, slope, slope + WIDTH,
                      slope + 2 * WIDTH);
    for (size_t i = 0; i < 2 * WIDTH + SIZE; i++) {
        const double value = values[i];
        values[i] = value + h;
        const double above = weighted_sum(q, scale, shift, g);
        values[i] = value - h;
        const double below = weighted_sum(q, scale, shift, g);
        values[i] = value;
        ck_assert(slope[i] != 0.0);
        ck_assert_double_eq_tol(slope[i], (above - below) / (2.0 * h), 1e-8);
    }
}
END_TEST

/* ---- statistics that are known exactly ---- */

/* Rows of a column that goes from `low` to `low + step` and back; sums of the differences, their
 * squares and the quotients are floats. */
START_TEST(far_from_0_nothing_is_lost)
{
    enum { MANY = 1024, EACH = 3 };
    static const float low[EACH] = {0.0f, 1000.0f, 100000.0f}, step = 0x1p-7f;
    static float q[MANY * EACH];
    float mean[EACH], variance[EACH];
    for (size_t i = 0; i < (size_t)MANY * EACH; i++)
        q[i] = low[i % EACH] + (i / EACH % 2 == 1 ? step : 0.0f);
    run(PRIMITIVE_NORM_STATISTICS, MANY, EACH, (float *[]){q, mean, variance},
        (size_t[]){MANY * EACH, EACH, EACH}, 3);
    for (size_t j = 0; j < EACH; j++) {
        ck_assert(mean[j] == low[j] + 0.5f * step);
        ck_assert(variance[j] == 0.25f * step * step);
    }
}
END_TEST

/* One number in all rows, and a single row: variance 0, and u is the shift. */
START_TEST(without_variance_u_is_the_shift)
{
    enum { MANY = 65 };
    float q[MANY], u[MANY], mean = NAN, variance = NAN, scale = 3.0f, shift = -0.7f;
    for (size_t i = 0; i < MANY; i++)
        q[i] = 1234.567f;
    for (size_t rows = 1; rows <= MANY; rows += MANY - 1) {
        run(PRIMITIVE_NORM_STATISTICS, rows, 1, (float *[]){q, &mean, &variance},
            (size_t[]){MANY, 1, 1}, 3);
        run(PRIMITIVE_NORM_FORWARD, rows, 1, (float *[]){q, &mean, &variance, &scale, &shift, u},
            (size_t[]){MANY, 1, 1, 1, 1, MANY}, 6);
        ck_assert(mean == q[0] && variance == 0.0f);
        for (size_t i = 0; i < rows; i++)
            ck_assert(u[i] == shift);
    }
}
END_TEST

/* ---- a first row far from all others ---- */

enum { MANY_ROWS = 60000 };

/* Numbers between -2 and 2, the first 1e4: 245 times the root of the variance from their mean. */
static void column_with_outlier(float *q)
{
    const struct random_stream stream = {12, RANDOM_CHECK, 0};
    for (size_t i = 0; i < MANY_ROWS; i++)
        q[i] = i == 0 ? 1e4f : random_uniform(stream, i, -2.0f, 2.0f);
}

START_TEST(an_outlier_first_spoils_nothing)
{
    static float q[MANY_ROWS];
    static double exact[MANY_ROWS];
    float mean = NAN, variance = NAN;
    double want_mean, want_variance;
    column_with_outlier(q);
    for (size_t i = 0; i < MANY_ROWS; i++)
        exact[i] = (double)q[i];
    ref_norm_statistics(exact, MANY_ROWS, 1, &want_mean, &want_variance);
    run(PRIMITIVE_NORM_STATISTICS, MANY_ROWS, 1, (float *[]){q, &mean, &variance},
        (size_t[]){MANY_ROWS, 1, 1}, 3);
    ck_assert_double_eq_tol((double)variance, want_variance, 1e-5 * want_variance);
    ck_assert_double_eq_tol((double)mean, want_mean, 1e-4 * sqrt(want_variance));
}
END_TEST

/* mean(d^2) - mean(d)^2, d = q - q_0, in slices of float32: 2 % off. */
static double shifted_variance(const float *q)
{
    enum { SLICE = MANY_ROWS / 32 };
    float sum = 0.0f, squares = 0.0f;
    for (size_t s = 0; s < MANY_ROWS / SLICE; s++) {
        float slice_sum = 0.0f, slice_squares = 0.0f;
        for (size_t i = s * SLICE; i < (s + 1) * SLICE; i++) {
            const float d = q[i] - q[0];
            slice_sum += d;
            slice_squares += d * d;
        }
        sum += slice_sum;
        squares += slice_squares;
    }
    const float d = sum / (float)MANY_ROWS;
    return (double)(squares / (float)MANY_ROWS - d * d);
}

/* The bounds are narrow enough to tell. */
START_TEST(bounds_see_what_an_outlier_does)
{
    static float q[MANY_ROWS];
    static double exact[MANY_ROWS];
    double mean, variance, e_mean, e_variance;
    column_with_outlier(q);
    for (size_t i = 0; i < MANY_ROWS; i++)
        exact[i] = (double)q[i];
    ref_norm_statistics(exact, MANY_ROWS, 1, &mean, &variance);
    const struct norm_layer layer = {.rows = MANY_ROWS, .columns = 1, .q = exact};
    norm_statistics_errors(single_precision, &layer, &e_mean, &e_variance);
    const double off = fabs(shifted_variance(q) - variance);
    ck_assert_double_gt(off, 1e-3 * variance);
    ck_assert_double_lt(e_variance, 1e-3 * variance);
    ck_assert_double_lt(e_mean, 0.05);
}
END_TEST

/* variance = E[q^2] - E[q]^2 in float32, of the columns whose q lie 1000 from 0: it cancels. */
static enum weft_status run_and_cancel(struct weft_device *faulty,
                                       const struct primitive_call *call)
{
    ck_ok(backend->primitive_run(faulty, call));
    const float *q = call->arrays[0].values;
    float *variance = call->arrays[2].values;
    for (size_t j = 1; j < call->columns; j += 3) {
        float sum = 0.0f, squares = 0.0f;
        for (size_t i = 0; i < call->rows; i++) {
            sum += q[i * call->columns + j];
            squares += q[i * call->columns + j] * q[i * call->columns + j];
        }
        const float mean = sum / (float)call->rows;
        variance[j] = squares / (float)call->rows - mean * mean;
    }
    return WEFT_OK;
}

START_TEST(squares_that_cancel_are_found)
{
    struct check_result result;
    ck_ok(check_primitive(device_spoil(run_and_cancel), PRIMITIVE_NORM_STATISTICS, 93, 7,
                          CHECK_ORDINARY, 0, 1, &result));
    ck_assert(!result.ok);
    ck_assert_str_eq(result.array, "output 2");
    ck_assert_uint_eq(result.index % 3, 1);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, reference_as_pytorch);
    tcase_add_test(tests, device_as_pytorch);
    tcase_add_test(tests, gradients_are_finite_differences);
    tcase_add_test(tests, far_from_0_nothing_is_lost);
    tcase_add_test(tests, without_variance_u_is_the_shift);
    tcase_add_test(tests, an_outlier_first_spoils_nothing);
    tcase_add_test(tests, bounds_see_what_an_outlier_does);
    tcase_add_test(tests, squares_that_cancel_are_found);
}

int main(void)
{
    Suite *suite = suite_create("norm");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
