/* Tests views of the samples: each batch at the start of a buffer and transposed, with the numbers
 * of the data. No view may exist where it would be wrong or save nothing. */
#include "opencl/opencl_workspace.h" /* first: its parameters are named `device` too */

#include "faulty_device.h"
#include "opencl/products_clblast.h"

enum { BATCH = 64, FEATURES = 32, SAMPLES = 3 * BATCH + 16, OUTPUTS = 5 };

static struct network network;
static float x[SAMPLES * FEATURES]; /* no two alike */
static int32_t labels[SAMPLES];

static struct device_data *data_with(size_t samples)
{
    const struct data_source source = {
        .samples = samples, .features = FEATURES, .x = x, .labels = labels};
    struct device_data *data;
    ck_ok(backend->data_create(device, &source, &data));
    return data;
}

static struct workspace *workspace_with(size_t batch, enum weft_gemm products, bool training)
{
    const struct workspace_plan plan = {.network = &network,
                                        .batch = batch,
                                        .slots = 1,
                                        .training = training,
                                        .products = products};
    struct workspace *workspace;
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    return workspace;
}

static void setup(void)
{
    const size_t widths[] = {FEATURES, OUTPUTS};
    device_open_opencl();
    ck_ok(network_init(&network, widths, 1, WEFT_HEAD_SOFTMAX, true));
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        x[i] = (float)(i + 1);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)(i % OUTPUTS);
}

static void teardown(void)
{
    network_reset(&network);
    device_close();
}

/* The batch from `first` on is the data's, as it lies and turned. */
static void assert_views(struct workspace *workspace, size_t first)
{
    static float got[BATCH * FEATURES], turned[BATCH * FEATURES];
    const struct opencl_device *opencl = workspace->device;
    ck_assert_uint_eq(workspace->x_offset, 0);
    ck_assert_ptr_nonnull(workspace->x_turned);
    ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, got));
    ck_assert_int_eq(clEnqueueReadBuffer(opencl->queue, workspace->x_turned, CL_TRUE, 0,
                                         sizeof turned, turned, 0, NULL, NULL),
                     CL_SUCCESS);
    for (size_t i = 0; i < BATCH; i++)
        for (size_t f = 0; f < FEATURES; f++) {
            const double want = (double)((first + i) * FEATURES + f + 1);
            ck_assert_double_eq((double)got[i * FEATURES + f], want);
            ck_assert_double_eq((double)turned[f * BATCH + i], want);
        }
}

START_TEST(whole_batches_lie_both_ways)
{
    struct device_data *data = data_with(SAMPLES);
    struct workspace *workspace = workspace_with(BATCH, WEFT_GEMM_CLBLAST, true);
    for (int epoch = 0; epoch < 2; epoch++)
        for (size_t first = 0; first + BATCH <= SAMPLES; first += BATCH) {
            ck_ok(backend->batch_gather(workspace, data, first, BATCH, NULL));
            assert_views(workspace, first);
        }
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}
END_TEST

/* The last, shorter batch, batches from within, and those of an order are not turned. */
START_TEST(other_batches_lie_one_way)
{
    static const size_t batches[][2] = {{3 * BATCH, SAMPLES - 3 * BATCH}, {16, BATCH}, {0, 16}};
    static float got[BATCH * FEATURES];
    uint32_t order[SAMPLES];
    struct device_data *data = data_with(SAMPLES);
    struct workspace *workspace = workspace_with(BATCH, WEFT_GEMM_CLBLAST, true);
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        const size_t first = batches[i][0], count = batches[i][1];
        ck_ok(backend->batch_gather(workspace, data, first, count, NULL));
        ck_assert_ptr_null(workspace->x_turned);
        ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, got));
        for (size_t j = 0; j < count * FEATURES; j++)
            ck_assert_double_eq((double)got[j], (double)(first * FEATURES + j + 1));
    }
    for (size_t i = 0; i < SAMPLES; i++)
        order[i] = (uint32_t)(SAMPLES - 1 - i);
    ck_ok(backend->order_upload(data, order));
    ck_ok(backend->batch_gather(workspace, data, 0, BATCH, NULL));
    ck_assert_ptr_null(workspace->x_turned);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}
END_TEST

/* Data that comes after other data, maybe in its place in memory, is turned again. */
START_TEST(other_data_is_turned_again)
{
    struct workspace *workspace = workspace_with(BATCH, WEFT_GEMM_CLBLAST, true);
    for (size_t samples = 3 * BATCH; samples >= BATCH; samples -= BATCH) {
        for (size_t i = 0; i < SAMPLES * FEATURES; i++)
            x[i] = samples == 2 * BATCH ? -7.0f : (float)(i + 1);
        struct device_data *data = data_with(samples);
        ck_ok(backend->batch_gather(workspace, data, 0, BATCH, NULL));
        if (samples != 2 * BATCH)
            assert_views(workspace, 0);
        backend->data_destroy(data);
    }
    backend->workspace_destroy(workspace);
}
END_TEST

/* Other products read samples as they lie; so does whoever has no gradient, and batches that
 * CLBlast has to pad in either layout. */
START_TEST(no_views_where_they_save_nothing)
{
    static const enum weft_gemm others[] = {WEFT_GEMM_AUTO, WEFT_GEMM_OWN};
    struct workspace *workspace;
    for (size_t i = 0; i < 2; i++) {
        workspace = workspace_with(BATCH, others[i], true);
        ck_assert_ptr_null(workspace->views);
        backend->workspace_destroy(workspace);
    }
    workspace = workspace_with(BATCH, WEFT_GEMM_CLBLAST, false);
    ck_assert_ptr_null(workspace->views);
    backend->workspace_destroy(workspace);
    workspace = workspace_with(BATCH - 1, WEFT_GEMM_CLBLAST, true);
    ck_assert_ptr_null(workspace->views);
    backend->workspace_destroy(workspace);
}
END_TEST

/* A device that has no room for the samples a second time trains without; nothing is left behind.
 */
START_TEST(no_room_is_no_fault)
{
    struct opencl_device *opencl = opencl_from(device);
    const uint64_t global = device->info.global_bytes;
    struct device_data *data = data_with(SAMPLES);
    struct workspace *workspace = workspace_with(BATCH, WEFT_GEMM_CLBLAST, true);
    const size_t before = opencl->allocated;
    device->info.global_bytes = before + 3 * BATCH * FEATURES * sizeof(float) - 1;
    ck_ok(backend->batch_gather(workspace, data, 0, BATCH, NULL));
    ck_assert_ptr_null(workspace->x_turned);
    ck_assert_uint_eq(opencl->allocated, before);
    backend->workspace_destroy(workspace);
    device->info.global_bytes++;
    workspace = workspace_with(BATCH, WEFT_GEMM_CLBLAST, true);
    ck_ok(backend->batch_gather(workspace, data, 0, BATCH, NULL));
    assert_views(workspace, 0);
    device->info.global_bytes = global;
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    ck_assert_uint_eq(opencl->allocated, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batch_views");
    TCase *tests = tcase_create("opencl");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, whole_batches_lie_both_ways);
    tcase_add_test(tests, other_batches_lie_one_way);
    tcase_add_test(tests, other_data_is_turned_again);
    tcase_add_test(tests, no_views_where_they_save_nothing);
    tcase_add_test(tests, no_room_is_no_fault);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
