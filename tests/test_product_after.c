/* Tests what products run in their own launches: bias, activation, dropout and slope give the bits
 * of separate launches, and so does everything else that a product writes. The gradient of a bias
 * is added in another order, within the same bound. The known-answer test finds mistakes in all of
 * it. */
#define _XOPEN_SOURCE 700
#include "opencl/products_own.h" /* first: its parameters are named `device` too */

#include "backend/primitive.h"
#include "base/random.h"
#include "check/error_analysis.h"
#include "devices.h"
#include "mistaken_kernel.h"
#include "opencl/launch.h"
#include "opencl/products.h"
#include "options/activation_traits.h"

static enum product_engine engine; /* the one under test */

/* Builds every kernel as for a GPU whose vectors have `lanes` numbers. */
static void open_tiled(size_t lanes)
{
    device_open_gpu();
    struct opencl_device *opencl = opencl_from(device);
    engine = ENGINE_TILED;
    opencl->lanes = lanes;
    program_release(opencl);
    ck_ok(program_build(opencl));
}

static void open_tiled_1(void)
{
    open_tiled(1);
}

static void open_tiled_4(void)
{
    open_tiled(4);
}

static void open_blocked(void)
{
    engine = ENGINE_BLOCKED;
    device_open_opencl();
}

/* Rows, columns and terms: less than a tile, partial tiles and quads, sums in one slice and in
 * several. Parameters begin at `offset`; 0 makes whole quads of 16 bytes. */
static const struct shape {
    size_t m, n, k, offset;
} shapes[] = {{5, 17, 20, 3},   {33, 64, 40, 0},  {34, 128, 48, 1},
              {70, 64, 300, 0}, {33, 30, 520, 2}, {3, 128, 260, 0}};
enum { SHAPES = sizeof shapes / sizeof *shapes, GUARD = 7 };

static cl_mem numbers_buffer(size_t count, uint32_t purpose)
{
    const struct random_stream stream = {11, RANDOM_CHECK, purpose};
    float *values = memory_of(count, sizeof *values);
    cl_mem buffer = NULL;
    for (size_t i = 0; i < count; i++)
        values[i] = random_uniform(stream, i, -0.9f, 0.9f);
    ck_ok(buffer_create(opencl_from(device), WEFT_MEMORY_WORKSPACE, count, "a test", &buffer));
    ck_ok(buffer_upload(opencl_from(device), buffer, 0, values, count));
    free(values);
    return buffer;
}

static float *numbers_of(cl_mem buffer, size_t count)
{
    float *values = memory_of(count, sizeof *values);
    ck_ok(buffer_download(opencl_from(device), buffer, 0, values, count));
    return values;
}

static void buffers_release(cl_mem *buffers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_release(opencl_from(device), &buffers[i]);
}

static void run(const struct product *product)
{
    struct opencl_device *opencl = opencl_from(device);
    struct product_workspace workspace = {0};
    ck_ok(products_workspace_size(opencl, engine, product->form, product->m, product->n, product->k,
                                  &workspace.count));
    workspace.buffer = numbers_buffer(workspace.count, 9);
    ck_ok(products_run(opencl, product, workspace));
    buffer_release(opencl, &workspace.buffer);
}

static void assert_same(const char *what, int activation, cl_mem got, cl_mem want, size_t count)
{
    float *a = numbers_of(got, count), *b = numbers_of(want, count);
    size_t zeros = 0;
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(memcmp(&a[i], &b[i], sizeof *a) == 0,
                      "%s, activation %d: element %zu is %.9g, not %.9g", what, activation, i,
                      (double)a[i], (double)b[i]);
        zeros += a[i] == 0.0f;
    }
    ck_assert_uint_lt(zeros, count);
    free(a);
    free(b);
}

static const struct batch_draw draw = {.seed = 77, .epoch = 3, .batch = 5, .row = 6};
static const float share = 0.3f;
enum { LAYER = 2 };

static struct product_after after_of(const struct shape *shape, cl_uint steps, int activation)
{
    const bool drops = own_product_drops(opencl_from(device), engine, shape->n);
    return (struct product_after){.steps = drops ? steps : steps & ~(cl_uint)AFTER_DROPOUT,
                                  .activation = (cl_uint)activation,
                                  .first = draw.row * shape->n,
                                  .seed = draw.seed,
                                  .epoch = draw.epoch,
                                  .batch = draw.batch,
                                  .purpose = dropout_purpose(LAYER),
                                  .threshold = dropout_threshold(share),
                                  .scale = dropout_scale(share)};
}

