/* Checks one whole step of a tiny network. It runs the backend's operations in the order of the
 * training loop and compares them with the reference's orchestration. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check/check.h"
#include "reference/reference.h"
#include "train/step.h"

/* A 21-4-3-C network, so that deltas pass through two hidden layers. The 21 features of a sample
 * fill one CPU vector and part of another. The step uses the second of two batches with an odd
 * size. */
enum { FEATURES = 21, HIDDEN_1 = 4, HIDDEN_2 = 3, CLASSES = 3, BATCH = 7, LAYERS = 3 };
enum { SAMPLES = 2 * BATCH, SLOTS = 2 };
enum { LARGEST_TENSOR = BATCH * FEATURES };

/* Every value is a sum of at most FEATURES terms with at most 2 * LAYERS roundings of a few ulps
 * each. 256 half-ulps of the largest element of its tensor bound it, and still reveal an error of
 * 0.01 %. */
#define TOLERANCE (256.0 * 0x1p-24)

static const double learning_rate = 0.3, l1 = 0.02, l2 = 0.05;

/* The problem and both sides of it. It owns parameters, want, data and workspace. */
struct step_check {
    struct weft_device *device;
    struct network network;
    float x[SAMPLES * FEATURES];
    int32_t labels[SAMPLES];
    uint32_t order[SAMPLES]; /* 0 .. SAMPLES - 1, or reversed */
    bool true_class_only, shuffled;
    enum weft_gemm products;
    float *parameters;    /* [parameter_count] */
    struct ref_step want; /* the step of the reference */
    struct device_data *data;
    struct workspace *workspace;
    struct check_result *result;
};

static void problem_fill(struct step_check *check, uint64_t seed)
{
    const struct random_stream x = {seed, RANDOM_CHECK, 0}, w = {seed, RANDOM_CHECK, 1};
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        check->x[i] = random_uniform(x, i, -2.0f, 2.0f);
    for (size_t i = 0; i < SAMPLES; i++) {
        check->labels[i] = (int32_t)(i % CLASSES);
        check->order[i] = (uint32_t)(check->shuffled ? SAMPLES - 1 - i : i);
    }
    /* Parameters stay away from 0, where the l1 gradient jumps. */
    for (size_t i = 0; i < check->network.parameter_count; i++) {
        const float value = random_uniform(w, i, -1.0f, 1.0f);
        check->parameters[i] = value < 0.0f ? value - 0.1f : value + 0.1f;
    }
}

static enum weft_status reference_run(struct step_check *check)
{
    double x[BATCH * FEATURES];
    int32_t labels[BATCH];
    double *parameters = NULL;
    const size_t count = check->network.parameter_count;
    TRY(NEW_ARRAY(parameters, count));
    for (size_t i = 0; i < BATCH; i++) {
        const size_t sample = check->order[BATCH + i];
        labels[i] = check->labels[sample];
        for (size_t f = 0; f < FEATURES; f++)
            x[i * FEATURES + f] = (double)check->x[sample * FEATURES + f];
    }
    for (size_t i = 0; i < count; i++)
        parameters[i] = (double)check->parameters[i];
    const struct ref_rule rule = {
        .delta_factor = 1.0 / BATCH, .true_class_only = check->true_class_only, .l1 = l1, .l2 = l2};
    const enum weft_status status =
        ref_step_run(&check->network, parameters, x, labels, BATCH, &rule, &check->want);
    memory_free(parameters);
    return status;
}

/* Creates samples, workspace and parameters on the device. */
static enum weft_status device_prepare(struct step_check *check)
{
    const struct backend *backend = check->device->backend;
    const struct data_source source = {
        .samples = SAMPLES, .features = FEATURES, .x = check->x, .labels = check->labels};
    const struct workspace_plan plan = {.network = &check->network,
                                        .batch = BATCH,
                                        .slots = SLOTS,
                                        .training = true,
                                        .products = check->products};
    TRY(backend->data_create(check->device, &source, &check->data));
    TRY(backend->workspace_create(check->device, &plan, &check->workspace));
    TRY(backend->parameters_upload(check->workspace, check->parameters));
    return check->shuffled ? backend->order_upload(check->data, check->order) : WEFT_OK;
}

/* Runs the whole step on the device, as training does. Fills `metrics` [SLOTS]; the step uses the
 * last slot. */
static enum weft_status device_run(struct step_check *check, struct batch_metrics *metrics)
{
    const struct step step = {
        .backend = check->device->backend,
        .workspace = check->workspace,
        .network = &check->network,
        .data = check->data,
        .first = BATCH,
        .count = BATCH,
        .slot = SLOTS - 1,
        .loss = {.delta_factor = 1.0f / BATCH, .true_class_only = check->true_class_only}};
    const struct update_rule update = {
        .learning_rate = (float)learning_rate, .l1 = (float)l1, .l2 = (float)l2};
    TRY(step_forward(&step));
    TRY(step_backward(&step));
    TRY(step_update(&step, true, &update));
    return step.backend->metrics_download(check->workspace, SLOTS, metrics);
}

