/* Tests how both backends make batches: standardized data, orders, views, and the zero-padded
 * blocks of evaluation. In such a block, the result for a sample depends only on the sample. */
#include <stdint.h>

#include "train/pass.h"
#include "whole_step.h"

enum { SAMPLES = 20, FEATURES = 13, CLASSES = 4, BATCH = 8 };

static struct network network;
static float x[SAMPLES * FEATURES]; /* [N][D] */
static int32_t labels[SAMPLES];     /* [N] */
static float parameters[256];

static void network_open(void)
{
    static const size_t widths[] = {FEATURES, 9, CLASSES};
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    ck_assert_uint_le(network.parameter_count, sizeof parameters / sizeof *parameters);
    fill(parameters, network.parameter_count, 1, -1.0f, 1.0f);
    fill(x, SAMPLES * FEATURES, 0, -1.0f, 1.0f);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)(i % CLASSES);
}

static void network_close(void)
{
    network_reset(&network);
}

static struct workspace *batches_open(bool training)
{
    struct workspace *workspace = workspace_open(&network, BATCH, 2, training);
    ck_ok(backend->parameters_upload(workspace, parameters));
    return workspace;
}

/* ---- what is in a batch ---- */

/* The batch first .. first + count - 1 holds the samples expected [count]; nothing is written
 * behind its rows. */
static void check_input(struct workspace *workspace, const struct device_data *data, size_t first,
                        size_t count, const uint32_t *expected)
{
    float rows[(BATCH + 1) * FEATURES];
    memset(rows, 0x55, sizeof rows);
    ck_ok(backend->batch_gather(workspace, data, first, count, NULL));
    ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, rows));
    for (size_t i = 0; i < count; i++)
        ck_assert_mem_eq(rows + i * FEATURES, x + expected[i] * FEATURES, FEATURES * sizeof *x);
    const unsigned char *behind = (const unsigned char *)(rows + count * FEATURES);
    for (size_t i = 0; i < (BATCH + 1 - count) * FEATURES * sizeof *rows; i++)
        ck_assert_uint_eq(behind[i], 0x55);
}

START_TEST(batches_follow_the_order)
{
    uint32_t reversed[SAMPLES];
    for (uint32_t i = 0; i < SAMPLES; i++)
        reversed[i] = SAMPLES - 1 - i;
    struct workspace *workspace = batches_open(_i == 1);
    struct device_data *data = data_open(SAMPLES, FEATURES, x, labels);
    check_input(workspace, data, 17, 3, (uint32_t[]){17, 18, 19});
    ck_ok(backend->order_upload(data, reversed));
    memset(reversed, 0, sizeof reversed); /* the order was copied */
    check_input(workspace, data, 0, 8, (uint32_t[]){19, 18, 17, 16, 15, 14, 13, 12});
    check_input(workspace, data, 18, 2, (uint32_t[]){1, 0});
    ck_ok(backend->order_upload(data, NULL));
    check_input(workspace, data, 18, 2, (uint32_t[]){18, 19});
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}
END_TEST

START_TEST(data_are_standardized_once)
{
    struct scale scale;
    float raw[SAMPLES * FEATURES], rows[BATCH * FEATURES];
    ck_ok(scale_init(&scale, FEATURES));
    for (size_t j = 0; j < FEATURES; j++) {
        scale.mean[j] = (float)j;
        scale.std[j] = 0.5f;
    }
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        raw[i] = (float)(i % FEATURES) + 0.25f * (float)(i / FEATURES);
    struct workspace *workspace = batches_open(true);
    const struct data_source source = {
        .samples = SAMPLES, .features = FEATURES, .x = raw, .labels = labels, .scale = &scale};
    struct device_data *data;
    ck_ok(backend->data_create(device, &source, &data));
    memset(raw, 0, sizeof raw); /* the data were copied */
    ck_ok(backend->batch_gather(workspace, data, 4, 2, NULL));
    ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, rows));
    for (size_t j = 0; j < FEATURES; j++) {
        ck_assert(rows[j] == 2.0f);            /* 0.25 * 4 / 0.5 */
        ck_assert(rows[FEATURES + j] == 2.5f); /* 0.25 * 5 / 0.5 */
    }
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    scale_reset(&scale);
}
END_TEST

