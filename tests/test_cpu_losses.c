/* Tests the three heads of the CPU backend against the reference, at odd sizes. primitive_arrays.h
 * derives the bounds. */
#include "primitive_arrays.h"
#include "reference/reference.h"

enum { RANGE = 16 }; /* pre-activations lie within 8 of 0, so within 16 of their maximum */

/* The loss of a head of random z, targets (every other row of them one-hot) and weights -> dz,
 * loss, correct. An output's d = p - y is computed from terms of size `parts`, which are right to
 * `error` u, and rounded three times; a loss is right to `relative` u of itself and `absolute` u of
 * the sum of its targets. */
struct bounds {
    double error, relative, absolute;
};
static const struct bounds bounds[] = {
    [WEFT_HEAD_SOFTMAX] = {2 * RANGE + 12, 4.1, RANGE + 4},
    [WEFT_HEAD_SIGMOID] = {8.0, 11.1, 0.0},  /* all terms of the loss are positive */
    [WEFT_HEAD_IDENTITY] = {0.0, 5.1, 0.0}}; /* z - y is rounded before it is squared */
static const enum primitive primitives[] = {[WEFT_HEAD_SOFTMAX] = PRIMITIVE_SOFTMAX_CROSS_ENTROPY,
                                            [WEFT_HEAD_SIGMOID] = PRIMITIVE_SIGMOID_CROSS_ENTROPY,
                                            [WEFT_HEAD_IDENTITY] =
                                                PRIMITIVE_IDENTITY_SQUARED_ERROR};

/* Terms [n] of the deltas of z and y [rows][columns]. */
static void parts_of(enum weft_head head, const struct array *z, const struct array *y, size_t rows,
                     double *parts)
{
    const size_t columns = z->n / rows;
    memcpy(parts, z->exact, z->n * sizeof *parts);
    if (head == WEFT_HEAD_SOFTMAX)
        ref_softmax_rows(z->exact, rows, columns, parts);
    else
        ref_sigmoid_forward(parts, z->n);
    for (size_t i = 0; i < z->n; i++) {
        const double *yi = y->exact + i / columns * columns;
        double whole = 0.0;
        for (size_t j = 0; j < columns; j++)
            whole += yi[j];
        parts[i] = head == WEFT_HEAD_SOFTMAX
                       ? parts[i] * whole
                       : (1.0 - y->exact[i]) * parts[i] + y->exact[i] * (1.0 - parts[i]);
    }
}

static struct array random_targets(size_t rows, size_t columns)
{
    struct array y = array_random(2, rows * columns, 0.0f, 1.0f);
    for (size_t r = 0; r < rows; r += 2)
        for (size_t j = 0; j < columns; j++) {
            y.at.f[r * columns + j] = j == r % columns ? 1.0f : 0.0f;
            y.exact[r * columns + j] = (double)y.at.f[r * columns + j];
        }
    return y;
}

static void check_loss(enum weft_head head, size_t rows, size_t columns, bool each, bool only)
{
    const size_t n = rows * columns;
    const struct bounds *of = &bounds[head];
    const struct ref_rule rule = {
        .delta_factor = (double)0.3f, .each = each, .true_class_only = only};
    struct ref_rule exact = rule;
    struct array a[] = {array_random(1, n, -RANGE / 2, RANGE / 2),
                        random_targets(rows, columns),
                        array_random(3, rows, 0.5f, 2.0f),
                        array_output(n),
                        array_output(rows),
                        array_output(rows)};
    uint32_t *correct = calloc(rows, sizeof *correct);
    double *parts = calloc(n, sizeof *parts), *bound = calloc(n, sizeof *bound);
    ck_assert(correct != NULL && parts != NULL && bound != NULL);
    run(primitives[head], 0, (size_t[]){rows, columns, 0}, (float[]){0.3f, only ? 2.0f : each}, a,
        6);
    exact.targets = a[1].exact;
    exact.weights = a[2].exact;
    ref_head_loss(head, a[0].exact, rows, columns, &exact, a[3].exact, a[4].exact, correct);
    parts_of(head, &a[0], &a[1], rows, parts);
    for (size_t i = 0; i < n; i++)
        bound[i] = U * (rule.delta_factor * a[2].exact[i / columns] * of->error * parts[i] +
                        3.2 * fabs(a[3].exact[i])) +
                   0x1p-149;
    check_floats("dz", &a[3], bound);
    for (size_t r = 0; r < rows; r++) {
        double whole = 0.0;
        for (size_t j = 0; j < columns; j++)
            whole += a[1].exact[r * columns + j];
        bound[r] = U * (of->relative * a[4].exact[r] + of->absolute * whole * a[2].exact[r]);
    }
    check_floats("loss", &a[4], bound);
    ck_assert_mem_eq(a[5].at.u, correct, rows * sizeof *correct);
    for (size_t i = 0; i < sizeof a / sizeof *a; i++)
        array_free(&a[i]);
    free(bound);
    free(parts);
    free(correct);
}

