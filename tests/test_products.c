/* Tests the matrix products of layers on both devices. They must be correct at any size, from any
 * offset, with every CLBlast setting and with Weft's own kernels. It also tests whether the checks
 * would notice a wrong product. */
#include <stdio.h>

#include "opencl/products.h" /* first: its parameters are named `device` too */

#include "check/check.h"
#include "faulty_device.h"

static const size_t sizes[] = {1, 7, 64, 93, 1000};
enum { SIZES = sizeof sizes / sizeof *sizes, COMBINATIONS = SIZES * SIZES * SIZES };

/* The article's layers in a training batch of 60000 / 25 samples, and in a block of a pass. */
static const struct product_shape article[] = {
    {PRODUCT_FORWARD, 2400, 50, 784, 0, WEFT_GEMM_AUTO, 0},
    {PRODUCT_FORWARD, 2400, 10, 50, 0, WEFT_GEMM_AUTO, 0},
    {PRODUCT_WEIGHT_GRADIENT, 50, 784, 2400, 0, WEFT_GEMM_AUTO, 0},
    {PRODUCT_WEIGHT_GRADIENT, 10, 50, 2400, 0, WEFT_GEMM_AUTO, 0},
    {PRODUCT_DELTA, 2400, 50, 10, 0, WEFT_GEMM_AUTO, 0},
    {PRODUCT_FORWARD, 1024, 50, 784, 0, WEFT_GEMM_AUTO, 0},
    {PRODUCT_FORWARD, 1024, 10, 50, 0, WEFT_GEMM_AUTO, 0},
};
enum { ARTICLE = sizeof article / sizeof *article };

static void assert_right(const struct check_result *result, const char *setting)
{
    ck_assert_msg(result->ok,
                  "%s %s %s: %s, element %zu: got %.9g, need %.9g within %.3g: worst %.3g times "
                  "its bound",
                  setting, result->name, result->shape, result->array, result->index, result->got,
                  result->want, result->bound, result->worst);
}

/* From the start of the arrays and from within. Reals cost m n k in double on the host, so only the
 * smaller shapes get them. */
static void check_both(const struct product_shape *shape, uint64_t seed, const char *setting)
{
    struct check_result result;
    for (size_t offset = 0; offset <= 3; offset += 3) {
        struct product_shape at = *shape;
        at.offset = offset;
        ck_ok(check_product_exact(device, &at, seed, &result));
        assert_right(&result, setting);
        if (shape->m * shape->n * shape->k > 10000000)
            continue;
        ck_ok(check_product(device, &at, seed, &result));
        assert_right(&result, setting);
    }
}

/* _i is the form; the engines are two, whatever `auto` is. */
START_TEST(right_at_every_size)
{
    for (size_t i = 0; i < COMBINATIONS; i++) {
        struct product_shape shape = {.form = (enum product_form)(_i % PRODUCT_FORMS),
                                      .m = sizes[i % SIZES],
                                      .n = sizes[i / SIZES % SIZES],
                                      .k = sizes[i / SIZES / SIZES],
                                      .products =
                                          _i < PRODUCT_FORMS ? WEFT_GEMM_CLBLAST : WEFT_GEMM_OWN};
        check_both(&shape, i, _i < PRODUCT_FORMS ? "clblast" : "own");
    }
}
END_TEST

START_TEST(right_for_the_article)
{
    for (size_t i = 0; i < ARTICLE; i++) {
        struct product_shape shape = article[i];
        shape.products = _i == 0 ? WEFT_GEMM_CLBLAST : WEFT_GEMM_OWN;
        check_both(&shape, i, _i == 0 ? "clblast" : "own");
    }
}
END_TEST

/* Puts an engine in force for a form. */
static void rule_add(enum product_form form, enum product_engine engine)
{
    struct product_rules *rules = &opencl_from(device)->rules;
    rules->rules[rules->count++] = (struct product_rule){form, 0, 0, 0, engine};
}

static enum product_engine engine_of(const struct product_shape *shape)
{
    return products_engine(opencl_from(device), WEFT_GEMM_AUTO, shape->form, shape->m, shape->n,
                           shape->k);
}

