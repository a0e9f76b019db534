/* Runs a single training step on a device, and takes everything that it left there. See
 * step_trial.h.
 */
#include "check/step_trial.h"

#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

/* ---- capture ---- */

static enum weft_status capture_allocate(struct step_capture *capture,
                                         const struct network *network, size_t batch, bool dense,
                                         size_t states)
{
    size_t input_count = 0, widest_count = 0;
    if (!size_multiply(batch, network_features(network), &input_count) ||
        !size_multiply(batch, network_widest(network), &widest_count))
        return memory_exhausted(batch, network_widest(network));
    capture->room_count = size_max(widest_count, network->value_count);
    TRY(NEW_ARRAY(capture->x, input_count));
    TRY(NEW_ARRAY(capture->gradient, network->parameter_count));
    TRY(NEW_ARRAY(capture->updated, network->value_count));
    TRY(NEW_ARRAY(capture->statistics, network->statistic_count));
    for (; capture->states < states; capture->states++)
        TRY(NEW_ARRAY(capture->state[capture->states], network->value_count));
    TRY(NEW_ARRAY(capture->room, capture->room_count));
    TRY(NEW_ARRAY(capture->q, network->layer_count));
    TRY(NEW_ARRAY(capture->z, network->layer_count));
    TRY(NEW_ARRAY(capture->a, network->layer_count));
    TRY(NEW_ARRAY(capture->dz, network->layer_count));
    capture->layer_count = network->layer_count;
    if (dense)
        TRY(NEW_ARRAY(capture->y, batch * network_outputs(network)));
    if (dense)
        TRY(NEW_ARRAY(capture->weight, batch));
    for (size_t l = 0; l < network->layer_count; l++) {
        if (network->layers[l].batch_norm)
            TRY(NEW_ARRAY(capture->q[l], batch * network->layers[l].outputs));
        if (layer_keeps_z(&network->layers[l]))
            TRY(NEW_ARRAY(capture->z[l], batch * network->layers[l].outputs));
        TRY(NEW_ARRAY(capture->a[l], batch * network->layers[l].outputs));
        TRY(NEW_ARRAY(capture->dz[l], batch * network->layers[l].outputs));
    }
    return WEFT_OK;
}

enum weft_status step_capture_init(struct step_capture *capture, const struct network *network,
                                   size_t batch, bool dense, size_t states)
{
    memset(capture, 0, sizeof *capture);
    const enum weft_status status = capture_allocate(capture, network, batch, dense, states);
    if (status != WEFT_OK)
        step_capture_reset(capture);
    return status;
}

void step_capture_reset(struct step_capture *capture)
{
    for (size_t l = 0; l < capture->layer_count; l++) {
        memory_free(capture->q[l]);
        memory_free(capture->z[l]);
        memory_free(capture->a[l]);
        memory_free(capture->dz[l]);
    }
    memory_free(capture->weight);
    memory_free(capture->y);
    memory_free(capture->dz);
    memory_free(capture->a);
    memory_free(capture->z);
    memory_free(capture->q);
    memory_free(capture->statistics);
    memory_free(capture->room);
    for (size_t i = 0; i < capture->states; i++)
        memory_free(capture->state[i]);
    memory_free(capture->updated);
    memory_free(capture->gradient);
    memory_free(capture->x);
    memset(capture, 0, sizeof *capture);
}

struct to_double {
    const float *from;
    double *to;
};

static void to_double_piece(const void *work, size_t first, size_t count)
{
    const struct to_double *of = work;
#pragma omp simd
    for (size_t i = first; i < first + count; i++)
        of->to[i] = (double)of->from[i];
}

static void to_double(const float *from, size_t count, double *to)
{
    enum { SHARE = 1 << 16 };
    const struct to_double work = {from, to};
    parallel_for(count, SHARE, count > THREADS_PAY, to_double_piece, &work);
}

static enum weft_status tensor_take(struct step_capture *capture, const struct step *step,
                                    enum tensor tensor, size_t layer, size_t count, double *values)
{
    TRY(step->backend->tensor_download(step->workspace, tensor, layer, capture->room));
    to_double(capture->room, count, values);
    return WEFT_OK;
}

/* Takes the additional tensors of batch normalization. */
static enum weft_status norm_take(struct step_capture *capture, const struct step *step, size_t l)
{
    const struct dense_layer *layer = &step->network->layers[l];
    const size_t outputs = layer->outputs;
    double *statistics =
        capture->statistics + (layer->mean_offset - step->network->parameter_count);
    TRY(tensor_take(capture, step, TENSOR_PRODUCT, l, step->count * outputs, capture->q[l]));
    TRY(tensor_take(capture, step, TENSOR_STATISTICS, l, 2 * outputs, statistics));
    return tensor_take(capture, step, TENSOR_NORM_GRADIENT, l, 2 * outputs,
                       capture->gradient + layer->scale_offset);
}

static enum weft_status layer_take(struct step_capture *capture, const struct step *step, size_t l)
{
    const struct dense_layer *layer = &step->network->layers[l];
    const size_t rows = step->count * layer->outputs;
    if (layer_keeps_z(layer))
        TRY(tensor_take(capture, step, TENSOR_PRE_ACTIVATION, l, rows, capture->z[l]));
    TRY(tensor_take(capture, step, TENSOR_ACTIVATION, l, rows, capture->a[l]));
    TRY(tensor_take(capture, step, TENSOR_DELTA, l, rows, capture->dz[l]));
    TRY(tensor_take(capture, step, TENSOR_WEIGHT_GRADIENT, l, layer->outputs * layer->inputs,
                    capture->gradient + layer->weight_offset));
    if (layer->batch_norm)
        return norm_take(capture, step, l);
    if (!layer->bias)
        return WEFT_OK;
    return tensor_take(capture, step, TENSOR_BIAS_GRADIENT, l, layer->outputs,
                       capture->gradient + layer->bias_offset);
}

