/* Tests matrix products, element-wise operations and sums of the CPU backend against the reference,
 * at odd sizes and with any number of threads. primitive_arrays.h derives the bounds. */
#include <omp.h>
#include <stdio.h>

#include "primitive_arrays.h"
#include "reference/reference.h"

/* ---- products ---- */

static void check_product(enum product_form form, size_t m, size_t n, size_t k)
{
    typedef void product(const double *, const double *, size_t, size_t, size_t, double *);
    static product *const references[] = {ref_product_forward, ref_product_weight_gradient,
                                          ref_product_delta};
    struct array arrays[3] = {array_random(1, m * k, -1.0f, 1.0f),
                              array_random(2, n * k, -1.0f, 1.0f), array_output(m * n)};
    double *bound = calloc(m * n, sizeof *bound);
    ck_assert_ptr_nonnull(bound);
    run(PRIMITIVE_PRODUCT, form, (size_t[]){m, n, k}, (float[]){0.0f, 0.0f}, arrays, 3);
    references[form](arrays[0].exact, arrays[1].exact, m, n, k, arrays[2].exact);

    for (size_t i = 0; i < m * k; i++)
        arrays[0].exact[i] = fabs(arrays[0].exact[i]);
    for (size_t i = 0; i < n * k; i++)
        arrays[1].exact[i] = fabs(arrays[1].exact[i]);
    references[form](arrays[0].exact, arrays[1].exact, m, n, k, bound);
    for (size_t i = 0; i < m * n; i++)
        bound[i] *= (double)(k + 1) * U;
    char name[96];
    snprintf(name, sizeof name, "product form %d, %zu x %zu x %zu", (int)form, m, n, k);
    check_floats(name, &arrays[2], bound);
    for (size_t i = 0; i < 3; i++)
        array_free(&arrays[i]);
    free(bound);
}

START_TEST(products_as_the_reference)
{
    for (size_t i = 0; i < SIZES; i++) {
        check_product((enum product_form)_i, sizes[i], 10, 7);
        check_product((enum product_form)_i, 7, sizes[i], 50);
        check_product((enum product_form)_i, 13, 10, sizes[i]);
    }
    check_product((enum product_form)_i, 93, 64, 1000);
    check_product((enum product_form)_i, 1, 1, 1);
}
END_TEST

/* ---- element-wise ---- */

static void check_elementwise(size_t rows, size_t columns)
{
    size_t n = rows * columns, shape[3] = {rows, columns, 0};
    struct array z = array_random(1, n, -20.0f, 20.0f);
    run(PRIMITIVE_SIGMOID_FORWARD, 0, shape, (float[]){0, 0}, &z, 1);
    ref_sigmoid_forward(z.exact, n);
    check_relative("sigmoid_forward", &z, 6.0);

    array_free(&z);

    struct array clip[2] = {array_random(3, n, -0.5f, 1.5f), array_output(n)};
    run(PRIMITIVE_CLIP_UNIT, 0, shape, (float[]){0, 0}, clip, 2);
    ref_clip_unit(clip[0].exact, n, clip[1].exact);
    check_exact("clip_unit", &clip[1]);
    array_free(&clip[0]);
    array_free(&clip[1]);
}

/* bound = factor u (|a| + |b_(i mod columns)|), then reference applied by the caller. */
static double *sum_bounds(const struct array *a, const struct array *b, double scale, double factor)
{
    double *bound = calloc(a->n, sizeof *bound);
    ck_assert_ptr_nonnull(bound);
    for (size_t i = 0; i < a->n; i++)
        bound[i] = factor * U * (fabs(a->exact[i]) + scale * fabs(b->exact[i % b->n]));
    return bound;
}