/* Every engine of the OpenCL device, at the shapes that it takes, by rules; _i is the engine. */
START_TEST(every_engine_is_right)
{
    size_t taken = 0;
    for (int form = 0; form < 3; form++)
        rule_add((enum product_form)form, (enum product_engine)_i);
    const char *name = product_engine_name((enum product_engine)_i);
    for (size_t i = 0; i < 3 * COMBINATIONS; i += 2) {
        const struct product_shape shape = {.form = (enum product_form)(i % 3),
                                            .m = sizes[i / 3 % SIZES],
                                            .n = sizes[i / 3 / SIZES % SIZES],
                                            .k = sizes[i / 3 / SIZES / SIZES]};
        if ((int)engine_of(&shape) != _i)
            continue;
        check_both(&shape, i, name);
        taken++;
    }
    for (size_t i = 0; i < ARTICLE; i++)
        check_both(&article[i], i, name);
    ck_assert_uint_ge(taken, COMBINATIONS / 3);
    ck_assert_int_eq(engine_of(&article[2]), _i); /* a weight gradient */
}
END_TEST

/* The same on a grid that is launched in parts, of two work-groups and of one in the last. */
START_TEST(every_engine_is_right_in_parts)
{
    static const size_t heights[] = {1, 33, 93, 130};
    opencl_from(device)->most_groups = 2;
    for (int form = 0; form < 3; form++)
        rule_add((enum product_form)form, (enum product_engine)_i);
    for (size_t i = 0; i < 3 * sizeof heights / sizeof *heights; i++) {
        const struct product_shape shape = {
            .form = (enum product_form)(i % 3), .m = heights[i / 3], .n = 19, .k = 300};
        check_both(&shape, i, product_engine_name((enum product_engine)_i));
    }
    const struct product_shape tall = {.form = PRODUCT_WEIGHT_GRADIENT, .m = 800, .n = 16, .k = 5};
    check_both(&tall, 1, product_engine_name((enum product_engine)_i));
}
END_TEST

/* A CPU that is the default device, too, is a CPU: its products are those of CPUs. */
START_TEST(a_default_device_may_be_a_cpu)
{
    struct opencl_device *opencl = opencl_from(device);
    const cl_device_type type = opencl->type;
    opencl->type = CL_DEVICE_TYPE_CPU | CL_DEVICE_TYPE_DEFAULT;
    ck_assert_int_eq(products_engine(opencl, WEFT_GEMM_AUTO, PRODUCT_FORWARD, 2400, 50, 784),
                     ENGINE_BLOCKED);
    opencl->type = CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_DEFAULT;
    ck_assert_int_eq(products_engine(opencl, WEFT_GEMM_AUTO, PRODUCT_FORWARD, 2400, 50, 784),
                     ENGINE_CLBLAST);
    opencl->type = type;
}
END_TEST

/* The first rule that fits counts, under `auto` alone; an engine that does not take a shape leaves
 * it to the plain one. */
START_TEST(rules_are_looked_up)
{
    struct opencl_device *opencl = opencl_from(device);
    opencl->rules = (struct product_rules){.count = 2,
                                           .rules = {{PRODUCT_FORWARD, 0, 50, 784, ENGINE_TILED},
                                                     {PRODUCT_FORWARD, 0, 0, 0, ENGINE_BLOCKED}},
                                           .step = STEP_BY_OPERATION};
#define ENGINE(wanted, form, m, n, k) (int)products_engine(opencl, wanted, form, m, n, k)
    ck_assert_int_eq(ENGINE(WEFT_GEMM_AUTO, PRODUCT_FORWARD, 7, 50, 784), ENGINE_TILED);
    ck_assert_int_eq(ENGINE(WEFT_GEMM_AUTO, PRODUCT_FORWARD, 7, 51, 784), ENGINE_BLOCKED);
    ck_assert_int_eq(ENGINE(WEFT_GEMM_AUTO, PRODUCT_FORWARD, 7, 51, 15), ENGINE_PLAIN);
    ck_assert_int_eq(ENGINE(WEFT_GEMM_CLBLAST, PRODUCT_FORWARD, 7, 50, 784), ENGINE_CLBLAST);
    struct network network;
    ck_ok(network_init(&network, (const size_t[]){784, 50, 10}, 2, WEFT_HEAD_SIGMOID, false));
    ck_assert_ptr_eq(device_step_plan(WEFT_GEMM_AUTO, &network, 2400), &step_by_operation);
    opencl->rules.step = STEP_FUSED;
    ck_assert_ptr_eq(device_step_plan(WEFT_GEMM_AUTO, &network, 2400), &step_fused);
    ck_assert_ptr_eq(device_step_plan(WEFT_GEMM_CLBLAST, &network, 2400), &step_by_operation);
    network_reset(&network);
    for (int e = 0; e < ENGINE_COUNT; e++) {
        enum product_engine engine = ENGINE_COUNT;
        ck_assert(product_engine_from_name(product_engine_name((enum product_engine)e), &engine));
        ck_assert_int_eq(engine, e);
    }
    enum product_engine engine;
    ck_assert(!product_engine_from_name("cublas", &engine));
}
END_TEST

