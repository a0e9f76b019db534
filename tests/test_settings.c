/* Tests which CLBlast setting a device gets, the workspace of its products, and data that need more
 * than one launch. The device is the one that `opencl` means, with limits and types that the test
 * sets. */
#include <stdio.h>

#include "base/memory.h"
#include "opencl/opencl_device.h"
#include "opencl/opencl_workspace.h"
#include "opencl/products.h"

#include "devices.h" /* after them: its `device` would shadow their parameters */

static struct opencl_device changed;

/* The device as it is, told to be of a type with these limits, chooses its setting anew. */
static enum weft_status choose(cl_device_type type, size_t max_group, size_t max_local)
{
    changed = *opencl_from(device);
    changed.type = type;
    changed.max_group = max_group;
    changed.max_local = max_local;
    return products_init(&changed, NULL);
}

static const struct {
    cl_device_type type;
    size_t max_group, max_local;
    const char *name;
} rows[] = {{CL_DEVICE_TYPE_CPU, 4096, 1 << 20, "cpu"},
            {CL_DEVICE_TYPE_CPU, 256, 8192, "cpu"},
            {CL_DEVICE_TYPE_CPU, 255, 8192, "portable-64"},
            {CL_DEVICE_TYPE_CPU, 256, 8191, "portable-64"},
            {CL_DEVICE_TYPE_CPU, 64, 4096, "portable-64"},
            {CL_DEVICE_TYPE_CPU, 63, 1 << 20, "portable-16"},
            {CL_DEVICE_TYPE_ACCELERATOR, 4096, 1 << 20, "portable-64"},
            {CL_DEVICE_TYPE_GPU, 15, 4096, "portable-4"},
            {CL_DEVICE_TYPE_GPU, 4, 4096, "portable-4"},
            {CL_DEVICE_TYPE_GPU, 3, 4096, "portable-1"},
            {CL_DEVICE_TYPE_GPU, 1, 4096, "portable-1"}};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

/* _i is the row: a process of its own, for one remembers the last setting that a device took. */
START_TEST(the_first_that_fits)
{
    ck_ok(choose(rows[_i].type, rows[_i].max_group, rows[_i].max_local));
    ck_assert_str_eq(products_setting_name(&changed), rows[_i].name);
}
END_TEST

/* Weft's own kernels stand in, and the device says so. */
START_TEST(none_that_fits)
{
    ck_ok(choose(CL_DEVICE_TYPE_GPU, 1, 4095));
    ck_assert_str_eq(products_setting_name(&changed), "own");
    ck_assert_ptr_nonnull(strstr(changed.base.info.note, "no setting of CLBlast's kernels fits"));
    ck_assert_ptr_nonnull(strstr(changed.base.info.note, "work-groups of 1, 4095 bytes"));
    const enum product_engine engine =
        products_engine(&changed, WEFT_GEMM_CLBLAST, PRODUCT_FORWARD, 7, 3, 5);
    ck_assert_int_eq(engine, ENGINE_PLAIN);
    bool found = true;
    ck_ok(products_next_setting(&changed, &found));
    ck_assert(!found);
}
END_TEST

/* CLBlast has no way back: what a device got is where a later choice for it begins. */
START_TEST(a_setting_is_kept)
{
    ck_ok(choose(CL_DEVICE_TYPE_GPU, 15, 4096));
    ck_ok(choose(CL_DEVICE_TYPE_CPU, 4096, 1 << 20));
    ck_assert_str_eq(products_setting_name(&changed), "portable-4");
}
END_TEST

START_TEST(own_products_at_once)
{
    changed = *opencl_from(device);
    ck_ok(products_init(&changed, "own"));
    ck_assert_str_eq(products_setting_name(&changed), "own");
    ck_assert_int_eq(products_engine(&changed, WEFT_GEMM_CLBLAST, PRODUCT_FORWARD, 7, 3, 5),
                     ENGINE_PLAIN);
}
END_TEST

/* The algorithms for a product: Weft's own kernels that take it, then CLBlast under the settings
 * that may be the fastest. */
static const struct {
    const char *form;
    size_t m, n, k, count;
    const char *algorithms[6];
} tunable[] = {
    {"weight_gradient",
     10,
     50,
     2400,
     6,
     {"plain ", "blocked ", "tiled ", "clblast cpu", "clblast portable-64", "clblast portable-16"}},
    {"delta",
     2400,
     15,
     10,
     5,
     {"plain ", "tiled ", "clblast cpu", "clblast portable-64", "clblast portable-16"}},
    {"sideways", 1, 1, 1, 0, {NULL}}};

