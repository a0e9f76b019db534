/* Tests samples that stay on the host and reach a device batch by batch: every batch must have the
 * bits that it has when all samples are on the device. */
#include "opencl/opencl_data.h"
#include "whole_step.h"

enum { HEIGHT = 6, WIDTH = 7, FEATURES = HEIGHT * WIDTH, SAMPLES = 83, CLASSES = 3, BATCH = 16 };
enum { BLOCK = 24 }; /* samples in a batch of the evaluation */

static struct network network;
static struct scale scale;
static float x[SAMPLES * FEATURES];         /* [N][D] */
static uint8_t x_bytes[SAMPLES * FEATURES]; /* [N][D] */
static int32_t labels[SAMPLES];
static float targets[SAMPLES * CLASSES], weights[SAMPLES];
static float parameters[1024];
static uint32_t orders[2][SAMPLES];

static void samples_open(void)
{
    static const size_t widths[] = {FEATURES, 9, CLASSES};
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    ck_assert_uint_le(network.parameter_count, sizeof parameters / sizeof *parameters);
    fill(parameters, network.parameter_count, 1, -1.0f, 1.0f);
    ck_ok(scale_init(&scale, FEATURES));
    fill(scale.mean, FEATURES, 2, 100.0f, 150.0f);
    fill(scale.std, FEATURES, 3, 50.0f, 90.0f);
    fill(targets, SAMPLES * CLASSES, 4, 0.0f, 1.0f);
    fill(weights, SAMPLES, 5, 0.5f, 2.0f);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)(i * 7 % 5 % CLASSES);
    for (uint32_t i = 0; i < 2; i++)
        random_permutation((struct random_stream){3, RANDOM_CHECK, i}, orders[i], SAMPLES);
}

static void samples_close(void)
{
    scale_reset(&scale);
    network_reset(&network);
}

/* ---- what is streamed ---- */

/* One bit for each property of a data set. */
enum {
    OF_BYTES = 1,   /* all numbers are bytes */
    AS_BYTES = 2,   /* the source has bytes */
    SCALED = 4,     /* batches are standardized */
    IMAGES = 8,     /* images that training changes */
    DENSE = 16,     /* targets besides labels */
    WEIGHTED = 32,  /* sample weights */
    UNLABELED = 64, /* no labels */
    GATHERED = 128, /* batches are always copied */
    KINDS = 256
};

static bool kind_exists(int kind)
{
    return (kind & AS_BYTES) == 0 || (kind & OF_BYTES) != 0;
}

static void samples_make(int kind)
{
    const struct random_stream stream = {9, RANDOM_CHECK, 0};
    for (size_t i = 0; i < SAMPLES * FEATURES; i++) {
        x_bytes[i] = (uint8_t)random_bits(stream, i);
        x[i] = (float)x_bytes[i] + ((kind & OF_BYTES) != 0 ? 0.0f : 0.25f);
    }
}

static struct data_source source_of(int kind, bool streamed)
{
    const bool bytes = streamed && (kind & AS_BYTES) != 0;
    return (struct data_source){.samples = SAMPLES,
                                .features = FEATURES,
                                .x = bytes ? NULL : x,
                                .x_bytes = bytes ? x_bytes : NULL,
                                .labels = (kind & UNLABELED) != 0 ? NULL : labels,
                                .scale = (kind & SCALED) != 0 ? &scale : NULL,
                                .targets = (kind & DENSE) != 0 ? targets : NULL,
                                .target_count = (kind & DENSE) != 0 ? CLASSES : 0,
                                .weights = (kind & WEIGHTED) != 0 ? weights : NULL,
                                .images = (kind & IMAGES) != 0,
                                .gathered = (kind & GATHERED) != 0,
                                .streamed = streamed,
                                .largest = BLOCK};
}

static struct device_data *data_of(const struct data_source *source)
{
    struct device_data *data;
    ck_ok(backend->data_create(device, source, &data));
    return data;
}

/* ---- the same bits ---- */

