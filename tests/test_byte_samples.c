/* Tests samples that a device stores as bytes: which samples these are, and how much memory they
 * save. All results must equal those from samples stored as floats, to the bit. */
#include <math.h>

#include "data/bytes.h"
#include "opencl/opencl_workspace.h"
#include "train/step.h"
#include "whole_step.h"

enum { HEIGHT = 7, WIDTH = 9, FEATURES = HEIGHT * WIDTH, SAMPLES = 61, CLASSES = 4, BATCH = 16 };

static struct network network;
static struct scale scale;
static float x[SAMPLES * FEATURES]; /* [N][D] of 0 to 255 */
static int32_t labels[SAMPLES];     /* [N] */
static float parameters[1024];

static void samples_open(void)
{
    static const size_t widths[] = {FEATURES, 11, CLASSES};
    const struct random_stream stream = {9, RANDOM_CHECK, 0};
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    ck_assert_uint_le(network.parameter_count, sizeof parameters / sizeof *parameters);
    fill(parameters, network.parameter_count, 1, -1.0f, 1.0f);
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        x[i] = (float)(random_bits(stream, i) % 256);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)(i % CLASSES);
    ck_ok(scale_init(&scale, FEATURES));
    fill(scale.mean, FEATURES, 2, 100.0f, 150.0f);
    fill(scale.std, FEATURES, 3, 50.0f, 90.0f);
}

static void samples_close(void)
{
    scale_reset(&scale);
    network_reset(&network);
}

/* ---- what bytes hold ---- */

START_TEST(bytes_hold_bytes_alone)
{
    static const float others[] = {-1.0f, 256.0f,   0.5f,          254.999f,   -0.0f,
                                   1e30f, -1e-30f,  1e-40f,        INFINITY,   -INFINITY,
                                   NAN,   65536.0f, 4294967296.0f, 16777216.0f};
    enum { COUNT = 9001 };
    static float values[COUNT];
    static uint8_t bytes[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        values[i] = (float)(i % 256);
    ck_assert(bytes_hold(values, COUNT));
    ck_assert(bytes_hold(values, 0));
    bytes_take(values, COUNT, bytes);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_uint_eq(bytes[i], i % 256);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        for (size_t at = 0; at < COUNT; at += COUNT - 1) {
            const float kept = values[at];
            values[at] = others[i];
            ck_assert(!bytes_hold(values, COUNT));
            values[at] = kept;
        }
}
END_TEST

/* ---- the same bits ---- */

static struct device_data *samples_upload(bool images, bool gathered, const struct scale *used)
{
    const struct data_source source = {.samples = SAMPLES,
                                       .features = FEATURES,
                                       .x = x,
                                       .labels = labels,
                                       .scale = used,
                                       .images = images,
                                       .gathered = gathered};
    struct device_data *data;
    ck_ok(backend->data_create(device, &source, &data));
    return data;
}

/* All batches of two epochs in training, then the outputs of an evaluation. */
static void train(const struct device_data *data, float *trained, float *outputs)
{
    const struct update_rule update = {.learning_rate = 0.1f};
    struct workspace *workspace = workspace_open(&network, BATCH, 1, true);
    ck_ok(backend->parameters_upload(workspace, parameters));
    for (uint32_t batch = 0; batch < 8; batch++) {
        const size_t first = batch % 4 * BATCH;
        const size_t count = first + BATCH < SAMPLES ? BATCH : SAMPLES - first;
        const struct step step = {.backend = backend,
                                  .workspace = workspace,
                                  .network = &network,
                                  .data = data,
                                  .first = first,
                                  .count = count,
                                  .loss = {.delta_factor = 1.0f / BATCH}};
        ck_ok(step_forward(&step));
        ck_ok(step_backward(&step));
        ck_ok(step_update(&step, false, &update));
    }
    ck_ok(backend->parameters_download(workspace, trained));
    backend->workspace_destroy(workspace);
    workspace = workspace_open(&network, BATCH, 1, false);
    ck_ok(backend->parameters_upload(workspace, trained));
    ck_ok(backend->batch_gather(workspace, data, 5, BATCH - 3, NULL));
    ck_ok(backend->dense_forward(workspace, 0));
    ck_ok(backend->dense_forward(workspace, 1));
    ck_ok(backend->tensor_download(workspace, TENSOR_ACTIVATION, 1, outputs));
    backend->workspace_destroy(workspace);
}

/* Trained in a new order, or the file's, from `one` and from `two`: the same bits. */
static void check_same(struct device_data *one, struct device_data *two, bool shuffled)
{
    float trained[2][1024] = {{0}}, outputs[2][BATCH * CLASSES] = {{0}};
    uint32_t order[SAMPLES];
    random_permutation((struct random_stream){3, RANDOM_CHECK, 0}, order, SAMPLES);
    if (shuffled) {
        ck_ok(backend->order_upload(one, order));
        ck_ok(backend->order_upload(two, order));
    }
    train(one, trained[0], outputs[0]);
    train(two, trained[1], outputs[1]);
    ck_assert_mem_eq(trained[0], trained[1], network.parameter_count * sizeof(float));
    ck_assert_mem_eq(outputs[0], outputs[1], sizeof outputs[0]);
    ck_assert_mem_ne(trained[0], parameters, network.parameter_count * sizeof(float));
    backend->data_destroy(one);
    backend->data_destroy(two);
}

START_TEST(rows_are_the_same_bits)
{
    check_same(samples_upload(false, false, &scale), samples_upload(false, true, &scale), true);
    check_same(samples_upload(false, false, NULL), samples_upload(false, true, NULL), true);
    check_same(samples_upload(false, false, &scale), samples_upload(false, true, &scale), false);
}
END_TEST

/* Floats because of one number in the last sample, which is in none of the batches. */
START_TEST(images_are_the_same_bits)
{
    const struct augmentation augmentation = {
        .height = HEIGHT, .width = WIDTH, .channels = 1, .shift = 2, .flip = true, .erase = 3};
    struct device_data *bytes = samples_upload(true, true, &scale);
    const float kept = x[(SAMPLES - 1) * FEATURES];
    x[(SAMPLES - 1) * FEATURES] = 0.5f;
    struct device_data *floats = samples_upload(true, true, &scale);
    x[(SAMPLES - 1) * FEATURES] = kept;
    float rows[2][BATCH * FEATURES];
    struct workspace *workspace;
    const struct workspace_plan plan = {.network = &network,
                                        .batch = BATCH,
                                        .slots = 1,
                                        .training = true,
                                        .augmentation = augmentation};
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    for (uint32_t batch = 0; batch < 3; batch++) {
        const struct batch_draw draw = {.seed = 3, .epoch = 1, .batch = batch};
        ck_ok(backend->batch_gather(workspace, bytes, batch * BATCH, BATCH, &draw));
        ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, rows[0]));
        ck_ok(backend->batch_gather(workspace, floats, batch * BATCH, BATCH, &draw));
        ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, rows[1]));
        ck_assert_mem_eq(rows[0], rows[1], sizeof rows[0]);
        ck_ok(backend->batch_gather(workspace, bytes, batch * BATCH, BATCH, NULL));
        ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, rows[1]));
        ck_assert_mem_ne(rows[0], rows[1], sizeof rows[0]);
    }
    backend->workspace_destroy(workspace);
    backend->data_destroy(bytes);
    backend->data_destroy(floats);
}
END_TEST