/* Runs the steps in launches of their own. */
static void run_apart(const struct product *product, cl_mem x)
{
    struct opencl_device *opencl = opencl_from(device);
    const struct product_after *after = &product->after;
    const enum weft_activation activation = (enum weft_activation)after->activation;
    const size_t m = product->m, n = product->n;
    const cl_mem drops = after->steps & AFTER_ACTIVATION ? x : product->c;
    struct product alone = *product;
    alone.after = (struct product_after){0};
    run(&alone);
    if (after->steps & AFTER_BIAS)
        ck_ok(launch_bias_add(opencl, product->c, product->b, after->bias_offset, m, n));
    if (after->steps & AFTER_ACTIVATION)
        ck_ok(launch_layer_forward(opencl, activation, product->c, x, m * n));
    if (after->steps & AFTER_DROPOUT)
        ck_ok(launch_dropout(opencl, &draw, LAYER, share, drops, m, n));
    if (after->steps & AFTER_SLOPE)
        ck_ok(launch_layer_backward(opencl, activation, (after->steps & AFTER_SLOPE_FROM_Z) != 0, x,
                                    product->c, m * n));
}

/* Runs a product with its steps in its own launches, and apart. If `in_place`, x is c. */
static void compare(const struct shape *shape, enum product_form form, cl_uint steps,
                    int activation, bool in_place)
{
    const size_t m = shape->m, n = shape->n, k = shape->k, weights = shape->offset + n * k;
    const size_t count = m * n + GUARD;
    struct product product = {.form = form,
                              .engine = engine,
                              .m = m,
                              .n = n,
                              .k = k,
                              .b_offset = shape->offset,
                              .after = after_of(shape, steps, activation)};
    cl_mem buffers[] = {numbers_buffer(m * k, 1), numbers_buffer(weights + 3 + n, 2),
                        numbers_buffer(count, 3), numbers_buffer(count, 4),
                        numbers_buffer(count, 3), numbers_buffer(count, 4)};
    product.a = buffers[0];
    product.b = buffers[1];
    product.c = buffers[2];
    product.after.bias_offset = weights + 3;
    product.after.x = in_place ? product.c : buffers[3];
    run(&product);
    product.c = buffers[4];
    run_apart(&product, in_place ? product.c : buffers[5]);
    assert_same("c", activation, buffers[2], buffers[4], count);
    assert_same("x", activation, buffers[3], buffers[5], count);
    buffers_release(buffers, sizeof buffers / sizeof *buffers);
}

/* All activations and steps together, and each step alone. */
START_TEST(forward_steps_have_the_bits_of_launches)
{
    static const cl_uint alone[] = {0, AFTER_BIAS, AFTER_ACTIVATION,
                                    AFTER_ACTIVATION | AFTER_DROPOUT};
    const struct shape *shape = &shapes[_i];
    for (int a = 0; a < (int)ACTIVATION_COUNT; a++)
        compare(shape, PRODUCT_FORWARD, AFTER_BIAS | AFTER_ACTIVATION | AFTER_DROPOUT, a,
                a % 2 == 0);
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        compare(shape, PRODUCT_FORWARD, alone[i], WEFT_ACTIVATION_TANH, true);
        compare(shape, PRODUCT_FORWARD, alone[i], WEFT_ACTIVATION_TANH, false);
    }
}
END_TEST

START_TEST(delta_steps_have_the_bits_of_launches)
{
    const struct shape *shape = &shapes[_i];
    for (int a = 0; a < (int)ACTIVATION_COUNT; a++) {
        compare(shape, PRODUCT_DELTA, AFTER_DROPOUT | AFTER_SLOPE, a, false);
        compare(shape, PRODUCT_DELTA, AFTER_SLOPE | AFTER_SLOPE_FROM_Z, a, false);
    }
    compare(shape, PRODUCT_DELTA, AFTER_DROPOUT, WEFT_ACTIVATION_IDENTITY, false);
}
END_TEST

