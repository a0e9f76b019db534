/* Tests the running average of weights (--ema) on both devices. It must not drift, no matter how
 * long the training is and how close its decay is to 1. */
#include "base/random.h"
#include "devices.h"
#include "suite.h"

static const double decays[] = {0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.9999999};
enum { DECAYS = sizeof decays / sizeof *decays };

/* One update of average [n] by w [n]. */
static void average_step(float *w, float *average, size_t n, double decay)
{
    const struct primitive_call call = {.primitive = PRIMITIVE_AVERAGE_UPDATE,
                                        .rows = n,
                                        .columns = 1,
                                        .scalars = {(float)(1.0 - decay)},
                                        .arrays = {{w, n}, {average, n}}};
    ck_ok(backend->primitive_run(device, &call));
}

/* One step that changes no bit shows that no number of steps does. */
START_TEST(constant_weights_stay_exactly_constant)
{
    enum { N = 4099 };
    const struct random_stream stream = {3, RANDOM_CHECK, 0};
    static float w[N], average[N];
    for (size_t i = 0; i < N; i++)
        w[i] = ldexpf(random_uniform(stream, i, -1.0f, 1.0f), (int)(i % 200) - 100);
    memcpy(average, w, sizeof w);
    average_step(w, average, N, decays[_i]);
    ck_assert_mem_eq(average, w, sizeof w);
}
END_TEST

/* average_t = D average_(t-1) + (1 - D) w_t in double, weights that go to and fro as they do in a
 * training. Each step rounds once more, by up to 6e-8 of the average, to either side; the average
 * remembers 1 / (1 - D) steps, so that the root of their number times that is left. D and 1 - D
 * rounded apart were off by 1.6e-4 of the average. */
START_TEST(a_hundred_thousand_steps_follow_the_formula)
{
    enum { N = 8 };
    const double decay = 0.9999;
    /* a launch for each step takes its time */
    const size_t steps = device->info.opencl ? 20000 : 100000;
    const struct random_stream stream = {4, RANDOM_CHECK, 0};
    float w[N], average[N];
    double want[N];
    for (size_t t = 0; t < steps; t++) {
        for (size_t i = 0; i < N; i++) {
            w[i] = (float)(i + 1) * random_uniform(stream, t * N + i, 0.5f, 1.5f);
            want[i] = t == 0 ? (double)w[i] : decay * want[i] + (1.0 - decay) * (double)w[i];
            average[i] = t == 0 ? w[i] : average[i];
        }
        average_step(w, average, N, decay);
    }
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol((double)average[i], want[i], 1e-5 * want[i]);
}
END_TEST

/* The first step, from an average of 0, gives the weights to the bit. */
START_TEST(the_first_average_is_the_weights)
{
    float w[] = {1.0f / 3.0f, -1e30f, 1e-30f, 12345.678f}, average[4] = {0.0f};
    average_step(w, average, 4, 0.0);
    ck_assert_mem_eq(average, w, sizeof w);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_loop_test(tests, constant_weights_stay_exactly_constant, 0, DECAYS);
    tcase_add_test(tests, a_hundred_thousand_steps_follow_the_formula);
    tcase_add_test(tests, the_first_average_is_the_weights);
}

int main(void)
{
    Suite *suite = suite_create("average");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