/* ---- offsets: layers and batches that do not begin where their buffers do ---- */

enum { SAMPLES = 61, FEATURES = 7, OUTPUTS = 3 };

/* A small integer, so that every sum of the test is exact in float32. */
static int64_t integer(uint32_t stream, size_t i)
{
    static const int64_t prime[] = {31, 47};
    return (int64_t)((i * (size_t)prime[stream] + stream + 1) % 11) - 5;
}

/* z [count][O] = x W' of the samples from `first` on, in integers. */
static void assert_forward(const float *z, size_t first, size_t count)
{
    for (size_t r = 0; r < count; r++)
        for (size_t o = 0; o < OUTPUTS; o++) {
            int64_t sum = 0;
            for (size_t i = 0; i < FEATURES; i++)
                sum += integer(0, (first + r) * FEATURES + i) * integer(1, o * FEATURES + i);
            ck_assert_msg((int64_t)z[r * OUTPUTS + o] == sum,
                          "batch of %zu from %zu: z[%zu][%zu]: got %.9g, need %lld", count, first,
                          r, o, (double)z[r * OUTPUTS + o], (long long)sum);
        }
}

/* dw [O][I] = (z - y)' x, in integers. */
static void assert_gradient(const float *dw, const float *z, size_t first, size_t count)
{
    for (size_t o = 0; o < OUTPUTS; o++)
        for (size_t i = 0; i < FEATURES; i++) {
            int64_t sum = 0;
            for (size_t r = 0; r < count; r++)
                sum += ((int64_t)z[r * OUTPUTS + o] - ((first + r) % OUTPUTS == o)) *
                       integer(0, (first + r) * FEATURES + i);
            ck_assert_msg((int64_t)dw[o * FEATURES + i] == sum,
                          "batch of %zu from %zu: dw[%zu][%zu]: got %.9g, need %lld", count, first,
                          o, i, (double)dw[o * FEATURES + i], (long long)sum);
        }
}

/* One linear layer, squared error: z = x W', dz = z - y, dw = dz' x. In file order a batch is a
 * view into the samples, so the products read from where it begins. */
static void check_batch(struct workspace *workspace, const struct device_data *data, size_t first,
                        size_t count)
{
    float z[SAMPLES * OUTPUTS], dw[OUTPUTS * FEATURES];
    ck_ok(backend->batch_gather(workspace, data, first, count, NULL));
    ck_ok(backend->dense_forward(workspace, 0));
    ck_ok(backend->output_delta(workspace, &(struct loss_rule){.delta_factor = 1.0f}, 0));
    ck_ok(backend->dense_backward(workspace, 0));
    ck_ok(backend->tensor_download(workspace, TENSOR_ACTIVATION, 0, z));
    ck_ok(backend->tensor_download(workspace, TENSOR_WEIGHT_GRADIENT, 0, dw));
    assert_forward(z, first, count);
    assert_gradient(dw, z, first, count);
}

START_TEST(right_from_any_offset)
{
    static const size_t batches[][2] = {{0, 61}, {0, 1},   {1, 1},  {60, 1},
                                        {3, 7},  {13, 48}, {31, 30}};
    static const size_t widths[] = {FEATURES, OUTPUTS};
    float x[SAMPLES * FEATURES], w[OUTPUTS * FEATURES];
    int32_t labels[SAMPLES];
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        x[i] = (float)integer(0, i);
    for (size_t i = 0; i < OUTPUTS * FEATURES; i++)
        w[i] = (float)integer(1, i);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)(i % OUTPUTS);

    struct network network;
    struct workspace *workspace;
    struct device_data *data;
    ck_ok(network_init(&network, widths, 1, WEFT_HEAD_IDENTITY, false));
    const struct workspace_plan plan = {.network = &network,
                                        .batch = SAMPLES,
                                        .slots = 1,
                                        .training = true,
                                        .products = _i == 0 ? WEFT_GEMM_CLBLAST : WEFT_GEMM_OWN};
    const struct data_source source = {
        .samples = SAMPLES, .features = FEATURES, .x = x, .labels = labels};
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_ok(backend->data_create(device, &source, &data));
    ck_ok(backend->parameters_upload(workspace, w));
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++)
        check_batch(workspace, data, batches[i][0], batches[i][1]);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    network_reset(&network);
}
END_TEST

