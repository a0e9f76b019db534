/* Tests how a training step runs: which plan a network gets on which device, and how the gradient
 * of the plan `middle` is divided. The cases `fused` and `middle` of other suites test that the
 * results are correct. */
#include "opencl/opencl_workspace.h" /* first: its parameters are named `device` too */

#include "devices.h"

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

/* `middle` needs a hidden layer, a device that is no CPU, and local memory: here for 110 units of
 * 17 numbers and 1024 bytes. */
START_TEST(networks_with_a_middle)
{
    static const size_t article[] = {784, 50, 10}, deep[] = {784, 20, 20, 10};
    const size_t enough = 110 * 17 * sizeof(float) + 1024;
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

/* `fused` is for CPUs, and for up to 2^18 parameters: 511 x 512 weights and 512 biases. */
START_TEST(networks_that_are_fused)
{
    static const size_t most[] = {511, 512}, more[] = {512, 512};
    device_becomes(CL_DEVICE_TYPE_CPU, 1 << 20);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, most, 1), &step_fused);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_OWN, most, 1), &step_fused);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_CLBLAST, most, 1), &step_by_operation);
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, more, 1), &step_by_operation);
    opencl_from(device)->step_wrong[STEP_FUSED] = true;
    ck_assert_ptr_eq(plan_of(WEFT_GEMM_AUTO, most, 1), &step_by_operation);
}
END_TEST

/* Both are for training on plain labels, and for layers that keep no pre-activations. */
START_TEST(everything_else_runs_by_operation)
{
    static const size_t widths[] = {20, 18, 3};
    const cl_device_type type = _i == 0 ? CL_DEVICE_TYPE_CPU : CL_DEVICE_TYPE_GPU;
    const struct step_plan *small = _i == 0 ? &step_fused : &step_middle;
    struct network network = network_of(widths, 2);
    struct workspace_plan plan = {.network = &network, .batch = 32, .training = true};
    device_becomes(type, 1 << 20);
    const struct opencl_device *opencl = opencl_from(device);
    ck_assert_ptr_eq(step_plan_choose(opencl, &plan), small);
    plan.targets.dense = true;
    ck_assert_ptr_eq(step_plan_choose(opencl, &plan), &step_by_operation);
    plan.targets.dense = false;
    plan.training = false;
    ck_assert_ptr_eq(step_plan_choose(opencl, &plan), &step_by_operation);
    plan.training = true;
    network.layers[0].dropout = 0.5f;
    ck_assert_ptr_eq(step_plan_choose(opencl, &plan), &step_by_operation);
    network.layers[0].dropout = 0.0f;
    network.layers[0].activation = WEFT_ACTIVATION_GELU;
    ck_assert_ptr_eq(step_plan_choose(opencl, &plan), &step_by_operation);
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

/* The layers [2][8], panels [panels][units][16], slices [slices][parameters above]. */
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
    ck_assert_uint_eq(elements_of(workspace->panels.layers), 2 * 8);
    ck_assert_uint_eq(elements_of(workspace->panels.panels), sliced[_i].panels * UNITS * 16);
    ck_assert_uint_eq(elements_of(workspace->panels.partial), sliced[_i].slices * ABOVE);
    backend->workspace_destroy(workspace);
    ck_assert_uint_eq(opencl_from(device)->allocated, 0);
    network_reset(&network);
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
    tcase_add_loop_test(tests, everything_else_runs_by_operation, 0, 2);
    tcase_add_loop_test(tests, slices_are_few, 0, sizeof sliced / sizeof *sliced);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
