/* How the CPU backend makes batches: standardised data, orders, views, and the zero-padded blocks
 * of evaluation, where a sample's result must not depend on its company. */
#include <stdint.h>

#include "base/random.h"
#include "cpu/cpu.h"
#include "suite.h"

enum { SAMPLES = 20, FEATURES = 13, CLASSES = 4, BATCH = 8 };

static struct weft_device *device;
static const struct backend *backend;
static struct network network;
static float x[SAMPLES * FEATURES]; /* [N][D] */
static int32_t labels[SAMPLES];     /* [N] */

static void fill(float *values, size_t n, uint32_t stream)
{
    for (size_t i = 0; i < n; i++)
        values[i] = random_uniform((struct random_stream){7, RANDOM_CHECK, stream}, i, -1.0F, 1.0F);
}

static void open_device(void)
{
    static const size_t widths[] = {FEATURES, 9, CLASSES};
    ck_ok(cpu_device_create(&device));
    backend = device->backend;
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    fill(x, SAMPLES * FEATURES, 0);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)(i % CLASSES);
}

static void close_device(void)
{
    network_reset(&network);
    backend->device_destroy(device);
}

static struct workspace *workspace_open(bool training)
{
    struct workspace_plan plan = {&network, BATCH, 2, training, WEFT_PRODUCTS_AUTO};
    struct workspace *workspace;
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    float parameters[256];
    ck_assert_uint_le(network.parameter_count, 256);
    fill(parameters, network.parameter_count, 1);
    ck_ok(backend->parameters_upload(workspace, parameters));
    return workspace;
}

static struct device_data *data_open(const float *values, const struct scale *scale)
{
    struct data_source source = {SAMPLES, FEATURES, values, labels, scale};
    struct device_data *data;
    ck_ok(backend->data_create(device, &source, &data));
    return data;
}

/* The batch first .. first + count - 1 holds the samples expected [count]; nothing is written
 * behind its rows. */
static void check_input(struct workspace *workspace, const struct device_data *data, size_t first,
                        size_t count, const uint32_t *expected)
{
    float rows[(BATCH + 1) * FEATURES];
    memset(rows, 0x55, sizeof rows);
    ck_ok(backend->batch_gather(workspace, data, first, count));
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
    struct workspace *workspace = workspace_open(_i == 1);
    struct device_data *data = data_open(x, NULL);
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

START_TEST(labels_follow_the_order)
{
    /* with the labels of the samples themselves, sample 6 and 7 in either order lose the same */
    static const uint32_t order[SAMPLES] = {7, 6};
    struct batch_metrics metrics[2];
    struct workspace *workspace = workspace_open(false);
    struct device_data *data = data_open(x, NULL);
    for (size_t slot = 0; slot < 2; slot++) {
        ck_ok(backend->batch_gather(workspace, data, slot == 0 ? 6 : 0, 2));
        ck_ok(backend->dense_forward(workspace, 0));
        ck_ok(backend->dense_forward(workspace, 1));
        ck_ok(backend->output_delta(workspace, &(struct loss_rule){1.0F, false}, slot));
        ck_ok(backend->order_upload(data, order));
    }
    ck_ok(backend->metrics_download(workspace, 2, metrics));
    ck_assert(metrics[0].loss > 0.1F);
    ck_assert_double_eq_tol((double)metrics[0].loss, (double)metrics[1].loss, 1e-6);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}
END_TEST

START_TEST(data_are_standardised_once)
{
    struct scale scale;
    float raw[SAMPLES * FEATURES], rows[BATCH * FEATURES];
    ck_ok(scale_init(&scale, FEATURES));
    for (size_t j = 0; j < FEATURES; j++) {
        scale.mean[j] = (float)j;
        scale.std[j] = 0.5F;
    }
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        raw[i] = (float)(i % FEATURES) + 0.25F * (float)(i / FEATURES);
    struct workspace *workspace = workspace_open(true);
    struct device_data *data = data_open(raw, &scale);
    memset(raw, 0, sizeof raw); /* the data were copied */
    ck_ok(backend->batch_gather(workspace, data, 4, 2));
    ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, rows));
    for (size_t j = 0; j < FEATURES; j++) {
        ck_assert(rows[j] == 2.0F);            /* 0.25 * 4 / 0.5 */
        ck_assert(rows[FEATURES + j] == 2.5F); /* 0.25 * 5 / 0.5 */
    }
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    scale_reset(&scale);
}
END_TEST

/* Evaluates first .. first + count - 1; p [count][C]. */
static struct batch_metrics evaluate(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t count, float *p)
{
    struct batch_metrics metrics;
    ck_ok(backend->batch_gather(workspace, data, first, count));
    ck_ok(backend->dense_forward(workspace, 0));
    ck_ok(backend->dense_forward(workspace, 1));
    ck_ok(backend->output_delta(workspace, &(struct loss_rule){1.0F, false}, 0));
    ck_ok(backend->output_probabilities(workspace, false));
    ck_ok(backend->tensor_download(workspace, TENSOR_PROBABILITY, 0, p));
    ck_ok(backend->metrics_download(workspace, 1, &metrics));
    return metrics;
}