static struct workspace *workspace_of(int kind, bool training)
{
    const struct workspace_plan plan = {
        .network = &network,
        .batch = training ? BATCH : BLOCK,
        .slots = 1,
        .training = training,
        .products = device_products,
        .targets = {.dense = (kind & (DENSE | WEIGHTED)) != 0, .share = 0.75f, .spread = 0.125f},
        .augmentation = {.height = HEIGHT,
                         .width = WIDTH,
                         .channels = 1,
                         .shift = (kind & IMAGES) != 0 ? 2 : 0,
                         .flip = (kind & IMAGES) != 0,
                         .dropout = 0.1f}};
    struct workspace *workspace;
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_ok(backend->parameters_upload(workspace, parameters));
    return workspace;
}

/* What a batch gives. */
struct outcome {
    float x[BLOCK * FEATURES], y[BLOCK * CLASSES], weight[BLOCK];
    struct batch_metrics metrics;
};

static void batch_run(struct workspace *workspace, const struct device_data *data, int kind,
                      size_t first, size_t count, const struct batch_draw *draw,
                      struct outcome *outcome)
{
    const struct loss_rule rule = {.delta_factor = 1.0f};
    memset(outcome, 0, sizeof *outcome);
    ck_ok(backend->batch_gather(workspace, data, first, count, draw));
    ck_ok(backend->dense_forward(workspace, 0));
    ck_ok(backend->dense_forward(workspace, 1));
    ck_ok(backend->output_delta(workspace, &rule, 0));
    ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, outcome->x));
    ck_ok(backend->metrics_download(workspace, 1, &outcome->metrics));
    if ((kind & (DENSE | WEIGHTED)) == 0)
        return;
    ck_ok(backend->tensor_download(workspace, TENSOR_TARGET, 0, outcome->y));
    ck_ok(backend->tensor_download(workspace, TENSOR_SAMPLE_WEIGHT, 0, outcome->weight));
}

struct pair {
    int kind;
    struct device_data *resident, *streamed;
    struct workspace *training, *evaluation;
};

static void batch_compare(const struct pair *pair, bool training, size_t first, size_t count)
{
    static struct outcome want, got;
    const struct batch_draw draw = {.seed = 5, .epoch = 2, .batch = (uint32_t)first};
    struct workspace *workspace = training ? pair->training : pair->evaluation;
    batch_run(workspace, pair->resident, pair->kind, first, count, training ? &draw : NULL, &want);
    batch_run(workspace, pair->streamed, pair->kind, first, count, training ? &draw : NULL, &got);
    ck_assert_msg(memcmp(&want, &got, sizeof want) == 0,
                  "kind %d: samples %zu .. %zu differ in %s: %a and %a", pair->kind, first,
                  first + count - 1, training ? "training" : "evaluation", (double)want.x[0],
                  (double)got.x[0]);
}

static void epoch_compare(const struct pair *pair, bool training)
{
    const size_t most = training ? BATCH : BLOCK;
    for (size_t first = 0; first < SAMPLES; first += most)
        batch_compare(pair, training, first, size_min(most, SAMPLES - first));
}

static void order_set(const struct pair *pair, const uint32_t *order)
{
    ck_ok(backend->order_upload(pair->resident, order));
    ck_ok(backend->order_upload(pair->streamed, order));
}

static void kind_compare(int kind)
{
    samples_make(kind);
    const struct data_source resident = source_of(kind, false), streamed = source_of(kind, true);
    const struct pair pair = {.kind = kind,
                              .resident = data_of(&resident),
                              .streamed = data_of(&streamed),
                              .training = workspace_of(kind, true),
                              .evaluation = workspace_of(kind, false)};
    epoch_compare(&pair, true);
    epoch_compare(&pair, false);
    order_set(&pair, orders[0]);
    epoch_compare(&pair, true);
    batch_compare(&pair, true, 3, 5);   /* neither is the batch that follows */
    batch_compare(&pair, true, 8, 7);   /* larger than the one before */
    batch_compare(&pair, true, 8, 4);   /* again, and smaller */
    batch_compare(&pair, false, 12, 9); /* by another workspace */
    order_set(&pair, orders[1]);        /* after the next batch was staged */
    batch_compare(&pair, true, 21, 9);
    order_set(&pair, NULL);
    epoch_compare(&pair, false);
    backend->workspace_destroy(pair.training);
    backend->workspace_destroy(pair.evaluation);
    backend->data_destroy(pair.streamed);
    backend->data_destroy(pair.resident);
}

