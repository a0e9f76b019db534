/* Tests the tiled matrix products of the CPU backend against the reference, at odd sizes, with any
 * number of threads and with every width of vectors that this CPU has. */
#define _XOPEN_SOURCE 700
#include <omp.h>
#include <stdio.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_vectors.h"
#include "primitive_arrays.h"
#include "reference/reference.h"

static void choose(const char *width)
{
    ck_assert_int_eq(setenv("WEFT_CPU_VECTORS", width, 1), 0);
    ck_ok(cpu_vectors_choose());
}

static void choose_128(void)
{
    choose("128");
}

static void choose_256(void)
{
    choose("256");
}

static void choose_512(void)
{
    choose("512");
}

static void tiled_product(enum product_form form, const struct array *a, const struct array *b,
                          size_t m, size_t n, size_t k, const struct array *c)
{
    size_t count;
    ck_assert(form == PRODUCT_WEIGHT_GRADIENT ? cpu_gradient_panels_size(m, k, &count)
                                              : cpu_panels_size(n, k, &count));
    struct array panels = array_output(count); /* NaN: padding must be written too */
    if (form == PRODUCT_WEIGHT_GRADIENT) {
        cpu_gradient_product(a->at.f, b->at.f, k, m, n, panels.at.f, c->at.f);
    } else {
        cpu_panels_pack(b->at.f, form == PRODUCT_FORWARD, n, k, panels.at.f);
        cpu_block_product(a->at.f, panels.at.f, m, n, k, c->at.f, NULL);
    }
    for (size_t i = count; i < count + GUARD; i++)
        ck_assert_uint_eq(panels.at.u[i], guard_word);
    for (size_t i = c->n; i < c->n + GUARD; i++)
        ck_assert_uint_eq(c->at.u[i], guard_word);
    array_free(&panels);
}

static void check_tiled(enum product_form form, size_t m, size_t n, size_t k)
{
    typedef void product(const double *, const double *, size_t, size_t, size_t, double *);
    static product *const references[] = {ref_product_forward, ref_product_weight_gradient,
                                          ref_product_delta};
    struct array a = array_random(1, m * k, -1.0f, 1.0f), b = array_random(2, n * k, -1.0f, 1.0f);
    struct array c = array_output(m * n);
    double *bound = calloc(m * n, sizeof *bound);
    ck_assert_ptr_nonnull(bound);
    tiled_product(form, &a, &b, m, n, k, &c);
    references[form](a.exact, b.exact, m, n, k, c.exact);
    for (size_t i = 0; i < m * k; i++)
        a.exact[i] = fabs(a.exact[i]);
    for (size_t i = 0; i < n * k; i++)
        b.exact[i] = fabs(b.exact[i]);
    references[form](a.exact, b.exact, m, n, k, bound);
    for (size_t i = 0; i < m * n; i++)
        bound[i] *= (double)(k + 1) * U;
    char name[96];
    snprintf(name, sizeof name, "tiled product form %d, %zu x %zu x %zu", (int)form, m, n, k);
    check_floats(name, &c, bound);
    array_free(&a);
    array_free(&b);
    array_free(&c);
    free(bound);
}

START_TEST(tiles_as_the_reference)
{
    enum product_form form = (enum product_form)_i;
    for (size_t i = 0; i < SIZES; i++) {
        check_tiled(form, sizes[i], 10, 7);
        check_tiled(form, 7, sizes[i], 50);
        check_tiled(form, 13, 10, sizes[i]);
    }
    check_tiled(form, 93, 64, 1000);
    check_tiled(form, 129, 93, 64);
    check_tiled(form, 130, 50, 300);
    check_tiled(form, 1, 1, 1);
}
END_TEST

/* Whole tiles and edges of every shape, over more than one block of samples. */
START_TEST(tiles_of_every_shape)
{
    enum product_form form = (enum product_form)_i;
    static const size_t rows[] = {1, 2, 3, 6, 7, 8, 11, 12, 13, 25, 26, 27, 48, 50, 130};
    static const size_t columns[] = {1, 15, 16, 17, 32, 48, 50, 64, 65, 80, 96, 130, 256};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < sizeof columns / sizeof *columns; j++)
            check_tiled(form, rows[i], columns[j], 100);
}
END_TEST

START_TEST(threads_change_nothing)
{
    enum product_form form = (enum product_form)_i;
    enum { M = 93, N = 107, K = 300 };
    struct array a = array_random(1, M * K, -1.0f, 1.0f), b = array_random(2, N * K, -1.0f, 1.0f);
    struct array first = array_output(M * N), other = array_output(M * N);
    omp_set_num_threads(1);
    tiled_product(form, &a, &b, M, N, K, &first);
    for (int threads = 2; threads <= 5; threads++) {
        omp_set_num_threads(threads);
        tiled_product(form, &a, &b, M, N, K, &other);
        ck_assert_msg(memcmp(first.at.f, other.at.f, M * N * sizeof(float)) == 0,
                      "tiled product form %d: %d threads change the result", (int)form, threads);
    }
    struct array *all[] = {&a, &b, &first, &other};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        array_free(all[i]);
}
END_TEST

