/* Tests how a training step runs: which plan a network gets on which device, and how the gradient
 * of the plan `middle` is divided. The cases `fused` and `middle` of other suites test that the
 * results are correct. */
#include "opencl/opencl_workspace.h" /* first: its parameters are named `device` too */

#include "base/random.h"
#include "devices.h"
#include "train/step.h"

static struct network network_of(const size_t *widths, size_t layers)
{
    struct network network;
    ck_ok(network_init(&network, widths, layers, WEFT_HEAD_SOFTMAX, true));
    return network;
}

/* The plan for `widths` [layers + 1]. */
static const struct step_plan *plan_of(enum weft_gemm wanted, const size_t *widths, size_t layers)
{
    struct network network = network_of(widths, layers);
    const struct step_plan *plan = device_step_plan(wanted, &network, 2400);
    network_reset(&network);
    return plan;
}

static void device_becomes(cl_device_type type, size_t max_local)
{
    opencl_from(device)->type = type;
    opencl_from(device)->max_local = max_local;
}

/* ---- which plan ---- */

/* `middle` needs a hidden layer, a device that is no CPU, and local memory: here for 60 units of 17
 * numbers and 1024 bytes. */
START_TEST(networks_with_a_middle)
{
    static const size_t article[] = {784, 50, 10}, deep[] = {784, 20, 20, 10};
    const size_t enough = 60 * 17 * sizeof(float) + 1024;
    device_becomes(CL_DEVICE_TYPE_GPU, enough);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, article, 2), &step_middle);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_OWN, article, 2), &step_middle);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, deep, 3), &step_middle);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_CLBLAST, article, 2), &step_by_operation);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, article, 1), &step_by_operation);
    device_becomes(CL_DEVICE_TYPE_GPU, enough - 1);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, article, 2), &step_by_operation);
    device_becomes(CL_DEVICE_TYPE_GPU, enough);
    opencl_from(device)->step_wrong[STEP_MIDDLE] = true;
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, article, 2), &step_by_operation);
}
END_TEST

/* Above the first layer's weights up to 16384: 112 x 144 + 112 + 144, not 2730 x 5 + 2730 + 5. */
START_TEST(few_parameters_above_the_first_layer)
{
    static const size_t most[] = {8, 112, 144}, more[] = {8, 2730, 5};
    device_becomes(CL_DEVICE_TYPE_GPU, 1 << 20);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, most, 2), &step_middle);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, more, 2), &step_by_operation);
}
END_TEST

/* `fused` is for CPUs, and for up to 2^17 parameters: 255 x 512 weights and 512 biases. Up to 2^15
 * of them may lie above the weights of the first layer: 98 x 330 weights and 98 + 330 biases, but
 * not 289 x 112 and 289 + 112. The panels of 2400 samples must fit into one buffer: a sample has 8
 * features, 98 activations and deltas, and 330 outputs and deltas. */
START_TEST(networks_that_are_fused)
{
    static const size_t most[] = {255, 512}, more[] = {256, 512};
    static const size_t most_above[] = {8, 98, 330}, more_above[] = {8, 289, 112};
    device_becomes(CL_DEVICE_TYPE_CPU, 1 << 20);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, most, 1), &step_fused);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_OWN, most, 1), &step_fused);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_CLBLAST, most, 1), &step_by_operation);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, more, 1), &step_by_operation);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, most_above, 2), &step_fused);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, more_above, 2), &step_by_operation);
    device->largest_buffer = 2400 * (8 + 2 * 98 + 2 * 330) * sizeof(float);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, most_above, 2), &step_fused);
    device->largest_buffer--;
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, most_above, 2), &step_by_operation);
    opencl_from(device)->step_wrong[STEP_FUSED] = true;
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, most, 1), &step_by_operation);
}
END_TEST

/* What a training step may have. The plans fused and middle take everything but batch norm, which
 * needs the whole batch. Evaluation runs by operation, and so do steps that ask for it. */
static const struct property {
    struct target_rule targets;
    bool evaluates, norm, by_operation;
    float dropout;
    enum weft_activation activation;
} properties[] = {
    {.activation = WEFT_ACTIVATION_SIGMOID},
    {.activation = WEFT_ACTIVATION_RELU},
    {.activation = WEFT_ACTIVATION_GELU},
    {.activation = WEFT_ACTIVATION_MISH},
    {.dropout = 0.5f},
    {.targets = {.dense = true, .share = 0.9f, .spread = 0.01f}},
    {.targets = {.dense = true, .each = true, .share = 1.0f}, .dropout = 0.1f},
    {.norm = true},
    {.evaluates = true},
    {.by_operation = true},
};