static void check_sums_of_two(size_t rows, size_t columns)
{
    size_t n = rows * columns, shape[3] = {rows, columns, 0};
    struct array bias[2] = {array_random(1, n, -2.0f, 2.0f), array_random(2, columns, -2.0f, 2.0f)};
    double *bound = sum_bounds(&bias[0], &bias[1], 1.0, 1.0);
    run(PRIMITIVE_BIAS_ADD, 0, shape, (float[]){0, 0}, bias, 2);
    ref_bias_add(bias[0].exact, bias[1].exact, rows, columns);
    check_floats("bias_add", &bias[0], bound);
    free(bound);

    const float l1 = 0.25f, l2 = 0.3f, rate = 0.1f;
    struct array w = array_random(3, n, -1.0f, 1.0f), dw = array_random(4, n, -1.0f, 1.0f);
    struct array w_dw[2] = {w, dw};
    w.at.f[n / 2] = 0.0f;
    w.exact[n / 2] = 0.0;
    bound = sum_bounds(&dw, &w, (double)l2, 3.0);
    for (size_t i = 0; i < n; i++)
        bound[i] += 3.0 * U * (double)l1;
    run(PRIMITIVE_PENALTY_GRADIENT, 0, shape, (float[]){l1, l2}, w_dw, 2);
    ref_penalty_gradient(w.exact, n, (double)l1, (double)l2, dw.exact);
    check_floats("penalty_gradient", &dw, bound);
    free(bound);

    for (size_t i = 0; i < n; i++)
        dw.exact[i] = (double)dw.at.f[i];
    bound = sum_bounds(&w, &dw, (double)rate, 2.0);
    const struct update_rule rule = {.learning_rate = rate};
    struct array clip = array_random(5, 1, 1.0f, 1.0f);
    run_update = &rule;
    run(PRIMITIVE_PARAMETERS_UPDATE, 0, shape, (float[]){0, 0}, (struct array[]){w, dw, clip}, 3);
    array_free(&clip);
    ref_sgd_update(w.exact, dw.exact, n, (double)rate);
    check_floats("sgd_update", &w, bound);
    free(bound);
    array_free(&bias[0]);
    array_free(&bias[1]);
    array_free(&w);
    array_free(&dw);
}

static void check_rows(size_t rows, size_t columns)
{
    size_t n = rows * columns, shape[3] = {rows, columns, 0};
    struct array scale[3] = {array_random(1, n, 0.0f, 255.0f),
                             array_random(2, columns, 0.0f, 255.0f),
                             array_random(3, columns, 0.5f, 90.0f)};
    run(PRIMITIVE_STANDARDIZE_ROWS, 0, shape, (float[]){0, 0}, scale, 3);
    ref_standardize_rows(scale[0].exact, scale[1].exact, scale[2].exact, rows, columns);
    check_relative("standardize_rows", &scale[0], 2.1);

    size_t inner = rows + 5;
    struct array gather[5] = {array_random(4, inner * columns, -1.0f, 1.0f),
                              array_integers(5, inner, 10), array_integers(6, rows, inner),
                              array_output(n), array_output(rows)};
    run(PRIMITIVE_GATHER_ROWS, 0, (size_t[]){rows, columns, inner}, (float[]){0, 0}, gather, 5);
    for (size_t i = 0; i < rows; i++) {
        size_t from = gather[2].at.u[i];
        ck_assert_int_eq(gather[4].at.i[i], gather[1].at.i[from]);
        ck_assert_mem_eq(gather[3].at.f + i * columns, gather[0].at.f + from * columns,
                         columns * sizeof(float));
    }
    for (size_t i = 0; i < 3; i++)
        array_free(&scale[i]);
    for (size_t i = 0; i < 5; i++)
        array_free(&gather[i]);
}

START_TEST(elementwise_as_the_reference)
{
    for (size_t j = 0; j < SIZES; j++) {
        if (sizes[_i] * widths[j] > most_elements())
            continue;
        check_elementwise(sizes[_i], widths[j]);
        check_sums_of_two(sizes[_i], widths[j]);
        check_rows(sizes[_i], widths[j]);
    }
}
END_TEST

/* ---- sums ---- */

/* array[0] within one rounding of `exact`, whose terms have the magnitude `terms` together. */
static void check_sum(const char *name, float got, double exact, double terms)
{
    double bound = 1.001 * U * fabs(exact) + 0x1p-45 * terms;
    ck_assert_msg(fabs((double)got - exact) <= bound, "%s: got %.9g, expected %.17g, bound %g",
                  name, (double)got, exact, bound);
}

