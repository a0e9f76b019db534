/* Tests weight gradients that CLBlast computes in slices of the batch: when tuning tries slices,
 * which products get them, and how they are divided. test_products.c tests that they are correct,
 * along with all other engines. */
#include <stdio.h>

#include "opencl/products.h" /* first: its parameters are named `device` too */

#include "devices.h"

/* Puts an engine in force for a form. */
static void rule_add(enum product_form form, enum product_engine engine)
{
    struct product_rules *rules = &opencl_from(device)->rules;
    rules->rules[rules->count++] = (struct product_rule){form, 0, 0, 0, engine};
}

/* Of a product 3 x 5 x 7, as the rules have it. */
static enum product_engine engine_of(enum product_form form)
{
    return products_engine(opencl_from(device), WEFT_GEMM_AUTO, form, 3, 5, 7);
}

/* Whether tuning tries `engine` for this product, and that it does so under each of three settings.
 */
static bool is_tried(const char *form, size_t m, size_t n, size_t k, const char *engine)
{
    const char *setting = NULL;
    char settings[3][48];
    size_t count = 0;
    for (size_t way = 0;; way++) {
        struct record_product product = {.m = m, .n = n, .k = k};
        snprintf(product.form, sizeof product.form, "%s", form);
        if (!backend->product_way(device, way, &product, &setting))
            break;
        if (strcmp(product.engine, engine) != 0)
            continue;
        ck_assert_uint_lt(count, 3);
        snprintf(settings[count++], sizeof *settings, "%s", setting);
    }
    ck_assert(count == 0 || count == 3);
    ck_assert(count == 0 ||
              (strcmp(settings[0], "cpu") == 0 && strcmp(settings[1], "portable-64") == 0 &&
               strcmp(settings[2], "portable-16") == 0));
    return count > 0;
}

/* For weight gradients of many samples: 64 to a slice, and 4 sqrt(M N) in all. */
START_TEST(slices_are_tried_where_they_may_pay)
{
    ck_assert(is_tried("weight_gradient", 10, 50, 2400, "clblast-4"));
    ck_assert(is_tried("weight_gradient", 10, 50, 2400, "clblast-16"));
    ck_assert(is_tried("weight_gradient", 50, 784, 2400, "clblast-16"));
    ck_assert(is_tried("weight_gradient", 10, 50, 256, "clblast-4"));
    ck_assert(!is_tried("weight_gradient", 10, 50, 255, "clblast-4"));
    ck_assert(!is_tried("weight_gradient", 10, 50, 1023, "clblast-16"));
    ck_assert(is_tried("weight_gradient", 256, 256, 1024, "clblast-4"));
    ck_assert(!is_tried("weight_gradient", 256, 257, 1024, "clblast-4"));
    ck_assert(!is_tried("forward", 10, 50, 2400, "clblast-4"));
    ck_assert(!is_tried("delta", 2400, 50, 10, "clblast-4"));
    ck_assert(is_tried("delta", 2400, 50, 10, "clblast"));
}
END_TEST

/* Their workspace is for the slices and the rest; `clblast` goes without. */
START_TEST(slices_are_for_gradients)
{
    struct opencl_device *opencl = opencl_from(device);
    size_t room = 0;
    rule_add(PRODUCT_WEIGHT_GRADIENT, ENGINE_SPLIT_16);
    rule_add(PRODUCT_DELTA, ENGINE_SPLIT_16);
    ck_assert_int_eq(engine_of(PRODUCT_WEIGHT_GRADIENT), ENGINE_SPLIT_16);
    ck_assert_int_eq(engine_of(PRODUCT_DELTA), ENGINE_PLAIN);
    ck_ok(
        products_workspace_size(opencl, ENGINE_SPLIT_16, PRODUCT_WEIGHT_GRADIENT, 3, 5, 7, &room));
    ck_assert_uint_eq(room, 17 * 3 * 5);
    ck_assert_int_eq(products_engine(opencl, WEFT_GEMM_CLBLAST, PRODUCT_WEIGHT_GRADIENT, 3, 5, 7),
                     ENGINE_CLBLAST);
    opencl->clblast = false;
    ck_assert_int_eq(engine_of(PRODUCT_WEIGHT_GRADIENT), ENGINE_PLAIN);
}
END_TEST

/* ---- how they are cut ---- */