static enum weft_status metrics_take(struct step_capture *capture, const struct step *step)
{
    struct batch_metrics *slots = NULL;
    TRY(NEW_ARRAY(slots, step->slot + 1));
    const enum weft_status status =
        step->backend->metrics_download(step->workspace, step->slot + 1, slots);
    capture->metrics = slots[step->slot];
    memory_free(slots);
    return status;
}

enum weft_status step_capture_take(struct step_capture *capture, const struct step *step)
{
    const struct network *network = step->network;
    TRY(step->backend->tensor_download(step->workspace, TENSOR_INPUT, 0, capture->x));
    if (capture->y != NULL) {
        TRY(tensor_take(capture, step, TENSOR_TARGET, 0, step->count * network_outputs(network),
                        capture->y));
        TRY(tensor_take(capture, step, TENSOR_SAMPLE_WEIGHT, 0, step->count, capture->weight));
    }
    for (size_t l = 0; l < network->layer_count; l++)
        TRY(layer_take(capture, step, l));
    TRY(step->backend->parameters_download(step->workspace, capture->room));
    to_double(capture->room, network->value_count, capture->updated);
    for (size_t i = 0; i < capture->states; i++) {
        TRY(step->backend->state_download(step->workspace, i, capture->room));
        to_double(capture->room, network->value_count, capture->state[i]);
    }
    TRY(tensor_take(capture, step, TENSOR_CLIP, 0, 1, &capture->clip));
    return metrics_take(capture, step);
}

/* ---- a single step ---- */

/* The device's side of a trial. All members are owned. */
struct trial_run {
    struct device_data *data;
    struct workspace *workspace;
    struct step_capture capture;
};

static enum weft_status run_prepare(struct weft_device *device, const struct step_trial *trial,
                                    enum weft_gemm products, struct trial_run *run)
{
    const struct data_source source = {.samples = trial->batch,
                                       .features = network_features(trial->network),
                                       .x = trial->x,
                                       .labels = trial->labels,
                                       .scale = trial->scale,
                                       .targets = trial->y,
                                       .target_count = network_outputs(trial->network),
                                       .weights = trial->weights,
                                       .images = augmentation_of_images(&trial->augmentation)};
    const struct workspace_plan plan = {.network = trial->network,
                                        .batch = trial->batch,
                                        .slots = 1,
                                        .training = true,
                                        .products = products,
                                        .targets = trial->targets,
                                        .states = update_states(&trial->update),
                                        .augmentation = trial->augmentation};
    TRY(step_capture_init(&run->capture, trial->network, trial->batch, trial->targets.dense,
                          plan.states));
    TRY(device->backend->data_create(device, &source, &run->data));
    TRY(device->backend->workspace_create(device, &plan, &run->workspace));
    for (size_t i = 0; trial->state != NULL && i < plan.states; i++)
        TRY(device->backend->state_upload(run->workspace, i,
                                          trial->state + i * trial->network->value_count));
    return device->backend->parameters_upload(run->workspace, trial->parameters);
}

/* Stores what the next step starts with. */
static void outcome_take(const struct step_capture *capture, const struct network *network,
                         const struct step_outcome *outcome)
{
    const size_t count = network->value_count;
    for (size_t i = 0; outcome->parameters != NULL && i < count; i++)
        outcome->parameters[i] = (float)capture->updated[i];
    for (size_t s = 0; outcome->state != NULL && s < capture->states; s++)
        for (size_t i = 0; i < count; i++)
            outcome->state[s * count + i] = (float)capture->state[s][i];
}

static enum weft_status run_and_judge(struct weft_device *device, const struct step_trial *trial,
                                      enum weft_gemm products, const struct step_outcome *outcome,
                                      const struct check_sink *sink, struct trial_run *run)
{
    TRY(run_prepare(device, trial, products, run));
    const struct step step = {.backend = device->backend,
                              .workspace = run->workspace,
                              .network = trial->network,
                              .data = run->data,
                              .count = trial->batch,
                              .draw = trial->draw,
                              .loss = trial->loss};
    TRY(step_forward(&step));
    TRY(step_backward(&step));
    TRY(step_update(&step, trial->penalty, &trial->update));
    TRY(step_capture_take(&run->capture, &step));
    TRY(step_judge(trial, &run->capture, sink));
    if (outcome != NULL)
        outcome_take(&run->capture, trial->network, outcome);
    return WEFT_OK;
}

enum weft_status step_trial_run(struct weft_device *device, const struct step_trial *trial,
                                enum weft_gemm products, const struct step_outcome *outcome,
                                const struct check_sink *sink)
{
    struct trial_run run = {.data = NULL};
    const enum weft_status status = run_and_judge(device, trial, products, outcome, sink, &run);
    if (run.workspace != NULL)
        device->backend->workspace_destroy(run.workspace);
    if (run.data != NULL)
        device->backend->data_destroy(run.data);
    step_capture_reset(&run.capture);
    return status;
}