/* Products by panels in chunks have the bits of products by slabs. No shape has thin panels. */
START_TEST(panels_in_chunks_change_nothing)
{
    static const size_t shapes[][3] = {{1, 64, 512},   {7, 80, 513},   {13, 1000, 515},
                                       {50, 15, 1030}, {96, 128, 511}, {48, 70, 1024},
                                       {3, 16, 1}};
    const enum product_form form = (enum product_form)_i;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const size_t m = shapes[i][0], n = shapes[i][1], k = shapes[i][2];
        struct array a = array_random(1, m * k, -1.0f, 1.0f);
        struct array b = array_random(2, n * k, -1.0f, 1.0f);
        struct array slabs = array_output(m * n), chunks = array_output(m * n);
        tiled_product(form, &a, &b, m, n, k, &slabs);
        cpu_panel_product(a.at.f, b.at.f, form == PRODUCT_FORWARD, m, n, k, chunks.at.f);
        ck_assert_msg(memcmp(slabs.at.f, chunks.at.f, m * n * sizeof(float)) == 0,
                      "form %d, %zu x %zu x %zu: chunks change the result", (int)form, m, n, k);
        for (size_t j = m * n; j < m * n + GUARD; j++)
            ck_assert_uint_eq(chunks.at.u[j], guard_word);
        struct array *all[] = {&a, &b, &slabs, &chunks};
        for (size_t j = 0; j < sizeof all / sizeof all[0]; j++)
            array_free(all[j]);
    }
}
END_TEST

/* Thin panels add their terms in another order, so they stay with the slabs. */
START_TEST(large_weights_go_by_panels)
{
    omp_set_num_threads(2);
    ck_assert(cpu_panel_product_takes(1024, 1024));
    ck_assert(cpu_panel_product_takes(1000, 1024));
    ck_assert(!cpu_panel_product_takes(256, 256));
    ck_assert(!cpu_panel_product_takes(1026, 1024));
    omp_set_num_threads(3); /* 4 panels: one thread would do two */
    ck_assert(cpu_vectors() != CPU_VECTORS_512 || !cpu_panel_product_takes(256, 1024));
}
END_TEST

/* ---- widths ---- */

/* Products have the same bits with vectors of 256 and 512 bits. */
START_TEST(widths_change_nothing)
{
    static const size_t shapes[][3] = {{50, 50, 784}, {93, 107, 300}, {130, 49, 65}, {7, 3, 100}};
    const enum product_form form = (enum product_form)_i;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const size_t m = shapes[i][0], n = shapes[i][1], k = shapes[i][2];
        struct array a = array_random(1, m * k, -1.0f, 1.0f);
        struct array b = array_random(2, n * k, -1.0f, 1.0f);
        struct array wide = array_output(m * n), half = array_output(m * n);
        choose_512();
        if (cpu_vectors() == CPU_VECTORS_512) {
            tiled_product(form, &a, &b, m, n, k, &wide);
            choose_256();
            tiled_product(form, &a, &b, m, n, k, &half);
            ck_assert_msg(memcmp(wide.at.f, half.at.f, m * n * sizeof(float)) == 0,
                          "form %d, %zu x %zu x %zu: the width changes the result", (int)form, m, n,
                          k);
        }
        struct array *all[] = {&a, &b, &wide, &half};
        for (size_t j = 0; j < sizeof all / sizeof all[0]; j++)
            array_free(all[j]);
    }
}
END_TEST

static void add_width(Suite *suite, const char *name, SFun setup)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_loop_test(tests, tiles_as_the_reference, 0, 3);
    tcase_add_loop_test(tests, tiles_of_every_shape, 0, 3);
    tcase_add_loop_test(tests, threads_change_nothing, 0, 3);
    tcase_add_loop_test(tests, panels_in_chunks_change_nothing, (int)PRODUCT_FORWARD,
                        (int)PRODUCT_FORWARD + 1);
    tcase_add_loop_test(tests, panels_in_chunks_change_nothing, (int)PRODUCT_DELTA,
                        (int)PRODUCT_DELTA + 1);
    suite_add_tcase(suite, tests);
}

int main(void)
{
    Suite *suite = suite_create("cpu_tiles");
    TCase *tests = tcase_create("widths");
    tcase_add_loop_test(tests, widths_change_nothing, 0, 3);
    tcase_add_test(tests, large_weights_go_by_panels);
    suite_add_tcase(suite, tests);
    add_width(suite, "128", choose_128);
    add_width(suite, "256", choose_256);
    add_width(suite, "512", choose_512);
    return suite_main(suite);
}
