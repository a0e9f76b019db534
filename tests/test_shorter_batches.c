/* Tests the last batch of an epoch when it is shorter than the largest one, for which the workspace
 * was allocated. It must be correct with every method that divides sums into slices, and stay
 * within the workspace. A shorter batch may need more slices. */
#include "opencl/products.h" /* first: its parameters are named `device` too */

#include "whole_step.h"

/* ---- whole steps ---- */

static void device_open_tiled(void)
{
    device_open_opencl();
    device_use_tiles();
}

/* Up to 32 samples have an engine of their own, which needs workspace; others have one that needs
 * none.
 */
static void device_open_tuned(void)
{
    device_open_opencl();
    opencl_from(device)->rules =
        (struct product_rules){.count = 4,
                               .rules = {{PRODUCT_FORWARD, 32, 0, 0, ENGINE_TILED},
                                         {PRODUCT_FORWARD, 0, 0, 0, ENGINE_PLAIN},
                                         {PRODUCT_WEIGHT_GRADIENT, 0, 0, 0, ENGINE_PLAIN},
                                         {PRODUCT_DELTA, 0, 0, 0, ENGINE_PLAIN}},
                               .step = STEP_BY_OPERATION};
}

/* Slices of the short batch and of the largest one: of a step in a middle (a slice of one panel or
 * of two) 256 and 129, 256 and 171; of a fused step 8 and 8, 7 and 8; of a forward product in tiles
 * 2 and 1. */
static const struct shorter {
    void (*open)(void);
    struct whole_case large;
    size_t count;
} cases[] = {
    {device_open_gpu,
     {"panels", {9, 4, 3}, 2, 4097, WEFT_HEAD_SOFTMAX, true, 0, 0, 1, false},
     4096},
    {device_open_gpu,
     {"two panels", {9, 4, 3}, 2, 8193, WEFT_HEAD_SOFTMAX, true, 0, 0, 1, false},
     8191},
    {device_open_fused,
     {"fused", {9, 4, 3}, 2, 2049, WEFT_HEAD_SOFTMAX, true, 0, 0, 1, false},
     2047},
    {device_open_fused,
     {"few fused", {300, 4, 3}, 2, 2048, WEFT_HEAD_SOFTMAX, true, 0, 0, 0.1f, false},
     1792},
    {device_open_tiled,
     {"tiles", {256, 1056, 2}, 2, 255, WEFT_HEAD_SOFTMAX, true, 0, 0, 0.1f, false},
     32},
    {device_open_tiles,
     {"tiles and what follows", {256, 1056, 2}, 2, 255, WEFT_HEAD_SOFTMAX, true, 0, 0, 0.1f, false},
     32},
    {device_open_tuned,
     {"tuned", {256, 7, 2}, 2, 255, WEFT_HEAD_SOFTMAX, true, 0, 0, 0.1f, false},
     32}};

enum { CASES = sizeof cases / sizeof *cases };

/* The gradient of the first samples of `data`, as many as the problem has. */
static void check_batch(struct workspace *workspace, const struct device_data *data,
                        const struct whole *whole)
{
    const struct network *network = &whole->network;
    const struct step step = {.backend = backend,
                              .workspace = workspace,
                              .network = network,
                              .data = data,
                              .count = whole->of->batch,
                              .loss = {.delta_factor = whole_delta_factor(whole)}};
    float *gradient = memory_of(network->parameter_count, sizeof *gradient);
    ck_ok(step_forward(&step));
    ck_ok(step_backward(&step));
    gradient_download(workspace, network, gradient);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *dense = &network->layers[l];
        assert_close(whole->of->name, "dw", l, gradient + dense->weight_offset,
                     whole->want.gradient + dense->weight_offset, dense->inputs * dense->outputs,
                     whole_tolerance(whole));
        assert_close(whole->of->name, "db", l, gradient + dense->bias_offset,
                     whole->want.gradient + dense->bias_offset, dense->outputs,
                     whole_tolerance(whole));
    }
    free(gradient);
}