/* ---- the checks can fail ---- */

/* Where the faults strike, in C [M][N] of this shape. */
static const struct product_shape struck = {PRODUCT_FORWARD, 64, 50, 784, 0, WEFT_GEMM_AUTO, 0};
static size_t fault_places[2];

static enum weft_status run_and_corrupt(struct weft_device *faulty,
                                        const struct primitive_call *call)
{
    ck_ok(backend->primitive_run(faulty, call));
    if (call->primitive == PRIMITIVE_PRODUCT)
        ((float *)call->arrays[2].values)[fault_places[0]] += 1.0f;
    return WEFT_OK;
}

static enum weft_status run_and_swap(struct weft_device *faulty, const struct primitive_call *call)
{
    float *c = call->arrays[2].values;
    ck_ok(backend->primitive_run(faulty, call));
    const float first = c[fault_places[0]];
    ck_assert_msg(first != c[fault_places[1]], "equal elements: swapping them is no fault");
    c[fault_places[0]] = c[fault_places[1]];
    c[fault_places[1]] = first;
    return WEFT_OK;
}

/* 11 significant bits, as matrix units have that take float32 for TF32. */
static void round_to_11_bits(float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int exponent = 0;
        const float mantissa = frexpf(values[i], &exponent);
        values[i] = ldexpf(rintf(ldexpf(mantissa, 11)), exponent - 11);
    }
}

static enum weft_status run_with_11_bits(struct weft_device *faulty,
                                         const struct primitive_call *call)
{
    struct primitive_call rounded = *call;
    for (size_t i = 0; i < 2; i++) {
        const size_t bytes = call->arrays[i].length * sizeof(float);
        rounded.arrays[i].values = malloc(bytes);
        ck_assert_ptr_nonnull(rounded.arrays[i].values);
        memcpy(rounded.arrays[i].values, call->arrays[i].values, bytes);
        round_to_11_bits(rounded.arrays[i].values, call->arrays[i].length);
    }
    ck_ok(backend->primitive_run(faulty, &rounded));
    free(rounded.arrays[0].values);
    free(rounded.arrays[1].values);
    return WEFT_OK;
}

static void assert_exact_notices(faulty_run *run, const struct product_shape *shape,
                                 const char *what)
{
    struct check_result result;
    ck_ok(check_product_exact(device_spoil(run), shape, 1, &result));
    ck_assert_msg(!result.ok, "%s %s: %s: not noticed", result.name, result.shape, what);
    ck_assert(result.got != result.want);
}

START_TEST(a_wrong_element_is_found)
{
    for (fault_places[0] = 0; fault_places[0] < struck.m * struck.n; fault_places[0] += 499) {
        struct check_result result;
        assert_exact_notices(run_and_corrupt, &struck, "an element off by one");
        ck_ok(check_product(device_spoil(run_and_corrupt), &struck, 1, &result));
        ck_assert(!result.ok && result.index == fault_places[0]);
    }
}
END_TEST

START_TEST(swapped_elements_are_found)
{
    static const size_t places[][2] = {{0, 1},          {3, 47},    {0, 50},
                                       {7, 63 * 50},    {120, 121}, {63 * 50, 63 * 50 + 49},
                                       {51, 2 * 50 + 2}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        memcpy(fault_places, places[i], sizeof fault_places);
        assert_exact_notices(run_and_swap, &struck, "two elements swapped");
    }
}
END_TEST