/* A smaller batch after a full one, evaluated: what is beyond it is as if there had been none. */
static void check_padding(struct device_data *data)
{
    float rows[BATCH * FEATURES];
    int32_t classes[BATCH];
    struct workspace *workspace = workspace_open(&network, BATCH, 1, false);
    ck_ok(backend->batch_gather(workspace, data, 5, BATCH, NULL));
    ck_ok(backend->batch_gather(workspace, data, 9, BATCH - 3, NULL));
    ck_ok(buffer_download(opencl_from(device), workspace->x, workspace->x_offset, rows,
                          BATCH * FEATURES));
    ck_ok(buffer_download(opencl_from(device), workspace->labels, workspace->labels_first, classes,
                          BATCH));
    for (size_t i = 0; i < BATCH * FEATURES; i++)
        ck_assert((rows[i] == 0.0f) == (i / FEATURES >= BATCH - 3));
    for (size_t i = 0; i < BATCH; i++)
        ck_assert_int_eq(classes[i], i < BATCH - 3 ? labels[9 + i] : 0);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}

START_TEST(rows_beyond_the_batch_are_zeros)
{
    if (strcmp(backend->name, "cpu") == 0)
        return;
    check_padding(samples_upload(false, false, &scale));
    check_padding(samples_upload(false, true, &scale));
}
END_TEST

/* ---- what lies on the device ---- */

/* Bytes that data take there beyond those before; 0 on the CPU, which does not count. */
static uint64_t bytes_of(bool gathered)
{
    const uint64_t before = device->peak_bytes;
    backend->data_destroy(samples_upload(false, gathered, &scale));
    return device->peak_bytes - before;
}

/* Labels, order, weights and the scale lie beside the samples. What is smaller than what was there
 * before leaves the peak as it is. */
START_TEST(a_quarter_of_the_memory)
{
    const uint64_t rest = 3 * sizeof(uint32_t) * SAMPLES + 2 * sizeof(float) * FEATURES;
    if (strcmp(backend->name, "cpu") == 0)
        return;
    const uint64_t bytes = bytes_of(true);
    ck_assert_uint_eq(bytes, (SAMPLES * FEATURES + 3) / 4 * 4 + rest);
    x[SAMPLES * FEATURES - 1] = 0.5f; /* floats, one and all */
    ck_assert_uint_eq(bytes_of(true) + bytes, SAMPLES * FEATURES * sizeof(float) + rest);
    x[SAMPLES * FEATURES - 1] = 1.0f; /* bytes again, but a batch may be a slice of them */
    ck_assert_uint_eq(bytes_of(false), 0);
}
END_TEST

/* Where floats are too many for a buffer, batches in file order are gathered from bytes. */
START_TEST(bytes_where_floats_do_not_fit)
{
    if (strcmp(backend->name, "cpu") == 0)
        return;
    struct opencl_device *opencl = opencl_from(device);
    const size_t most = opencl->base.largest_buffer;
    struct device_data *floats = samples_upload(false, false, &scale);
    opencl->base.largest_buffer = SAMPLES * FEATURES * sizeof(float) - 1;
    struct device_data *bytes = samples_upload(false, false, &scale);
    opencl->base.largest_buffer = most;
    check_same(floats, bytes, false);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, samples_open, samples_close);
    tcase_add_test(tests, bytes_hold_bytes_alone);
    tcase_add_test(tests, rows_are_the_same_bits);
    tcase_add_test(tests, images_are_the_same_bits);
    tcase_add_test(tests, rows_beyond_the_batch_are_zeros);
    tcase_add_test(tests, a_quarter_of_the_memory);
    tcase_add_test(tests, bytes_where_floats_do_not_fit);
}

int main(void)
{
    Suite *suite = suite_create("byte_samples");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
