/* Weight gradients by CLBlast in slices of the batch: where tuning tries them, and who gets them.
 * That they are right: test_products.c, with all other engines. */
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
    return products_engine(opencl_from(device), WEFT_PRODUCTS_AUTO, form, 3, 5, 7);
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
    ck_assert_int_eq(
        products_engine(opencl, WEFT_PRODUCTS_CLBLAST, PRODUCT_WEIGHT_GRADIENT, 3, 5, 7),
        ENGINE_CLBLAST);
    opencl->clblast = false;
    ck_assert_int_eq(engine_of(PRODUCT_WEIGHT_GRADIENT), ENGINE_PLAIN);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("product_slices");
    TCase *slices = tcase_create("slices");
    tcase_add_checked_fixture(slices, device_open_opencl, device_close);
    tcase_add_test(slices, slices_are_tried_where_they_may_pay);
    tcase_add_test(slices, slices_are_for_gradients);
    suite_add_tcase(suite, slices);
    return suite_main(suite);
}