/* At the longest sums that training makes too: k is the batch in the gradient of weights. */
START_TEST(dropped_bits_are_found)
{
    static const struct product_shape shapes[] = {
        {PRODUCT_FORWARD, 64, 50, 784, 0, WEFT_GEMM_AUTO, 0},
        {PRODUCT_WEIGHT_GRADIENT, 50, 784, 2400, 0, WEFT_GEMM_AUTO, 0},
        {PRODUCT_DELTA, 64, 50, 10, 0, WEFT_GEMM_AUTO, 0},
        {PRODUCT_WEIGHT_GRADIENT, 10, 50, 60000, 0, WEFT_GEMM_AUTO, 0}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        assert_exact_notices(run_with_11_bits, &shapes[i], "operands of 11 bits");
}
END_TEST

/* ---- CLBlast's settings ---- */

/* All settings that the device may be given, each at odd sizes and at one of the article, one
 * setting after the other; last in their place Weft's own kernels. */
START_TEST(every_setting_is_right)
{
    static const struct product_shape shapes[] = {
        {PRODUCT_FORWARD, 1, 1, 1, 0, WEFT_GEMM_CLBLAST, 0},
        {PRODUCT_FORWARD, 93, 10, 50, 0, WEFT_GEMM_CLBLAST, 0},
        {PRODUCT_FORWARD, 1024, 50, 784, 0, WEFT_GEMM_CLBLAST, 0},
        {PRODUCT_WEIGHT_GRADIENT, 7, 93, 64, 0, WEFT_GEMM_CLBLAST, 0},
        {PRODUCT_WEIGHT_GRADIENT, 50, 93, 1000, 0, WEFT_GEMM_CLBLAST, 0},
        {PRODUCT_DELTA, 1000, 50, 10, 0, WEFT_GEMM_CLBLAST, 0},
        {PRODUCT_DELTA, 93, 7, 1, 0, WEFT_GEMM_CLBLAST, 0}};
    struct opencl_device *opencl = opencl_from(device);
    size_t settings = 0;
    char names[256] = " ", marked[64];
    for (bool found = true; found;) {
        const char *name = products_setting_name(opencl);
        snprintf(marked, sizeof marked, " %s ", name);
        ck_assert_msg(strstr(names, marked) == NULL, "%s comes twice", name);
        ck_assert_uint_lt(strlen(names) + strlen(marked), sizeof names);
        strcat(names, marked);
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
            check_both(&shapes[i], settings, name);
        settings++;
        ck_ok(products_next_setting(opencl, &found));
    }
    ck_assert_msg(settings >= 2 && strstr(names, " portable-1 ") != NULL, "tried: %s", names);
    ck_assert_str_eq(products_setting_name(opencl), "own"); /* the last stays in force */
}
END_TEST

static void add_opencl_tests(TCase *tests)
{
    tcase_add_loop_test(tests, right_at_every_size, 0, 2 * PRODUCT_FORMS);
    tcase_add_loop_test(tests, right_for_the_article, 0, 2);
    tcase_add_loop_test(tests, right_from_any_offset, 0, 2);
}

/* The CPU backend has one engine, and faults are put into its results. */
static void add_cpu_tests(TCase *tests)
{
    tcase_add_loop_test(tests, right_at_every_size, 0, PRODUCT_FORMS);
    tcase_add_test(tests, right_for_the_article);
    tcase_add_test(tests, right_from_any_offset);
    tcase_add_test(tests, a_wrong_element_is_found);
    tcase_add_test(tests, swapped_elements_are_found);
    tcase_add_test(tests, dropped_bits_are_found);
}

int main(void)
{
    Suite *suite = suite_create("products");
    suite_add_cases(suite, add_opencl_tests, &(struct device_case){"opencl", device_open_opencl},
                    1);
    suite_add_cases(suite, add_cpu_tests, &(struct device_case){"cpu", device_open_cpu}, 1);
    TCase *settings = tcase_create("settings");
    tcase_add_checked_fixture(settings, device_open_opencl, device_close);
    tcase_set_timeout(settings, 600); /* PoCL 6 compiles CLBlast for 100 s, all settings together */
    tcase_add_test(settings, every_setting_is_right);
    tcase_add_loop_test(settings, every_engine_is_right, ENGINE_CLBLAST, ENGINE_COUNT);
    tcase_add_loop_test(settings, every_engine_is_right_in_parts, ENGINE_CLBLAST, ENGINE_COUNT);
    tcase_add_test(settings, a_default_device_may_be_a_cpu);
    tcase_add_test(settings, rules_are_looked_up);
    suite_add_tcase(suite, settings);
    return suite_main(suite);
}