/* The weights have the same bits with the gradient of the bias and without it. */
START_TEST(a_bias_gradient_is_a_sum_of_columns)
{
    const struct shape *shape = &shapes[_i];
    const size_t m = shape->m, n = shape->n, k = shape->k, weights = shape->offset + m * n;
    const size_t count = weights + m + GUARD;
    cl_mem buffers[] = {numbers_buffer(k * m, 1), numbers_buffer(k * n, 2),
                        numbers_buffer(count, 3), numbers_buffer(count, 3)};
    struct product product = {.form = PRODUCT_WEIGHT_GRADIENT,
                              .engine = engine,
                              .m = m,
                              .n = n,
                              .k = k,
                              .a = buffers[0],
                              .b = buffers[1],
                              .c = buffers[3],
                              .c_offset = shape->offset};
    run(&product);
    product.c = buffers[2];
    product.after = (struct product_after){.steps = AFTER_BIAS_GRADIENT, .bias_offset = weights};
    run(&product);
    float *a = numbers_of(buffers[0], k * m), *got = numbers_of(buffers[2], count);
    float *want = numbers_of(buffers[3], count);
    double *column = memory_of(k, sizeof *column);
    ck_assert(memcmp(got, want, weights * sizeof *got) == 0);
    ck_assert(memcmp(got + weights + m, want + weights + m, GUARD * sizeof *got) == 0);
    for (size_t j = 0; j < m; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < k; i++)
            sum += column[i] = (double)a[i * m + j];
        const double apart = fabs((double)got[weights + j] - sum);
        ck_assert_msg(apart <= sum_bound(single_precision, column, NULL, k, 1),
                      "db[%zu] is %.9g, not %.9g", j, (double)got[weights + j], sum);
    }
    free(column);
    free(want);
    free(got);
    free(a);
    buffers_release(buffers, sizeof buffers / sizeof *buffers);
}
END_TEST

/* Vectors of 16 numbers have no steps in tiles, and other engines have none at all. */
START_TEST(engines_say_what_they_run)
{
    struct opencl_device *opencl = opencl_from(device);
    const size_t lanes = opencl->lanes;
    ck_assert(own_product_follows(opencl, engine));
    ck_assert(!own_product_follows(opencl, ENGINE_PLAIN));
    ck_assert(!own_product_follows(opencl, ENGINE_CLBLAST));
    ck_assert(own_product_drops(opencl, ENGINE_TILED, 12));
    ck_assert(!own_product_drops(opencl, ENGINE_TILED, 14));
    opencl->lanes = MOST_LANES;
    ck_assert(!own_product_follows(opencl, ENGINE_TILED));
    ck_assert(own_product_follows(opencl, ENGINE_BLOCKED));
    ck_assert(own_product_drops(opencl, ENGINE_BLOCKED, 128));
    ck_assert(!own_product_drops(opencl, ENGINE_BLOCKED, 132));
    opencl->lanes = lanes;
}
END_TEST

/* ---- kernels with a mistake ---- */

/* A mistake in what follows a product in its launches: of blocks, and of tiles, which cut long sums
 * into slices. Only steps by operation do that. */
static const struct mistake after_mistakes[] = {
    {"product_blocked.cl", "value += lanes_load(after->bias + column, count)",
     "value += lanes_load(after->bias, count)", "dense_forward layer 0"},
    {"product_after.cl", "value = activate(after->activation, value)", "value = fabs(value)",
     "activation layer 0"},
    {"product_after.cl", "after->scale * value, bits >=", "value, bits >=", "activation layer 0"},
    {"product_after.cl", "value *= activation_slope(after->activation, x, a)", "value += x",
     "delta layer 1"},
    {"product_blocked.cl", "total += sum", "total = sum + 1.0f", "bias_gradient layer"},
};
static const struct mistake tile_mistakes[] = {
    {"product.cl", "quad += quad_load(after->bias + column, count)",
     "quad += quad_load(after->bias, count)", "dense_forward layer 0"},
    {"product.cl", "quad += quad_load(after->bias + column, count)",
     "quad += count == SHARE ? quad_load(after->bias + column, count) : 0.0f",
     "dense_forward layer 2"},
    {"product.cl", "after_value(after, v0, b0, x0)", "v0", "activation layer 0"},
    {"product.cl", "b0 = b1, b1", "b1", "activation layer 0"},
    {"product.cl", "quad_load(x, count) : 0.0f, at)", "quad_load(x, count - 1) : 0.0f, at)",
     "delta layer 1"},
    {"product.cl", "k < TILE_TERMS && adds", "k < TILE_TERMS - 1 && adds", "bias_gradient layer"},
    {"product.cl", "step = bias ? rows : n", "step = n", "bias_gradient layer"},
};
/* Mistakes in the sum of slices alone, which a network with wide layers launches. */
#define SLICES_END "sum += quad_load(partial + s * step, count);\n    const struct after after"
static const struct mistake sum_mistakes[] = {
    {"product.cl", SLICES_END,
     "sum += quad_load(partial + s * step, count);\n    steps &= ~AFTER_SLOPE;\n"
     "    const struct after after",
     "delta layer 0"},
    {"product.cl", SLICES_END,
     "sum += quad_load(partial + s * step, count);\n    steps &= ~AFTER_BIAS;\n"
     "    const struct after after",
     "dense_forward layer 1"},
};
/* In evaluations alone: other kernels run the steps. */
static const struct mistake pass_mistake = {"product_after.cl",
                                            "value = activate(after->activation, value)",
                                            "value = 0.5f", "dense_forward layer 0"};