START_TEST(three_settings_are_worth_tuning)
{
    struct record_product product = {.m = tunable[_i].m, .n = tunable[_i].n, .k = tunable[_i].k};
    const char *setting = NULL;
    char algorithm[80];
    size_t count = 0;
    snprintf(product.form, sizeof product.form, "%s", tunable[_i].form);
    for (; backend->product_algorithm(device, count, &product, &setting); count++) {
        ck_assert_uint_lt(count, tunable[_i].count);
        snprintf(algorithm, sizeof algorithm, "%s %s", product.engine, setting);
        ck_assert_str_eq(algorithm, tunable[_i].algorithms[count]);
    }
    ck_assert_uint_eq(count, tunable[_i].count);
}
END_TEST

/* Elements that one product needs beside its operands. */
static size_t room(enum product_form form, size_t m, size_t n, size_t k)
{
    struct opencl_device *opencl = opencl_from(device);
    const enum product_engine engine = products_engine(opencl, WEFT_GEMM_CLBLAST, form, m, n, k);
    size_t count = 0;
    ck_ok(products_workspace_size(opencl, engine, form, m, n, k, &count));
    return count;
}

/* Elements that a workspace has for its products. */
static size_t room_of(const struct network *network, size_t batch, bool training)
{
    const struct workspace_plan plan = {.network = network,
                                        .batch = batch,
                                        .slots = 1,
                                        .training = training,
                                        .products = WEFT_GEMM_CLBLAST};
    struct workspace *workspace;
    size_t bytes = 0;
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_assert_int_eq(clGetMemObjectInfo(workspace->product_workspace.buffer, CL_MEM_SIZE,
                                        sizeof bytes, &bytes, NULL),
                     CL_SUCCESS);
    backend->workspace_destroy(workspace);
    return bytes / sizeof(float);
}

/* The largest of what a network's products need: each form in turn, where it is a layer's own (the
 * first has no delta below it). Widths and batches differ by much, so that none stands for another.
 */
START_TEST(room_for_every_product)
{
    static const struct {
        size_t widths[3], batch;
    } shapes[] = {{{1500, 20, 3}, 150}, {{20, 1500, 3}, 150}, {{3, 20, 1500}, 150},
                  {{3, 1500, 20}, 150}, {{900, 900, 2}, 3},   {{2, 900, 900}, 3}};
    const size_t *w = shapes[_i].widths, b = shapes[_i].batch;
    struct network network;
    ck_ok(network_init(&network, w, 2, WEFT_HEAD_SOFTMAX, true));
    size_t most = 1;
    for (size_t l = 0; l < 2; l++)
        most = size_max(most, room(PRODUCT_FORWARD, b, w[l + 1], w[l]));
    ck_assert_uint_eq(room_of(&network, b, false), most);
    for (size_t l = 0; l < 2; l++)
        most = size_max(most, room(PRODUCT_WEIGHT_GRADIENT, w[l + 1], w[l], b));
    most = size_max(most, room(PRODUCT_DELTA, b, w[1], w[2]));
    ck_assert_uint_eq(room_of(&network, b, true), most);
    network_reset(&network);
}
END_TEST

/* A launch standardizes 2^20 rows. */
START_TEST(data_of_more_than_a_launch)
{
    enum { ROWS = (1 << 20) + 3 };
    float mean = 3.0f, std = 2.0f, last[4];
    const struct scale scale = {.features = 1, .mean = &mean, .std = &std};
    const size_t widths[] = {1, 1};
    struct network network;
    struct device_data *data;
    struct workspace *workspace;
    float *x = malloc(ROWS * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < ROWS; i++)
        x[i] = (float)(i % 16);
    const struct data_source source = {.samples = ROWS, .features = 1, .x = x, .scale = &scale};
    ck_ok(network_init(&network, widths, 1, WEFT_HEAD_IDENTITY, false));
    const struct workspace_plan plan = {.network = &network, .batch = 4, .slots = 1};
    ck_ok(backend->data_create(device, &source, &data));
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    for (size_t first = (1 << 20) - 1; first + 4 <= ROWS; first++) {
        ck_ok(backend->batch_gather(workspace, data, first, 4, NULL));
        ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, last));
        for (size_t i = 0; i < 4; i++)
            ck_assert_double_eq((double)last[i], ((double)((first + i) % 16) - 3.0) / 2.0);
    }
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    network_reset(&network);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tests = tcase_create("opencl");
    tcase_add_checked_fixture(tests, device_open_opencl, device_close);
    tcase_add_loop_test(tests, the_first_that_fits, 0, ROW_COUNT);
    tcase_add_test(tests, none_that_fits);
    tcase_add_test(tests, a_setting_is_kept);
    tcase_add_test(tests, own_products_at_once);
    tcase_add_loop_test(tests, three_settings_are_worth_tuning, 0, 3);
    tcase_add_loop_test(tests, room_for_every_product, 0, 6);
    tcase_add_test(tests, data_of_more_than_a_launch);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