/* The largest batch, a shorter one, and the largest again, in one workspace. */
START_TEST(a_shorter_batch_is_right)
{
    const struct shorter *shorter = &cases[_i];
    struct whole_case few = shorter->large;
    struct whole large, small;
    few.batch = shorter->count;
    shorter->open();
    whole_create(&shorter->large, &large);
    whole_create(&few, &small);
    whole_reference(&large);
    whole_reference(&small);
    struct device_data *data =
        data_open(large.of->batch, large.of->widths[0], large.x, large.labels);
    struct workspace *workspace = workspace_open(&large.network, large.of->batch, 1, true);
    ck_ok(backend->parameters_upload(workspace, large.parameters));
    check_batch(workspace, data, &large);
    check_batch(workspace, data, &small);
    check_batch(workspace, data, &large);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    whole_destroy(&small);
    whole_destroy(&large);
    device_close();
}
END_TEST

/* ---- workspace ---- */

/* Elements of workspace that an engine needs for a product of so many samples. */
static size_t workspace_for(enum product_engine engine, enum product_form form, size_t samples,
                            size_t n, size_t inner)
{
    const bool gradient = form == PRODUCT_WEIGHT_GRADIENT;
    size_t count = 0;
    ck_ok(products_workspace_size(opencl_from(device), engine, form, gradient ? inner : samples, n,
                                  gradient ? samples : inner, &count));
    return count;
}

/* Elements that a product in tiles is left in. */
static size_t tiled_need(enum product_form form, size_t samples, size_t n, size_t inner)
{
    const bool gradient = form == PRODUCT_WEIGHT_GRADIENT;
    const struct product product = {.form = form,
                                    .engine = ENGINE_TILED,
                                    .m = gradient ? inner : samples,
                                    .n = n,
                                    .k = gradient ? samples : inner};
    const size_t slices = products_slices(&product);
    return slices > 1 ? slices * product.m * n : 1;
}

/* Whatever the engine (_i), a workspace for more samples is large enough for fewer. Widths from far
 * below a tile to where one row of tiles is all work-groups that are wanted. */
START_TEST(workspace_for_the_largest_is_enough_for_all)
{
    static const size_t widths[] = {1, 10, 50, 129, 784, 1056, 17000};
    enum { WIDTHS = sizeof widths / sizeof *widths, MOST = 700 };
    const enum product_engine engine = (enum product_engine)_i;
    device_open_opencl();
    for (size_t w = 0; w < WIDTHS * WIDTHS; w++)
        for (int form = PRODUCT_FORWARD; form < PRODUCT_FORMS; form++) {
            const size_t n = widths[w % WIDTHS], inner = widths[w / WIDTHS];
            size_t before = 0;
            for (size_t samples = 1; samples <= MOST; samples += samples < 66 ? 1 : 31) {
                const size_t count =
                    workspace_for(engine, (enum product_form)form, samples, n, inner);
                ck_assert_uint_ge(count, before);
                if (engine == ENGINE_TILED)
                    ck_assert_uint_ge(count,
                                      tiled_need((enum product_form)form, samples, n, inner));
                before = count;
            }
        }
    device_close();
}
END_TEST

/* What does not fit is refused, and nothing is written. */
START_TEST(too_small_a_workspace_is_refused)
{
    const struct product product = {
        .form = PRODUCT_WEIGHT_GRADIENT, .engine = ENGINE_TILED, .m = 3, .n = 5, .k = 512};
    device_open_opencl();
    ck_fails(products_run(opencl_from(device), &product, (struct product_workspace){NULL, 59}),
             WEFT_ERROR_INTERNAL, "has 59");
    device_close();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shorter_batches");
    TCase *steps = tcase_create("steps"), *workspaces = tcase_create("workspace");
    tcase_add_loop_test(steps, a_shorter_batch_is_right, 0, CASES);
    tcase_add_loop_test(workspaces, workspace_for_the_largest_is_enough_for_all, 0, ENGINE_COUNT);
    tcase_add_test(workspaces, too_small_a_workspace_is_refused);
    suite_add_tcase(suite, steps);
    suite_add_tcase(suite, workspaces);
    return suite_main(suite);
}