START_TEST(plans_take_all_but_batch_norm)
{
    static const size_t widths[] = {20, 18, 3};
    const struct property *property = &properties[_i];
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = 2,
                                        .head = WEFT_HEAD_SIGMOID,
                                        .bias = true,
                                        .activations = &property->activation,
                                        .dropout = &property->dropout,
                                        .batch_norm = property->norm};
    const bool leaves = property->norm || property->evaluates || property->by_operation;
    struct network network;
    ck_ok(network_init_shape(&network, &shape));
    const struct workspace_plan plan = {.network = &network,
                                        .batch = 32,
                                        .training = !property->evaluates,
                                        .by_operation = property->by_operation,
                                        .targets = property->targets};
    device_becomes(CL_DEVICE_TYPE_CPU, 1 << 20);
    ck_assert_ptr_eq(step_plan_choose(opencl_from(device), &plan),
                     leaves ? &step_by_operation : &step_fused);
    device_becomes(CL_DEVICE_TYPE_GPU, 1 << 20);
    ck_assert_ptr_eq(step_plan_choose(opencl_from(device), &plan),
                     leaves ? &step_by_operation : &step_middle);
    network_reset(&network);
}
END_TEST

/* ---- slices ---- */

/* Memory for a slice for each panel of 16 samples, up to 256 of them. Of 4097 samples a slice has
 * two panels, and there are 129; but a shorter batch after them may have 256. */
static const struct sliced {
    size_t batch, panels, slices;
} sliced[] = {{1, 1, 1},        {16, 1, 1},       {17, 2, 2},       {4096, 256, 256},
              {4097, 257, 256}, {8192, 512, 256}, {8193, 513, 256}, {60000, 3750, 256}};

static size_t elements_of(cl_mem buffer)
{
    size_t bytes = 0;
    ck_assert_int_eq(clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof bytes, &bytes, NULL),
                     CL_SUCCESS);
    return bytes / sizeof(float);
}

/* The layers [2][14], panels [panels][units][16], slices [slices][parameters above]. */
START_TEST(slices_are_few)
{
    static const size_t widths[] = {9, 4, 3};
    enum { UNITS = 4 + 4 + 3, ABOVE = 4 * 3 + 4 + 3 };
    struct network network = network_of(widths, 2);
    const struct workspace_plan plan = {
        .network = &network, .batch = sliced[_i].batch, .slots = 1, .training = true};
    struct workspace *workspace;
    opencl_from(device)->rules.step = STEP_MIDDLE;
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_assert_ptr_eq(workspace->plan, &step_middle);
    ck_assert_uint_eq(elements_of(workspace->panels.layers), 2 * 14);
    ck_assert_uint_eq(elements_of(workspace->panels.panels), sliced[_i].panels * UNITS * 16);
    ck_assert_uint_eq(elements_of(workspace->panels.partial), sliced[_i].slices * ABOVE);
    backend->workspace_destroy(workspace);
    ck_assert_uint_eq(opencl_from(device)->allocated, 0);
    network_reset(&network);
}
END_TEST

/* The panels of one layer in two store its z, too: its dropout needs it. In a fused step, they also
 * store z of the output layer and the nine features. Only dense targets and weights of samples have
 * memory of their own. A panel has 16 samples in both plans, because so many lanes have the vectors
 * of CPUs. */
START_TEST(memory_for_what_a_step_needs)
{
    static const struct step_plan *const plans[] = {&step_middle, &step_fused};
    static const size_t widths[] = {9, 4, 5, 3};
    static const enum weft_activation activations[] = {WEFT_ACTIVATION_RELU, WEFT_ACTIVATION_RELU};
    static const float dropout[] = {0.5f, 0.0f};
    enum { UNITS = 3 * 4 + 2 * 5 + 3, BATCH = 17 };
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = 3,
                                        .head = WEFT_HEAD_SOFTMAX,
                                        .activations = activations,
                                        .dropout = dropout};
    const bool dense = _i % 2 == 1, fused = _i / 2 == 1;
    struct network network;
    ck_ok(network_init_shape(&network, &shape));
    const struct workspace_plan plan = {.network = &network,
                                        .batch = BATCH,
                                        .slots = 1,
                                        .training = true,
                                        .targets = {.dense = dense, .share = 1.0f}};
    struct workspace *workspace;
    opencl_from(device)->rules.step = plans[_i / 2]->rule;
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_assert_ptr_eq(workspace->plan, plans[_i / 2]);
    ck_assert_uint_eq(elements_of(workspace->panels.panels),
                      2 * (UNITS + (fused ? 3 + 9 : 0)) * 16);
    ck_assert_ptr_eq(workspace->z[0], workspace->a[0]); /* for the product alone */
    ck_assert(fused == (workspace->a[0] == NULL));
    ck_assert_ptr_null(workspace->a[1]);
    ck_assert_uint_eq(dense ? elements_of(workspace->y) : 0, dense ? BATCH * 3 : 0);
    ck_assert_uint_eq(dense ? elements_of(workspace->weight) : 0, dense ? BATCH : 0);
    ck_assert(dense || (workspace->y == NULL && workspace->weight == NULL));
    backend->workspace_destroy(workspace);
    ck_assert_uint_eq(opencl_from(device)->allocated, 0);
    network_reset(&network);
}
END_TEST

