/* Tests exp, sigmoid and softplus of the CPU backend against double precision, over all
 * magnitudes. */
#include <float.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_math.h"
#include "suite.h"

/* Every 16411th float by its bits (a prime: all exponents and signs, infinities, NaN). */
enum { STEP = 16411, COUNT = (int)((UINT32_MAX - 1) / STEP) + 1 };

static float sample(size_t index)
{
    return float_from_bits((uint32_t)index * STEP);
}

/* |got - expected| in units of the last place of the float next to `expected`; 0 for two NaN or two
 * equal infinities. A finite FLT_MAX where infinity is due, or the reverse, is measured too. */
static double ulps(float got, double expected)
{
    if (isnan(got) || isnan(expected))
        return isnan(got) && isnan(expected) ? 0.0 : HUGE_VAL;
    int exponent;
    frexp(fmin(fabs(expected), (double)FLT_MAX), &exponent);
    double unit = fmax(ldexp(1.0, exponent - 24), ldexp(1.0, -149));
    double reached = isinf(got) ? ldexp(1.0, 128) : (double)got; /* the float after FLT_MAX */
    double wanted = fmin(expected, ldexp(1.0, 128));
    return fabs(reached - wanted) / unit;
}

static double exact_sigmoid(double z)
{
    return z >= 0.0 ? 1.0 / (1.0 + exp(-z)) : exp(z) / (1.0 + exp(z));
}

static double exact_softplus(double z)
{
    return (z < 0.0 ? 0.0 : z) + log1p(exp(-fabs(z)));
}

static double exact_normal(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

static void check(const char *name, float z, float got, double expected, double bound)
{
    double error = ulps(got, expected);
    ck_assert_msg(error <= bound, "%s(%a): got %a, expected %a, %g ulp, bound %g", name, (double)z,
                  (double)got, expected, error, bound);
}

START_TEST(scalars_over_the_whole_range)
{
    for (size_t i = 0; i < COUNT; i++) {
        float z = sample(i);
        check("exp", z, exp_float(z), exp((double)z), 2.0);
        check("sigmoid", z, sigmoid_float(z), exact_sigmoid((double)z), 3.0);
        check("softplus", z, softplus_float(z), exact_softplus((double)z), 3.0);
        check("tanh", z, tanh_float(z), tanh((double)z), 3.0);
        if (z <= 0.0f)
            check("expm1", z, expm1_below_float(z), expm1((double)z), 2.0);
        check("normal", z, normal_float(z), exact_normal((double)z),
              8.0 + 0.5 * fmin((double)z * (double)z, 1e6));
    }
}
END_TEST

/* Where the range of floats ends: 88.72 gives FLT_MAX, -87.34 FLT_MIN, -103.97 half a denormal. */
START_TEST(the_ends_of_exp)
{
    for (float z = 88.0f; z < 90.0f; z = nextafterf(z, 100.0f))
        check("exp", z, exp_float(z), exp((double)z), 2.0);
    for (float z = -86.0f; z > -106.0f; z = nextafterf(nextafterf(z, -200.0f), -200.0f))
        check("exp", z, exp_float(z), exp((double)z), 2.0);
    ck_assert(exp_float(0.0f) == 1.0f);
    ck_assert(exp_float(-0.0f) == 1.0f);
    ck_assert(exp_float(INFINITY) == INFINITY);
    ck_assert(exp_float(-INFINITY) == 0.0f);
    ck_assert(isnan(exp_float(NAN)) && isnan(exp_float(-NAN)));
}
END_TEST

/* What the vector loop computes: the same function, over an array of every magnitude. */
START_TEST(vector_sigmoid_over_the_whole_range)
{
    float *z = calloc(COUNT, sizeof *z);
    ck_assert_ptr_nonnull(z);
    for (size_t i = 0; i < COUNT; i++)
        z[i] = sample(i);
    cpu_sigmoid_forward(z, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        check("cpu_sigmoid_forward", sample(i), z[i], exact_sigmoid((double)sample(i)), 3.0);
    free(z);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu_math");
    TCase *accuracy = tcase_create("accuracy");
    tcase_add_test(accuracy, scalars_over_the_whole_range);
    tcase_add_test(accuracy, the_ends_of_exp);
    tcase_add_test(accuracy, vector_sigmoid_over_the_whole_range);
    suite_add_tcase(suite, accuracy);
    return suite_main(suite);
}
