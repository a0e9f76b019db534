/* The three heads of the CPU backend against the reference, at odd sizes. Bounds are derived in
 * primitive_arrays.h. */
#include "primitive_arrays.h"
#include "reference/reference.h"

enum { RANGE = 16 }; /* pre-activations lie within 8 of 0, so within 16 of their maximum */

/* z, labels -> dz, loss, correct */
struct judged {
    struct array arrays[5];
    double *p;         /* [rows][columns] probability, for bounds */
    uint32_t *correct; /* [rows] of the reference */
};

static struct judged judged_create(size_t rows, size_t columns, size_t classes)
{
    size_t n = rows * columns;
    struct judged judged = {{array_random(1, n, -RANGE / 2, RANGE / 2),
                             array_integers(2, rows, classes), array_output(n), array_output(rows),
                             array_output(rows)},
                            calloc(n, sizeof(double)),
                            calloc(rows, sizeof(uint32_t))};
    ck_assert(judged.p != NULL && judged.correct != NULL);
    return judged;
}

static void judged_destroy(struct judged *judged)
{
    for (size_t i = 0; i < 5; i++)
        array_free(&judged->arrays[i]);
    free(judged->p);
    free(judged->correct);
}

/* dz = factor (p - y): p's relative error `p_error` u, then two roundings of the result. */
static void check_judged(const char *name, struct judged *judged, float factor, double p_error,
                         double loss_relative, double loss_absolute)
{
    struct array *dz = &judged->arrays[2], *loss = &judged->arrays[3];
    double *bound = calloc(dz->n, sizeof *bound);
    ck_assert_ptr_nonnull(bound);
    for (size_t i = 0; i < dz->n; i++)
        bound[i] =
            U * (fabs((double)factor) * p_error * fabs(judged->p[i]) + 2.1 * fabs(dz->exact[i])) +
            0x1p-149;
    check_floats(name, dz, bound);
    for (size_t i = 0; i < loss->n; i++)
        bound[i] = U * (loss_relative * fabs(loss->exact[i]) + loss_absolute);
    check_floats(name, loss, bound);
    ck_assert_mem_eq(judged->arrays[4].at.u, judged->correct, loss->n * sizeof(uint32_t));
    free(bound);
}

static void check_softmax(size_t rows, size_t columns)
{
    const float factor = 0.3f;
    size_t shape[3] = {rows, columns, 0};
    struct judged judged = judged_create(rows, columns, columns);
    struct array *a = judged.arrays;
    run(PRIMITIVE_SOFTMAX_CROSS_ENTROPY, 0, shape, (float[]){factor, 0}, a, 5);
    ref_softmax_cross_entropy(a[0].exact, a[1].at.i, rows, columns, (double)factor, a[2].exact,
                              a[3].exact, judged.correct);
    ref_softmax_rows(a[0].exact, rows, columns, judged.p);
    check_judged("softmax_cross_entropy", &judged, factor, 2 * RANGE + 10, 1.0, RANGE + 4);

    struct array rows_p[2] = {a[0], array_output(rows * columns)};
    run(PRIMITIVE_SOFTMAX_ROWS, 0, shape, (float[]){0, 0}, rows_p, 2);
    memcpy(rows_p[1].exact, judged.p, rows * columns * sizeof(double));
    check_relative("softmax_rows", &rows_p[1], 2 * RANGE + 10);
    array_free(&rows_p[1]);
    judged_destroy(&judged);
}

static void check_sigmoid(size_t rows, size_t columns, bool true_class_only)
{
    const float factor = 1.0f / 3.0f;
    size_t classes = columns == 1 ? 2 : columns;
    struct judged judged = judged_create(rows, columns, classes);
    struct array *a = judged.arrays;
    run(PRIMITIVE_SIGMOID_CROSS_ENTROPY, 0, (size_t[]){rows, columns, 0},
        (float[]){factor, true_class_only ? 1.0f : 0.0f}, a, 5);
    ref_sigmoid_cross_entropy(a[0].exact, a[1].at.i, rows, columns, (double)factor, true_class_only,
                              a[2].exact, a[3].exact, judged.correct);
    memcpy(judged.p, a[0].exact, rows * columns * sizeof(double));
    ref_sigmoid_forward(judged.p, rows * columns);
    /* all terms of the loss are positive: the relative error of the sum is that of the worst */
    check_judged("sigmoid_cross_entropy", &judged, factor, 6.0, 7.1, 0.0);
    judged_destroy(&judged);
}

static void check_identity(size_t rows, size_t columns)
{
    const float factor = 0.7f;
    struct judged judged = judged_create(rows, columns, columns == 1 ? 2 : columns);
    struct array *a = judged.arrays;
    run(PRIMITIVE_IDENTITY_SQUARED_ERROR, 0, (size_t[]){rows, columns, 0}, (float[]){factor, 0}, a,
        5);
    ref_identity_squared_error(a[0].exact, a[1].at.i, rows, columns, (double)factor, a[2].exact,
                               a[3].exact, judged.correct);
    /* z - y is rounded before it is squared, which doubles its error */
    check_judged("identity_squared_error", &judged, factor, 0.0, 3.1, 0.0);
    judged_destroy(&judged);
}

START_TEST(losses_as_the_reference)
{
    size_t rows = sizes[_i];
    for (size_t w = 0; w < SIZES; w++) {
        if (rows * widths[w] > 1000000)
            continue;
        check_softmax(rows, widths[w]);
        check_sigmoid(rows, widths[w], false);
        check_sigmoid(rows, widths[w], true);
        check_identity(rows, widths[w]);
    }
}
END_TEST

/* Pre-activations of 1e4: the reference's losses are finite (test_reference.c), these too. */
START_TEST(extreme_logits)
{
    static const float extreme[8] = {1e4f, -1e4f, -1e4f, 1e4f, 1e4f, 1e4f, -1e4f, -1e4f};
    static const enum primitive heads[3] = {PRIMITIVE_SOFTMAX_CROSS_ENTROPY,
                                            PRIMITIVE_SIGMOID_CROSS_ENTROPY,
                                            PRIMITIVE_IDENTITY_SQUARED_ERROR};
    static const double expected[3][4] = {
        {0.0, 2e4, 0.6931471805599453, 0.6931471805599453},
        {0.0, 2e4, 1e4, 1e4},
        {0.5 * (9999.0 * 9999.0 + 1e8), 0.5 * (10001.0 * 10001.0 + 1e8),
         0.5 * (9999.0 * 9999.0 + 1e8), 0.5 * (10001.0 * 10001.0 + 1e8)}};
    for (size_t l = 0; l < 3; l++) {
        struct judged judged = judged_create(4, 2, 2);
        struct array *a = judged.arrays;
        memcpy(a[0].at.f, extreme, sizeof extreme);
        memcpy(a[1].at.i, ((int32_t[]){0, 0, 1, 1}), 4 * sizeof(int32_t));
        run(heads[l], 0, (size_t[]){4, 2, 0}, (float[]){1, 0}, a, 5);
        memcpy(a[3].exact, expected[l], sizeof expected[l]);
        check_relative("loss of extreme logits", &a[3], 4.0);
        for (size_t i = 0; i < 8; i++)
            ck_assert(isfinite(a[2].at.f[i]));
        /* of equal outputs the first is the prediction */
        ck_assert_mem_eq(a[4].at.u, ((uint32_t[]){1, 0, 0, 0}), 4 * sizeof(uint32_t));
        judged_destroy(&judged);
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