enum { CUT_M = 3, CUT_N = 2, CUT_C = CUT_M * CUT_N, CUT_SLICES = 4, ROOM = 128 };

/* `ones` of them from `offset` on, then `rest`; before them what must not be read. */
static cl_mem ones_from(size_t offset, size_t ones, float rest)
{
    float values[ROOM];
    cl_mem buffer;
    for (size_t i = 0; i < ROOM; i++)
        values[i] = i < offset ? 100.0f : i < offset + ones ? 1.0f : rest;
    ck_ok(buffer_create(opencl_from(device), ROOM, "ones", &buffer));
    ck_ok(buffer_upload(opencl_from(device), buffer, 0, values, ROOM));
    return buffer;
}

static cl_mem nothing_yet(void)
{
    float values[ROOM];
    cl_mem buffer;
    for (size_t i = 0; i < ROOM; i++)
        values[i] = NAN;
    ck_ok(buffer_create(opencl_from(device), ROOM, "results", &buffer));
    ck_ok(buffer_upload(opencl_from(device), buffer, 0, values, ROOM));
    return buffer;
}

/* All elements of C [M][N] at `first` are `want`; a `want` of 0: nothing has been written. */
static void assert_sums(cl_mem buffer, size_t first, size_t want)
{
    float values[CUT_C];
    ck_ok(buffer_download(opencl_from(device), buffer, first, values, CUT_C));
    for (size_t i = 0; i < CUT_C; i++)
        if (want == 0)
            ck_assert(isnan(values[i]));
        else
            ck_assert_double_eq((double)values[i], (double)want);
}

/* Products of ones: an element of a slice is its number of samples, of what is left over six times
 * that. As many as there are in four slices of one depth; from within an operand that depth is odd,
 * for the sake of CLBlast. */
static const struct cut {
    size_t k, a_offset, b_offset, depth, rest;
} cuts[] = {{24, 0, 0, 6, 0}, {27, 0, 0, 6, 3}, {24, 1, 0, 5, 4}, {24, 0, 1, 5, 4},
            {24, 2, 3, 5, 4}, {28, 0, 0, 7, 0}, {28, 1, 0, 7, 0}, {31, 0, 2, 7, 3},
            {3, 0, 0, 0, 0},  {3, 1, 1, 0, 0},  {4, 1, 0, 1, 0},  {8, 0, 1, 1, 4}};

START_TEST(slices_are_as_deep_as_they_may)
{
    const struct cut *cut = &cuts[_i];
    struct opencl_device *opencl = opencl_from(device);
    const size_t cut_k = CUT_SLICES * cut->depth, left = cut->k - cut_k;
    cl_mem a = ones_from(cut->a_offset, cut_k * CUT_M, 2.0f);
    cl_mem b = ones_from(cut->b_offset, cut_k * CUT_N, 3.0f);
    cl_mem c = nothing_yet(), workspace = nothing_yet();
    const struct product product = {.form = PRODUCT_WEIGHT_GRADIENT,
                                    .engine = ENGINE_SPLIT_4,
                                    .m = CUT_M,
                                    .n = CUT_N,
                                    .k = cut->k,
                                    .a = a,
                                    .b = b,
                                    .c = c,
                                    .a_offset = cut->a_offset,
                                    .b_offset = cut->b_offset,
                                    .c_offset = 5};
    ck_ok(products_run(opencl, &product, (struct product_room){workspace, ROOM}));
    assert_sums(c, 5, cut_k + 6 * left);
    for (size_t s = 0; s < CUT_SLICES; s++)
        assert_sums(workspace, s * CUT_C, cut->depth);
    assert_sums(workspace, CUT_SLICES * CUT_C, 6 * cut->rest);
    assert_sums(workspace, (CUT_SLICES + 1) * CUT_C, 0);
    buffer_release(opencl, &workspace);
    buffer_release(opencl, &c);
    buffer_release(opencl, &b);
    buffer_release(opencl, &a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("product_slices");
    TCase *slices = tcase_create("slices");
    tcase_add_checked_fixture(slices, device_open_opencl, device_close);
    tcase_add_test(slices, slices_are_tried_where_they_may_pay);
    tcase_add_test(slices, slices_are_for_gradients);
    tcase_add_loop_test(slices, slices_are_as_deep_as_they_may, 0, sizeof cuts / sizeof *cuts);
    suite_add_tcase(suite, slices);
    return suite_main(suite);
}