/* ---- short rows ---- */

/* The activations of the hidden layer, [ROWS][HIDDEN], of samples whose features beyond the first
 * 20 are 0. */
enum { ROWS = 21, HIDDEN = 18 };

static void hidden_run(size_t features, float *a)
{
    const struct random_stream x_stream = {5, RANDOM_CHECK, 1}, w_stream = {5, RANDOM_CHECK, 2};
    const size_t widths[] = {features, HIDDEN, 3};
    struct network network = network_of(widths, 2);
    const struct workspace_plan plan = {
        .network = &network, .batch = ROWS, .slots = 1, .training = true};
    static float x[ROWS * 300], parameters[HIDDEN * 300 + 3 * HIDDEN + HIDDEN + 3];
    static const int32_t labels[ROWS];
    for (size_t i = 0; i < ROWS * features; i++)
        x[i] = i % features < 20
                   ? random_uniform(x_stream, i / features * 300 + i % features, -1.0f, 1.0f)
                   : 0.0f;
    for (size_t i = 0; i < HIDDEN * features; i++)
        parameters[i] = random_uniform(w_stream, i / features * 300 + i % features, -1.0f, 1.0f);
    for (size_t i = HIDDEN * features; i < network.parameter_count; i++)
        parameters[i] = random_uniform(w_stream, 300 * HIDDEN + i - HIDDEN * features, -1.0f, 1.0f);
    const struct data_source source = {
        .samples = ROWS, .features = features, .x = x, .labels = labels};
    struct step step = {
        .backend = backend, .network = &network, .count = ROWS, .loss = {.delta_factor = 1.0f}};
    struct device_data *data;
    ck_ok(backend->data_create(device, &source, &data));
    ck_ok(backend->workspace_create(device, &plan, &step.workspace));
    step.data = data;
    ck_assert_ptr_eq(step.workspace->plan, &step_fused);
    ck_ok(backend->parameters_upload(step.workspace, parameters));
    ck_ok(step_forward(&step));
    ck_ok(backend->tensor_download(step.workspace, TENSOR_PRE_ACTIVATION, 0, a));
    backend->workspace_destroy(step.workspace);
    backend->data_destroy(data);
    network_reset(&network);
}

/* A fused step turns rows of 20 features, and reads rows of 300 as they lie. */
START_TEST(short_rows_have_the_bits_of_long_ones)
{
    float transposed[ROWS * HIDDEN], as_they_lie[ROWS * HIDDEN];
    opencl_from(device)->rules.step = STEP_FUSED;
    hidden_run(20, transposed);
    hidden_run(300, as_they_lie);
    ck_assert_mem_eq(transposed, as_they_lie, sizeof transposed);
    ck_assert(transposed[0] != transposed[ROWS * HIDDEN - 1]); /* these are numbers */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step_plan");
    TCase *tests = tcase_create("opencl");
    tcase_add_checked_fixture(tests, device_open_opencl, device_close);
    tcase_add_test(tests, networks_with_a_middle);
    tcase_add_test(tests, few_parameters_above_the_first_layer);
    tcase_add_test(tests, networks_that_are_fused);
    tcase_add_loop_test(tests, plans_take_all_but_batch_norm, 0,
                        sizeof properties / sizeof *properties);
    tcase_add_loop_test(tests, slices_are_few, 0, sizeof sliced / sizeof *sliced);
    tcase_add_loop_test(tests, memory_for_what_a_step_needs, 0, 4);
    tcase_add_test(tests, short_rows_have_the_bits_of_long_ones);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