enum {
    SUM_MISTAKES = sizeof sum_mistakes / sizeof *sum_mistakes,
    AFTER_MISTAKES = sizeof after_mistakes / sizeof *after_mistakes,
    TILE_MISTAKES = sizeof tile_mistakes / sizeof *tile_mistakes
};

/* A run whose products are wrong. */
struct wrong_run {
    const char *products; /* the engine that is repaired */
    void (*open)(void);
    size_t features, hidden; /* of two layers */
    size_t batch, slices;    /* `slices` slices of `batch` samples */
    float dropout;
};

static void after_is_repaired(const struct mistake *mistake, const struct wrong_run *run)
{
    static const enum weft_activation activations[] = {WEFT_ACTIVATION_RELU, WEFT_ACTIVATION_RELU};
    const float dropout[] = {run->dropout, run->dropout};
    const size_t widths[] = {run->features, run->hidden, run->hidden, 3};
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = 3,
                                        .head = WEFT_HEAD_SOFTMAX,
                                        .bias = true,
                                        .activations = activations,
                                        .dropout = dropout};
    struct network network;
    char repair[64];
    snprintf(repair, sizeof repair, "%s products computed wrong; using CLBlast setting ",
             run->products);
    mistaken_device_open(mistake, run->open);
    ck_ok(network_init_shape(&network, &shape));
    struct check_plan plan = {.network = &network,
                              .batches = {run->batch, 5},
                              .slices = run->slices,
                              .block = 64,
                              .products = device_products};
    check_plan_narrow(device, &plan);
    ck_ok(known_answer_test(device, &plan, NULL));
    const char *note = device->info.note;
    ck_assert_msg(strstr(note, mistake->operation) != NULL, "%s", note);
    ck_assert_msg(strstr(note, repair) != NULL, "%s", note);
    network_reset(&network);
    mistaken_device_close();
}

START_TEST(a_wrong_step_after_a_product_is_repaired)
{
    after_is_repaired(&after_mistakes[_i],
                      &(struct wrong_run){"blocked", device_open_operations, 20, 64, 32, 1, 0.2f});
}
END_TEST

START_TEST(a_wrong_step_after_tiles_is_repaired)
{
    after_is_repaired(&tile_mistakes[_i * mistake_step()],
                      &(struct wrong_run){"tiled", device_open_tiles, 300, 64, 256, 2, 0.2f});
}
END_TEST

START_TEST(a_wrong_step_after_slices_is_repaired)
{
    after_is_repaired(&sum_mistakes[_i * mistake_step()],
                      &(struct wrong_run){"tiled", device_open_tiles, 20, 520, 32, 1, 0.2f});
}
END_TEST

/* The plans fused and middle run no products with an activation in training. */
START_TEST(a_wrong_evaluation_is_repaired)
{
    static const struct wrong_run runs[] = {{"blocked", device_open_fused, 20, 16, 32, 1, 0.2f},
                                            {"tiled", device_open_gpu, 20, 16, 32, 1, 0.2f}};
    after_is_repaired(&pass_mistake, &runs[_i]);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_loop_test(tests, forward_steps_have_the_bits_of_launches, 0, SHAPES);
    tcase_add_loop_test(tests, delta_steps_have_the_bits_of_launches, 0, SHAPES);
    tcase_add_loop_test(tests, a_bias_gradient_is_a_sum_of_columns, 0, SHAPES);
    tcase_add_test(tests, engines_say_what_they_run);
}

int main(void)
{
    static const struct device_case cases[] = {
        {"tiled", open_tiled_1}, {"tiled in fours", open_tiled_4}, {"blocked", open_blocked}};
    Suite *suite = suite_create("product_after");
    suite_add_cases(suite, add_tests, cases, sizeof cases / sizeof *cases);
    TCase *broken = tcase_create("broken kernels");
    tcase_add_checked_fixture(broken, temporary_create, temporary_remove);
    tcase_add_loop_test(broken, a_wrong_step_after_a_product_is_repaired, 0, AFTER_MISTAKES);
    tcase_add_loop_test(broken, a_wrong_step_after_tiles_is_repaired, 0,
                        (TILE_MISTAKES - 1) / mistake_step() + 1);
    tcase_add_loop_test(broken, a_wrong_step_after_slices_is_repaired, 0,
                        (SUM_MISTAKES - 1) / mistake_step() + 1);
    tcase_add_loop_test(broken, a_wrong_evaluation_is_repaired, 0, 2);
    suite_add_tcase(suite, broken);
    return suite_main(suite);
}