START_TEST(every_batch_has_the_bits_of_resident_samples)
{
    for (int kind = _i; kind < KINDS; kind += 8)
        if (kind_exists(kind))
            kind_compare(kind);
}
END_TEST

/* Resident samples may come as bytes, too. */
START_TEST(bytes_may_be_resident)
{
    const int kinds[] = {OF_BYTES, OF_BYTES | SCALED, OF_BYTES | SCALED | IMAGES};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        samples_make(kinds[i]);
        const struct data_source floats = source_of(kinds[i], false);
        struct data_source bytes = source_of(kinds[i] | AS_BYTES, true);
        bytes.streamed = false;
        const struct pair pair = {.kind = kinds[i],
                                  .resident = data_of(&floats),
                                  .streamed = data_of(&bytes),
                                  .training = workspace_of(kinds[i], true),
                                  .evaluation = workspace_of(kinds[i], false)};
        order_set(&pair, orders[0]);
        epoch_compare(&pair, true);
        order_set(&pair, NULL);
        epoch_compare(&pair, true);
        epoch_compare(&pair, false);
        backend->workspace_destroy(pair.training);
        backend->workspace_destroy(pair.evaluation);
        backend->data_destroy(pair.streamed);
        backend->data_destroy(pair.resident);
    }
}
END_TEST

/* ---- the order of copies and kernels ---- */

struct race {
    size_t features, hidden, samples, batch;
};

/* Runs an epoch without waiting for the device. `trained` receives the parameters. */
static void epoch_train(const struct network *wide, const struct race *race,
                        const struct device_data *data, float *trained)
{
    const struct update_rule update = {.learning_rate = 0.01f};
    struct workspace *workspace = workspace_open(wide, race->batch, 1, true);
    fill(trained, wide->parameter_count, 1, -0.05f, 0.05f);
    ck_ok(backend->parameters_upload(workspace, trained));
    for (size_t first = 0; first < race->samples; first += race->batch) {
        const struct step step = {.backend = backend,
                                  .workspace = workspace,
                                  .network = wide,
                                  .data = data,
                                  .first = first,
                                  .count = race->batch,
                                  .loss = {.delta_factor = 1.0f / (float)race->batch}};
        ck_ok(step_forward(&step));
        ck_ok(step_backward(&step));
        ck_ok(step_update(&step, false, &update));
    }
    ck_ok(backend->parameters_download(workspace, trained));
    backend->workspace_destroy(workspace);
}

/* In the first race, kernels take much longer than copies, so a copy must not overwrite a batch
 * that is still in use. In the second race, copies take longer, so kernels must wait for them. */
START_TEST(copies_and_kernels_keep_their_order)
{
    static const struct race races[] = {{40, 700, 64 * 20, 64}, {60000, 2, 64 * 6, 64}};
    const struct race *race = &races[_i];
    const size_t widths[] = {race->features, race->hidden, race->hidden, CLASSES};
    const size_t count = race->samples * race->features;
    struct network wide;
    ck_ok(network_init(&wide, widths, 3, WEFT_HEAD_SOFTMAX, true));
    float *values = memory_of(count, sizeof *values);
    int32_t *classes = memory_of(race->samples, sizeof *classes);
    float *want = memory_of(wide.parameter_count, sizeof *want);
    float *got = memory_of(wide.parameter_count, sizeof *got);
    fill(values, count, 7, -1.0f, 1.0f);
    for (size_t i = 0; i < race->samples; i++)
        classes[i] = (int32_t)(i * 7 % 5 % CLASSES);
    struct data_source source = {.samples = race->samples,
                                 .features = race->features,
                                 .x = values,
                                 .labels = classes,
                                 .gathered = true,
                                 .largest = race->batch};
    struct device_data *resident = data_of(&source);
    source.streamed = true;
    struct device_data *streamed = data_of(&source);
    epoch_train(&wide, race, resident, want);
    for (int i = 0; i < 3; i++) {
        epoch_train(&wide, race, streamed, got);
        ck_assert_mem_eq(want, got, wide.parameter_count * sizeof *want);
    }
    backend->data_destroy(streamed);
    backend->data_destroy(resident);
    network_reset(&wide);
    free(values);
    free(classes);
    free(want);
    free(got);
}
END_TEST