/* A whole step of samples first .. first + count - 1 of `data`. */
static struct batch_metrics train_batch(const struct device_data *data, size_t first, size_t count,
                                        float *gradient)
{
    struct batch_metrics metrics;
    struct workspace *workspace = batches_open(true);
    const struct step step = {.backend = backend,
                              .workspace = workspace,
                              .network = &network,
                              .data = data,
                              .first = first,
                              .count = count,
                              .loss = {.delta_factor = 0.125f}};
    ck_ok(step_forward(&step));
    ck_ok(step_backward(&step));
    gradient_download(workspace, &network, gradient);
    ck_ok(backend->metrics_download(workspace, 1, &metrics));
    backend->workspace_destroy(workspace);
    return metrics;
}

/* A batch of an order is the same, bit for bit, as those samples laid side by side. */
START_TEST(shuffled_is_as_gathered_by_hand)
{
    float rows[BATCH * FEATURES], shuffled[256], by_hand[256];
    int32_t row_labels[BATCH];
    uint32_t order[SAMPLES];
    const size_t first = 5;
    random_permutation((struct random_stream){3, RANDOM_CHECK, 0}, order, SAMPLES);
    for (size_t i = 0; i < BATCH; i++) {
        const size_t sample = order[first + i];
        memcpy(rows + i * FEATURES, x + sample * FEATURES, FEATURES * sizeof *x);
        row_labels[i] = labels[sample];
    }
    struct device_data *all = data_open(SAMPLES, FEATURES, x, labels);
    struct device_data *few = data_open(BATCH, FEATURES, rows, row_labels);
    ck_ok(backend->order_upload(all, order));
    const struct batch_metrics one = train_batch(all, first, BATCH, shuffled);
    const struct batch_metrics two = train_batch(few, 0, BATCH, by_hand);
    ck_assert_mem_eq(shuffled, by_hand, network.parameter_count * sizeof(float));
    ck_assert(one.loss == two.loss && one.correct == two.correct);
    ck_assert(one.loss > 1.0f);
    train_batch(all, first + 1, BATCH, shuffled); /* other samples, other numbers */
    ck_assert_mem_ne(shuffled, by_hand, network.parameter_count * sizeof(float));
    backend->data_destroy(all);
    backend->data_destroy(few);
}
END_TEST

/* ---- evaluation ---- */

/* Evaluates first .. first + count - 1; p [count][C]. */
static struct batch_metrics evaluate(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t count, float *p)
{
    struct batch_metrics metrics;
    const struct step step = {.backend = backend,
                              .workspace = workspace,
                              .network = &network,
                              .data = data,
                              .first = first,
                              .count = count,
                              .loss = {.delta_factor = 1.0f}};
    ck_ok(step_forward(&step));
    ck_ok(backend->output_probabilities(workspace, false));
    ck_ok(backend->tensor_download(workspace, TENSOR_PROBABILITY, 0, p));
    ck_ok(backend->metrics_download(workspace, 1, &metrics));
    return metrics;
}

START_TEST(padding_is_not_judged)
{
    float p[BATCH * CLASSES];
    struct workspace *workspace = batches_open(false);
    struct device_data *data = data_open(SAMPLES, FEATURES, x, labels);
    const struct batch_metrics metrics = evaluate(workspace, data, 5, 3, p);
    double loss = 0.0;
    uint32_t correct = 0;
    for (size_t i = 0; i < 3; i++) {
        const float *row = p + i * CLASSES; /* [C] */
        const size_t label = (size_t)labels[5 + i];
        bool largest = true;
        for (size_t j = 0; j < CLASSES; j++)
            largest = largest && row[j] <= row[label];
        loss -= log((double)row[label]);
        correct += largest ? 1 : 0;
    }
    ck_assert_double_eq_tol((double)metrics.loss, loss, 1e-5);
    ck_assert_uint_eq(metrics.correct, correct);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}
END_TEST