/* Compares a tensor. The bound is relative to its largest element. */
static void tensor_compare(struct step_check *check, const char *name, size_t layer,
                           const float *got, const double *want, size_t n)
{
    struct check_result *result = check->result;
    double largest = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++) {
        const double bound = TOLERANCE * largest;
        const double error = fabs((double)got[i] - want[i]);
        const double ratio = error <= bound || isfinite(error) ? error / bound : HUGE_VAL;
        if (ratio <= result->worst && result->array[0] != '\0')
            continue;
        result->worst = ratio;
        snprintf(result->array, sizeof result->array, "%s %zu", name, layer);
        result->index = i;
        result->got = result_number((double)got[i]);
        result->want = want[i];
        result->bound = bound;
    }
}

static enum weft_status tensor_check(struct step_check *check, enum tensor tensor, const char *name,
                                     size_t layer, const double *want, size_t n)
{
    float got[LARGEST_TENSOR];
    TRY(check->device->backend->tensor_download(check->workspace, tensor, layer, got));
    tensor_compare(check, name, layer, got, want, n);
    return WEFT_OK;
}

static enum weft_status layer_compare(struct step_check *check, size_t layer)
{
    const struct dense_layer *dense = &check->network.layers[layer];
    const double *gradient = check->want.gradient;
    const size_t outputs = dense->outputs;
    TRY(tensor_check(check, TENSOR_ACTIVATION, "a", layer, check->want.a[layer], BATCH * outputs));
    TRY(tensor_check(check, TENSOR_DELTA, "dz", layer, check->want.dz[layer], BATCH * outputs));
    TRY(tensor_check(check, TENSOR_WEIGHT_GRADIENT, "dw", layer, gradient + dense->weight_offset,
                     outputs * dense->inputs));
    if (dense->bias)
        TRY(tensor_check(check, TENSOR_BIAS_GRADIENT, "db", layer, gradient + dense->bias_offset,
                         outputs));
    return WEFT_OK;
}

/* Compares the parameters after w -= rate g. */
static enum weft_status update_compare(struct step_check *check)
{
    const size_t count = check->network.parameter_count;
    float *got = NULL;
    double *want = NULL;
    enum weft_status status = NEW_ARRAY(got, count);
    if (status == WEFT_OK)
        status = NEW_ARRAY(want, count);
    if (status == WEFT_OK)
        status = check->device->backend->parameters_download(check->workspace, got);
    for (size_t i = 0; status == WEFT_OK && i < count; i++)
        want[i] = (double)check->parameters[i] - learning_rate * check->want.gradient[i];
    if (status == WEFT_OK)
        tensor_compare(check, "updated", 0, got, want, count);
    memory_free(want);
    memory_free(got);
    return status;
}

static enum weft_status step_compare(struct step_check *check)
{
    struct batch_metrics slots[SLOTS];
    TRY(reference_run(check));
    TRY(device_prepare(check));
    TRY(device_run(check, slots));
    for (size_t layer = 0; layer < LAYERS; layer++)
        TRY(layer_compare(check, layer));
    TRY(update_compare(check));
    const struct batch_metrics *metrics = &slots[SLOTS - 1];
    const float sums[] = {metrics->loss, metrics->weight_abs, metrics->weight_squares};
    const double want[] = {check->want.loss, check->want.weight_abs, check->want.weight_squares};
    for (size_t i = 0; i < 3; i++)
        tensor_compare(check, "sum", i, &sums[i], &want[i], 1);
    const float correct = (float)metrics->correct;
    const double want_correct = (double)check->want.correct;
    if ((double)correct != want_correct)
        tensor_compare(check, "correct", 0, &correct, &want_correct, 1);
    check->result->ok = check->result->worst <= 1.0 && (double)correct == want_correct;
    return WEFT_OK;
}

static enum weft_status step_prepare(struct step_check *check, const struct step_variant *variant,
                                     uint64_t seed)
{
    const size_t widths[LAYERS + 1] = {FEATURES, HIDDEN_1, HIDDEN_2, CLASSES};
    const enum weft_activation activations[] = {variant->activation, variant->activation};
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = LAYERS,
                                        .head = variant->head,
                                        .bias = variant->bias,
                                        .activations = activations};
    TRY(network_init_shape(&check->network, &shape));
    TRY(NEW_ARRAY(check->parameters, check->network.parameter_count));
    problem_fill(check, seed);
    return WEFT_OK;
}

enum weft_status check_step(struct weft_device *device, const struct step_variant *variant,
                            uint64_t seed, struct check_result *result)
{
    struct step_check check = {.device = device,
                               .result = result,
                               .true_class_only = variant->true_class_only,
                               .shuffled = variant->shuffled,
                               .products = variant->products};
    memset(result, 0, sizeof *result);
    result->name = "step";
    snprintf(result->shape, sizeof result->shape, "%s head, %s%s", head_name(variant->head),
             variant->bias ? "biases" : "no biases", variant->shuffled ? ", shuffled" : "");
    enum weft_status status = step_prepare(&check, variant, seed);
    if (status == WEFT_OK)
        status = step_compare(&check);
    if (check.workspace != NULL)
        device->backend->workspace_destroy(check.workspace);
    if (check.data != NULL)
        device->backend->data_destroy(check.data);
    ref_step_reset(&check.want);
    memory_free(check.parameters);
    network_reset(&check.network);
    return status;
}
