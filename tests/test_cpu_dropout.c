/* Tests that the CPU backend drops the same elements in both passes. The backward pass finds them
 * in the activations: a dropped one is -0, and a kept one never is. */
#include <math.h>

#include "cpu/cpu_kernels.h"
#include "reference/reference.h"
#include "suite.h"

enum {
    LAYER = 2,
    COLUMNS = 19,
    ROWS = 1053, /* more than one piece of the shared loops */
    N = ROWS * COLUMNS
};

/* Zeros of both signs, denormals, infinities and ordinary numbers. */
static float activation(size_t i)
{
    const float values[] = {0.0f, -0.0f, 1e-45f, -1e-45f, 3.5f, -0.25f, HUGE_VALF, -HUGE_VALF};
    return values[i % (sizeof values / sizeof *values)];
}

START_TEST(both_passes_drop_the_same)
{
    static float a[N], da[N];
    /* The rows are a whole batch, or a slice that begins within a block of random numbers. */
    const size_t row = (size_t)_i, before = row * COLUMNS;
    const struct batch_draw draw = {.seed = 7, .epoch = 3, .batch = 11, .row = row};
    const struct ref_draw same = {.seed = 7, .epoch = 3, .batch = 11};
    const float share = 0.4f;
    size_t dropped = 0;
    for (size_t i = 0; i < N; i++) {
        a[i] = activation(i);
        da[i] = 1.0f + (float)i;
    }
    cpu_dropout(&draw, LAYER, share, a, ROWS, COLUMNS);
    cpu_dropout_delta(a, share, N, da);
    for (size_t i = 0; i < N; i++) {
        const double factor = ref_dropout(&same, LAYER, (double)share, before + i);
        const double want = factor * (1.0 + (double)i);
        dropped += factor == 0.0;
        ck_assert_msg(fabs((double)da[i] - want) <= 1e-6 * want, "element %zu: got %g, expected %g",
                      i, (double)da[i], want);
        ck_assert_msg((a[i] == 0.0f && signbit(a[i])) == (factor == 0.0), "element %zu: %g", i,
                      (double)a[i]);
    }
    ck_assert(dropped > N / 3 && dropped < N / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu_dropout");
    TCase *tests = tcase_create("dropout");
    tcase_add_loop_test(tests, both_passes_drop_the_same, 0, 4);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