/* Row 2 of a block keeps its bits whoever stands in the other rows, and however many they are. */
START_TEST(company_changes_nothing)
{
    float others[SAMPLES * FEATURES], all[BATCH * CLASSES], few[BATCH * CLASSES],
        different[BATCH * CLASSES];
    fill(others, SAMPLES * FEATURES, 3, -1.0f, 1.0f);
    memcpy(others + 2 * FEATURES, x + 2 * FEATURES, FEATURES * sizeof *x);
    struct workspace *workspace = batches_open(false);
    struct device_data *data = data_open(SAMPLES, FEATURES, x, labels);
    struct device_data *mixed = data_open(SAMPLES, FEATURES, others, labels);
    const size_t bytes = CLASSES * sizeof(float);

    evaluate(workspace, data, 0, BATCH, all);
    evaluate(workspace, mixed, 0, BATCH, different);
    ck_assert_mem_eq(all + 2 * CLASSES, different + 2 * CLASSES, bytes);
    ck_assert_mem_ne(all + 3 * CLASSES, different + 3 * CLASSES, bytes);
    evaluate(workspace, data, 0, 3, few); /* the rest is padding, not the last batch's rows */
    ck_assert_mem_eq(all, few, 3 * bytes);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    backend->data_destroy(mixed);
}
END_TEST

/* Evaluation may have products of its own; widths that fill no tile, a batch that fills no block.
 */
START_TEST(evaluation_is_as_the_reference)
{
    static const struct whole_case of = {
        "evaluation", {93, 64, 33, 17, 7}, 4, 101, WEFT_HEAD_SOFTMAX, true, 0.0, 0.0, 0.5f, true};
    struct whole whole;
    struct batch_metrics metrics;
    whole_create(&of, &whole);
    whole_reference(&whole);
    struct workspace *workspace = workspace_open(&whole.network, of.batch + 2, 1, false);
    struct device_data *data = data_open(of.batch, of.widths[0], whole.x, whole.labels);
    const struct step step = {.backend = backend,
                              .workspace = workspace,
                              .network = &whole.network,
                              .data = data,
                              .count = of.batch,
                              .loss = {.delta_factor = 1.0f}};
    float a[101 * 64];
    const double tolerance = whole_tolerance(&whole);
    ck_ok(backend->parameters_upload(workspace, whole.parameters));
    ck_ok(step_forward(&step));
    for (size_t l = 0; l < of.layers; l++) {
        ck_ok(backend->tensor_download(workspace, TENSOR_ACTIVATION, l, a));
        assert_close(of.name, "a", l, a, whole.want.a[l], of.batch * of.widths[l + 1], tolerance);
    }
    ck_ok(backend->metrics_download(workspace, 1, &metrics));
    assert_close(of.name, "loss", 0, &metrics.loss, &whole.want.loss, 1, tolerance);
    ck_assert_uint_eq(metrics.correct, whole.want.correct);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    whole_destroy(&whole);
}
END_TEST

/* ---- metrics ---- */

START_TEST(slots_hold_what_ran)
{
    float p[BATCH * CLASSES];
    struct workspace *workspace = batches_open(true);
    struct device_data *data = data_open(SAMPLES, FEATURES, x, labels);
    struct batch_metrics metrics[2];
    ck_ok(backend->penalty_terms(workspace, 1));
    ck_ok(backend->metrics_download(workspace, 2, metrics));
    ck_assert(metrics[0].weight_abs == 0.0f && metrics[1].weight_abs > 1.0f);
    metrics[0] = evaluate(workspace, data, 0, BATCH, p);
    ck_assert(metrics[0].loss > 1.0f && metrics[0].weight_squares == 0.0f);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}
END_TEST

/* ---- a pass in blocks ---- */

enum { WIDE = 93, MOST = 3000, BLOCKED_CLASSES = 10 };