START_TEST(sums_as_the_reference)
{
    size_t rows = sizes[_i];
    for (size_t w = 0; w < SIZES; w++) {
        size_t columns = widths[w], n = rows * columns, shape[3] = {rows, columns, 0};
        struct array bias[2] = {array_random(1, n, -1.0f, 1.0f), array_output(columns)};
        run(PRIMITIVE_BIAS_GRADIENT, 0, shape, (float[]){0, 0}, bias, 2);
        ref_bias_gradient(bias[0].exact, rows, columns, bias[1].exact);
        for (size_t j = 0; j < columns; j++)
            check_sum("bias_gradient", bias[1].at.f[j], bias[1].exact[j], (double)rows);

        struct array penalty[2] = {bias[0], array_output(2)};
        double sum_abs, sum_squares;
        run(PRIMITIVE_PENALTY_TERMS, 0, shape, (float[]){0, 0}, penalty, 2);
        ref_penalty_terms(bias[0].exact, n, &sum_abs, &sum_squares);
        check_sum("penalty_terms |w|", penalty[1].at.f[0], sum_abs, sum_abs);
        check_sum("penalty_terms w^2", penalty[1].at.f[1], sum_squares, sum_squares);
        array_free(&bias[0]);
        array_free(&bias[1]);
        array_free(&penalty[1]);
    }
    struct array metrics[4] = {array_random(2, rows, 0.0f, 5.0f), array_integers(3, rows, 2),
                               array_output(1), array_output(1)};
    run(PRIMITIVE_METRICS_SUM, 0, (size_t[]){rows, 1, 0}, (float[]){0, 0}, metrics, 4);
    double loss = 0.0;
    uint32_t correct = 0;
    for (size_t i = 0; i < rows; i++) {
        loss += metrics[0].exact[i];
        correct += metrics[1].at.u[i];
    }
    check_sum("metrics_sum loss", metrics[2].at.f[0], loss, loss);
    ck_assert_uint_eq(metrics[3].at.u[0], correct);
    for (size_t i = 0; i < 4; i++)
        array_free(&metrics[i]);
}
END_TEST

/* ---- threads ---- */

/* The bits of an output do not depend on the number of threads. `output` is array `index`. */
static void check_threads(enum primitive primitive, size_t rows, size_t columns,
                          struct array *arrays, size_t count, size_t index)
{
    size_t bytes = arrays[index].n * sizeof(float);
    float *first = malloc(bytes), *input = malloc(bytes);
    ck_assert(first != NULL && input != NULL);
    memcpy(input, arrays[index].at.f, bytes);
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        memcpy(arrays[index].at.f, input, bytes);
        run(primitive, 0, (size_t[]){rows, columns, 0}, (float[]){0.5f, 0.25f}, arrays, count);
        if (threads == 1)
            memcpy(first, arrays[index].at.f, bytes);
        ck_assert_msg(memcmp(first, arrays[index].at.f, bytes) == 0,
                      "primitive %d: %d threads change the result", (int)primitive, threads);
    }
    free(first);
    free(input);
}

/* Every scalar is something. */
static struct update_rule rule_of(enum weft_optimizer optimizer)
{
    return (struct update_rule){.optimizer = optimizer,
                                .learning_rate = 0.3f,
                                .momentum = 0.9f,
                                .beta1 = 0.7f,
                                .beta2 = 0.9f,
                                .gain1 = 0.3f,
                                .gain2 = 0.1f,
                                .epsilon = 0.01f,
                                .step = 0.2f,
                                .root = 1.5f,
                                .decay_factor = 0.6f};
}