static void check_softmax_rows(size_t rows, size_t columns)
{
    struct array a[] = {array_random(1, rows * columns, -RANGE / 2, RANGE / 2),
                        array_output(rows * columns)};
    run(PRIMITIVE_SOFTMAX_ROWS, 0, (size_t[]){rows, columns, 0}, (float[]){0, 0}, a, 2);
    ref_softmax_rows(a[0].exact, rows, columns, a[1].exact);
    check_relative("softmax_rows", &a[1], 2 * RANGE + 10);
    array_free(&a[0]);
    array_free(&a[1]);
}

START_TEST(losses_as_the_reference)
{
    size_t rows = sizes[_i];
    for (size_t w = 0; w < SIZES; w++) {
        if (rows * widths[w] > most_elements())
            continue;
        check_softmax_rows(rows, widths[w]);
        check_loss(WEFT_HEAD_SOFTMAX, rows, widths[w], false, false);
        check_loss(WEFT_HEAD_SIGMOID, rows, widths[w], false, false);
        check_loss(WEFT_HEAD_SIGMOID, rows, widths[w], true, false);
        check_loss(WEFT_HEAD_SIGMOID, rows, widths[w], false, true);
        check_loss(WEFT_HEAD_IDENTITY, rows, widths[w], false, false);
        check_loss(WEFT_HEAD_IDENTITY, rows, widths[w], true, false);
    }
}
END_TEST

/* Pre-activations of 1e4: the reference's losses are finite (test_reference.c), these too. */
START_TEST(extreme_logits)
{
    static const float extreme[8] = {1e4f, -1e4f, -1e4f, 1e4f, 1e4f, 1e4f, -1e4f, -1e4f};
    static const enum weft_head heads[3] = {WEFT_HEAD_SOFTMAX, WEFT_HEAD_SIGMOID,
                                            WEFT_HEAD_IDENTITY};
    static const double expected[3][4] = {
        {0.0, 2e4, 0.6931471805599453, 0.6931471805599453},
        {0.0, 2e4, 1e4, 1e4},
        {0.5 * (9999.0 * 9999.0 + 1e8), 0.5 * (10001.0 * 10001.0 + 1e8),
         0.5 * (9999.0 * 9999.0 + 1e8), 0.5 * (10001.0 * 10001.0 + 1e8)}};
    for (size_t l = 0; l < 3; l++) {
        struct array a[] = {array_output(8), array_output(8), array_random(3, 4, 1.0f, 1.0f),
                            array_output(8), array_output(4), array_output(4)};
        memcpy(a[0].at.f, extreme, sizeof extreme);
        memcpy(a[1].at.f, ((float[]){1, 0, 1, 0, 0, 1, 0, 1}), 8 * sizeof(float));
        run(primitives[heads[l]], 0, (size_t[]){4, 2, 0}, (float[]){1, 0}, a, 6);
        memcpy(a[4].exact, expected[l], sizeof expected[l]);
        check_relative("loss of extreme logits", &a[4], 4.0);
        for (size_t i = 0; i < 8; i++)
            ck_assert(isfinite(a[3].at.f[i]));
        /* of equal outputs the first is the prediction */
        ck_assert_mem_eq(a[5].at.u, ((uint32_t[]){1, 0, 0, 0}), 4 * sizeof(uint32_t));
        for (size_t i = 0; i < sizeof a / sizeof *a; i++)
            array_free(&a[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu_losses");
    TCase *tests = tcase_create("against the reference");
    tcase_add_checked_fixture(tests, open_device, close_device);
    tcase_add_loop_test(tests, losses_as_the_reference, 0, SIZES);
    tcase_add_test(tests, extreme_logits);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