/* Row 2 of a block keeps its bits whoever stands in the other rows, and however many they are; in
 * another row the BLAS may sum in another order, so there the last bits may differ. */
START_TEST(company_changes_nothing)
{
    float others[SAMPLES * FEATURES], all[BATCH * CLASSES], few[BATCH * CLASSES],
        different[BATCH * CLASSES];
    fill(others, SAMPLES * FEATURES, 3);
    memcpy(others + 2 * FEATURES, x + 2 * FEATURES, FEATURES * sizeof *x);
    struct workspace *workspace = workspace_open(false);
    struct device_data *data = data_open(x, NULL), *mixed = data_open(others, NULL);
    const size_t bytes = CLASSES * sizeof(float);

    evaluate(workspace, data, 0, BATCH, all);
    evaluate(workspace, mixed, 0, BATCH, different);
    ck_assert_mem_eq(all + 2 * CLASSES, different + 2 * CLASSES, bytes);
    ck_assert_mem_ne(all + 3 * CLASSES, different + 3 * CLASSES, bytes);
    evaluate(workspace, data, 0, 3, few); /* the rest is padding, not the last batch's rows */
    ck_assert_mem_eq(all, few, 3 * bytes);
    evaluate(workspace, data, 2, 1, few);
    for (size_t j = 0; j < CLASSES; j++)
        ck_assert_double_eq_tol((double)few[j], (double)all[2 * CLASSES + j], 1e-6);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    backend->data_destroy(mixed);
}
END_TEST

START_TEST(padding_is_not_judged)
{
    float p[BATCH * CLASSES];
    struct workspace *workspace = workspace_open(false);
    struct device_data *data = data_open(x, NULL);
    struct batch_metrics metrics = evaluate(workspace, data, 5, 3, p);
    double loss = 0.0;
    uint32_t correct = 0;
    for (size_t i = 0; i < 3; i++) {
        const float *row = p + i * CLASSES; /* [C] */
        size_t label = (size_t)labels[5 + i];
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

START_TEST(slots_hold_what_ran)
{
    float p[BATCH * CLASSES];
    struct workspace *workspace = workspace_open(true);
    struct device_data *data = data_open(x, NULL);
    struct batch_metrics metrics[2];
    ck_ok(backend->penalty_terms(workspace, 1));
    ck_ok(backend->metrics_download(workspace, 2, metrics));
    ck_assert(metrics[0].weight_abs == 0.0F && metrics[1].weight_abs > 1.0F);
    ck_assert(metrics[1].loss == 0.0F);
    metrics[0] = evaluate(workspace, data, 0, BATCH, p);
    ck_assert(metrics[0].loss > 1.0F && metrics[0].weight_squares == 0.0F);
    ck_ok(backend->metrics_download(workspace, 2, metrics)); /* what was read begins anew */
    ck_assert(metrics[0].loss == 0.0F && metrics[1].weight_abs == 0.0F);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(what_does_not_fit_is_refused)
{
    struct workspace *workspace;
    struct device_data *data;
    struct workspace_plan plan = {&network, (size_t)1 << 31, 1, true, WEFT_PRODUCTS_AUTO};
    ck_fails(backend->workspace_create(device, &plan, &workspace), WEFT_ERROR_USAGE,
             "samples in a batch: 2147483648");
    plan.batch = BATCH;
    plan.products = WEFT_PRODUCTS_FUSED;
    ck_fails(backend->workspace_create(device, &plan, &workspace), WEFT_ERROR_USAGE, "fused");
    plan.products = WEFT_PRODUCTS_CLBLAST;
    plan.slots = SIZE_MAX / 8; /* the last of the arrays: all before it must be freed */
    ck_fails(backend->workspace_create(device, &plan, &workspace), WEFT_ERROR_MEMORY, "memory");
    ck_assert_ptr_null(workspace);
    struct data_source source = {SIZE_MAX / 4, FEATURES, x, labels, NULL};
    ck_fails(backend->data_create(device, &source, &data), WEFT_ERROR_MEMORY, "memory");
    ck_assert_ptr_null(data);
    backend->workspace_destroy(NULL);
    backend->data_destroy(NULL);
}
END_TEST

START_TEST(the_cpu_describes_itself)
{
    ck_assert(!device->info.opencl);
    ck_assert_str_eq(device->info.type, "cpu");
    ck_assert_uint_ge(device->info.compute_units, 1);
    ck_assert_msg(strncmp(device->info.name, "CPU (", 5) == 0, "%s", device->info.name);
    ck_assert_uint_gt(strlen(cpu_blas_name()), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu_batches");
    TCase *batches = tcase_create("batches");
    tcase_add_checked_fixture(batches, open_device, close_device);
    tcase_add_loop_test(batches, batches_follow_the_order, 0, 2);
    tcase_add_test(batches, labels_follow_the_order);
    tcase_add_test(batches, data_are_standardised_once);
    tcase_add_test(batches, company_changes_nothing);
    tcase_add_test(batches, padding_is_not_judged);
    tcase_add_test(batches, slots_hold_what_ran);
    tcase_add_test(batches, what_does_not_fit_is_refused);
    tcase_add_test(batches, the_cpu_describes_itself);
    suite_add_tcase(suite, batches);
    return suite_main(suite);
}