/* z and p of `n` samples `rows` [n][D], block by block. */
static void outputs_of(struct pass *pass, const float *rows, size_t n, float *z, float *p)
{
    struct device_data *data = data_open(n, WIDE, rows, NULL);
    for (size_t first = 0; first < n; first += PASS_BLOCK) {
        const size_t count = n - first < PASS_BLOCK ? n - first : PASS_BLOCK;
        ck_ok(pass_outputs(pass, data, first, count, false, z + first * BLOCKED_CLASSES,
                           p + first * BLOCKED_CLASSES, NULL));
    }
    backend->data_destroy(data);
}

/* Outputs of 1, 7, 1024, 1025 and 3000 samples in random places and company, against those in
 * file order: the same bits. */
static void check_permuted(struct pass *pass, const float *rows, const float *z, const float *p,
                           size_t n, uint64_t seed)
{
    uint32_t *order = memory_of(MOST, sizeof *order);
    float *chosen = memory_of(n * WIDE, sizeof *chosen);
    float *got_z = memory_of(n * BLOCKED_CLASSES, sizeof *got_z);
    float *got_p = memory_of(n * BLOCKED_CLASSES, sizeof *got_p);
    random_permutation((struct random_stream){seed, RANDOM_CHECK, 9}, order, MOST);
    for (size_t i = 0; i < n; i++)
        memcpy(chosen + i * WIDE, rows + order[i] * WIDE, WIDE * sizeof *rows);
    outputs_of(pass, chosen, n, got_z, got_p);
    for (size_t i = 0; i < n * BLOCKED_CLASSES; i++) {
        const size_t from = order[i / BLOCKED_CLASSES] * BLOCKED_CLASSES + i % BLOCKED_CLASSES;
        ck_assert_msg(memcmp(&got_z[i], &z[from], sizeof *z) == 0 &&
                          memcmp(&got_p[i], &p[from], sizeof *p) == 0,
                      "%zu samples: sample %u at place %zu: z %.9g, p %.9g; in file order %.9g, "
                      "%.9g",
                      n, (unsigned)order[i / BLOCKED_CLASSES], i / BLOCKED_CLASSES,
                      (double)got_z[i], (double)got_p[i], (double)z[from], (double)p[from]);
    }
    free(order);
    free(chosen);
    free(got_z);
    free(got_p);
}

START_TEST(neither_company_nor_place_matter)
{
    static const size_t counts[] = {1, 1, 7, 7, 1024, 1025, 3000};
    static const size_t widths[] = {WIDE, 50, BLOCKED_CLASSES};
    struct network wide;
    struct pass pass;
    ck_ok(network_init(&wide, widths, 2, (enum weft_head)_i, true));
    float *rows = memory_of(MOST * WIDE, sizeof *rows);
    float *wide_parameters = memory_of(wide.parameter_count, sizeof *wide_parameters);
    float *z = memory_of(MOST * BLOCKED_CLASSES, sizeof *z);
    float *p = memory_of(MOST * BLOCKED_CLASSES, sizeof *p);
    fill(rows, MOST * WIDE, 4, -2.0f, 2.0f);
    fill(wide_parameters, wide.parameter_count, 5, -1.0f, 1.0f);
    ck_ok(pass_init(&pass, device, &wide, MOST, WEFT_GEMM_AUTO));
    ck_ok(pass_parameters(&pass, wide_parameters));
    outputs_of(&pass, rows, MOST, z, p);
    ck_assert_mem_ne(z, z + BLOCKED_CLASSES, BLOCKED_CLASSES * sizeof *z);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        check_permuted(&pass, rows, z, p, counts[i], i);
    pass_reset(&pass);
    free(rows);
    free(wide_parameters);
    free(z);
    free(p);
    network_reset(&wide);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, network_open, network_close);
    tcase_add_loop_test(tests, batches_follow_the_order, 0, 2);
    tcase_add_test(tests, data_are_standardized_once);
    tcase_add_test(tests, shuffled_is_as_gathered_by_hand);
    tcase_add_test(tests, padding_is_not_judged);
    tcase_add_test(tests, company_changes_nothing);
    tcase_add_test(tests, evaluation_is_as_the_reference);
    tcase_add_test(tests, slots_hold_what_ran);
    tcase_add_loop_test(tests, neither_company_nor_place_matter, 0, 3);
}

int main(void)
{
    Suite *suite = suite_create("batches");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