/* ---- memory ---- */

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* The pinned memory of a batch: its arrays, each at a multiple of 64 bytes. */
static size_t pinned_bytes(int kind, size_t row)
{
    const size_t column = BLOCK * sizeof(float);
    return aligned(BLOCK * row) + ((kind & UNLABELED) != 0 ? 0 : aligned(column)) +
           ((kind & WEIGHTED) != 0 ? aligned(column) : 0) +
           ((kind & DENSE) != 0 ? aligned(CLASSES * column) : 0);
}

/* The device holds two batches, and the order within a batch. */
START_TEST(staging_is_counted_to_the_byte)
{
    for (int kind = _i; kind < KINDS; kind += 8) {
        struct memory_counts counts = {.host = {.largest = 0}};
        samples_make(kind);
        const struct data_source source = source_of(kind, true);
        if (!kind_exists(kind))
            continue;
        ck_ok(backend->data_count(device, &source, &counts));
        const size_t before = device->info.opencl ? opencl_from(device)->allocated : 0;
        struct device_data *data = data_of(&source);
        const size_t after = device->info.opencl ? opencl_from(device)->allocated : 0;
        const bool bytes = device->info.opencl && (kind & OF_BYTES) != 0;
        const size_t row = FEATURES * (bytes ? 1 : sizeof(float)) + 2 * sizeof(float) +
                           ((kind & DENSE) != 0 ? CLASSES * sizeof(float) : 0);
        const bool late = (kind & (SCALED | IMAGES)) != 0 || bytes || (kind & AS_BYTES) != 0;
        const size_t statistics = late ? 2 * FEATURES * sizeof(float) : 0;
        /* Pinned memory has no labels or weights if all are the same. */
        const size_t pinned = pinned_bytes(kind, FEATURES * (bytes ? 1 : sizeof(float)));
        ck_assert_uint_eq(memory_count_total(&counts.device), after - before);
        if (device->info.opencl)
            ck_assert_uint_eq(after - before, statistics + BLOCK * (2 * row + sizeof(uint32_t)));
        ck_assert_uint_eq(memory_count_total(&counts.host),
                          device->info.opencl ? 2 * pinned : statistics);
        backend->data_destroy(data);
    }
}
END_TEST

/* Of an order, only the samples that are taken are read: the places behind them may hold anything.
 */
START_TEST(nothing_behind_the_taken_samples_is_read)
{
    uint32_t order[SAMPLES];
    samples_make(0);
    struct data_source source = source_of(0, true);
    source.taken = 2 * BATCH;
    struct device_data *data = data_of(&source);
    struct workspace *workspace = workspace_of(0, true);
    struct outcome outcome;
    for (size_t i = 0; i < SAMPLES; i++)
        order[i] = i < source.taken ? (uint32_t)i : UINT32_MAX;
    for (int epoch = 0; epoch < 2; epoch++) {
        ck_ok(backend->order_upload(data, order));
        for (size_t first = 0; first < source.taken; first += BATCH) {
            batch_run(workspace, data, 0, first, BATCH, NULL, &outcome);
            ck_assert_mem_eq(outcome.x, x + first * FEATURES, BATCH * FEATURES * sizeof *x);
        }
    }
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, samples_open, samples_close);
    tcase_add_loop_test(tests, every_batch_has_the_bits_of_resident_samples, 0, 8);
    tcase_add_test(tests, bytes_may_be_resident);
    tcase_add_test(tests, nothing_behind_the_taken_samples_is_read);
    tcase_add_loop_test(tests, copies_and_kernels_keep_their_order, 0, 2);
    tcase_add_loop_test(tests, staging_is_counted_to_the_byte, 0, 8);
}

int main(void)
{
    Suite *suite = suite_create("streamed");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