START_TEST(threads_change_nothing)
{
    enum { ROWS = 3001, COLUMNS = 50, N = ROWS * COLUMNS };
    struct array z = array_random(1, N, -8.0f, 8.0f), y = array_random(2, N, -1.0f, 1.0f);
    struct array weight = array_random(3, ROWS, 0.5f, 2.0f), b = array_random(4, COLUMNS, 1, 2);
    struct array loss = array_output(ROWS), correct = array_output(ROWS), penalty = array_output(2);
    check_threads(PRIMITIVE_BIAS_ADD, ROWS, COLUMNS, (struct array[]){y, b}, 2, 0);
    check_threads(PRIMITIVE_SIGMOID_FORWARD, ROWS, COLUMNS, (struct array[]){y}, 1, 0);
    check_threads(PRIMITIVE_LAYER_FORWARD, ROWS, COLUMNS, (struct array[]){z, y}, 2, 1);
    check_threads(PRIMITIVE_LAYER_BACKWARD, ROWS, COLUMNS, (struct array[]){z, y}, 2, 1);
    check_threads(PRIMITIVE_SOFTMAX_ROWS, ROWS, COLUMNS, (struct array[]){z, y}, 2, 1);
    check_threads(PRIMITIVE_CLIP_UNIT, ROWS, COLUMNS, (struct array[]){z, y}, 2, 1);
    check_threads(PRIMITIVE_PENALTY_GRADIENT, ROWS, COLUMNS, (struct array[]){z, y}, 2, 1);
    struct array square = array_random(5, N, 0.0f, 1.0f), clip = array_random(6, 1, 0.5f, 1.0f);
    struct update_rule rule;
    run_update = &rule;
    struct array mean = array_random(7, N, -1.0f, 1.0f);
    rule = rule_of(WEFT_OPTIMIZER_SGD);
    check_threads(PRIMITIVE_PARAMETERS_UPDATE, ROWS, COLUMNS, (struct array[]){y, z, clip}, 3, 0);
    rule = rule_of(WEFT_OPTIMIZER_MOMENTUM);
    check_threads(PRIMITIVE_PARAMETERS_UPDATE, ROWS, COLUMNS, (struct array[]){y, z, clip, square},
                  4, 3);
    rule = rule_of(WEFT_OPTIMIZER_RMSPROP);
    check_threads(PRIMITIVE_PARAMETERS_UPDATE, ROWS, COLUMNS, (struct array[]){y, z, clip, square},
                  4, 3);
    rule = rule_of(WEFT_OPTIMIZER_ADAM);
    check_threads(PRIMITIVE_PARAMETERS_UPDATE, ROWS, COLUMNS,
                  (struct array[]){y, z, clip, mean, square}, 5, 4);
    check_threads(PRIMITIVE_AVERAGE_UPDATE, ROWS, COLUMNS, (struct array[]){z, y}, 2, 1);
    struct array scale = array_random(8, COLUMNS, 0.5f, 2.0f), du = array_random(9, N, -1, 1);
    struct array norm[7] = {z, b, scale, scale, b, y}, back[7] = {z, b, scale, scale, b, b, du};
    struct array gradient[6] = {z, du, b, scale, mean, square};
    check_threads(PRIMITIVE_DROPOUT, ROWS, COLUMNS, (struct array[]){y}, 1, 0);
    check_threads(PRIMITIVE_NORM_STATISTICS, ROWS, COLUMNS, (struct array[]){z, mean, square}, 3,
                  1);
    check_threads(PRIMITIVE_NORM_STATISTICS, ROWS, COLUMNS, (struct array[]){z, mean, square}, 3,
                  2);
    check_threads(PRIMITIVE_NORM_FORWARD, ROWS, COLUMNS, norm, 6, 5);
    check_threads(PRIMITIVE_NORM_GRADIENT, ROWS, COLUMNS, gradient, 6, 4);
    check_threads(PRIMITIVE_NORM_GRADIENT, ROWS, COLUMNS, gradient, 6, 5);
    check_threads(PRIMITIVE_NORM_BACKWARD, ROWS, COLUMNS, back, 7, 6);
    check_threads(PRIMITIVE_CLIP_FACTOR, ROWS, COLUMNS, (struct array[]){z, clip}, 2, 1);
    check_threads(PRIMITIVE_STANDARDIZE_ROWS, ROWS, COLUMNS, (struct array[]){y, b, b}, 3, 0);
    check_threads(PRIMITIVE_BIAS_GRADIENT, ROWS, COLUMNS, (struct array[]){z, b}, 2, 1);
    check_threads(PRIMITIVE_PENALTY_TERMS, ROWS, COLUMNS, (struct array[]){z, penalty}, 2, 1);
    struct array points[3] = {z, y, square};
    check_threads(PRIMITIVE_REPULSION, ROWS, COLUMNS, points, 3, 1);
    check_threads(PRIMITIVE_REPULSION, ROWS, COLUMNS, points, 3, 2);
    struct array judged[6] = {z, square, weight, y, loss, correct};
    for (int p = PRIMITIVE_SOFTMAX_CROSS_ENTROPY; p <= PRIMITIVE_IDENTITY_SQUARED_ERROR; p++) {
        for (size_t output = 3; output < 6; output++)
            check_threads((enum primitive)p, ROWS, COLUMNS, judged, 6, output);
    }
    struct array *all[] = {&z,       &y,      &weight, &b,    &loss,  &correct,
                           &penalty, &square, &clip,   &mean, &scale, &du};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        array_free(all[i]);
}
END_TEST

START_TEST(sizes_beyond_cblas_are_refused)
{
    float x[1] = {0.0f};
    struct primitive_call call = {.primitive = PRIMITIVE_PRODUCT,
                                  .rows = (size_t)1 << 31,
                                  .columns = 1,
                                  .inner = 1,
                                  .arrays = {{x, 1}, {x, 1}, {x, 1}}};
    ck_fails(device->backend->primitive_run(device, &call), WEFT_ERROR_USAGE, "2147483648");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu_primitives");
    TCase *tests = tcase_create("against the reference");
    tcase_add_checked_fixture(tests, open_device, close_device);
    tcase_add_loop_test(tests, products_as_the_reference, 0, 3);
    tcase_add_loop_test(tests, elementwise_as_the_reference, 0, SIZES);
    tcase_add_loop_test(tests, sums_as_the_reference, 0, SIZES);
    tcase_add_test(tests, threads_change_nothing);
    tcase_add_test(tests, sizes_beyond_cblas_are_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
