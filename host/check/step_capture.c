/* Takes everything that a training step left on a device. See step_capture.h. */
#include "check/step_capture.h"

#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "check/step_trial.h"

static enum weft_status capture_allocate(struct step_capture *capture,
                                         const struct network *network, size_t batch, bool dense,
                                         size_t states)
{
    size_t input_count = 0, widest_count = 0;
    if (!size_multiply(batch, network_features(network), &input_count) ||
        !size_multiply(batch, network_widest(network), &widest_count))
        return memory_exhausted(batch, network_widest(network));
    capture->buffer_count = size_max(widest_count, network->value_count);
    TRY(NEW_ARRAY(capture->x, input_count));
    TRY(NEW_ARRAY(capture->gradient, network->parameter_count));
    TRY(NEW_ARRAY(capture->updated, network->value_count));
    TRY(NEW_ARRAY(capture->statistics, network->statistic_count));
    for (; capture->states < states; capture->states++)
        TRY(NEW_ARRAY(capture->state[capture->states], network->value_count));
    TRY(NEW_ARRAY(capture->buffer, capture->buffer_count));
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
    memory_free(capture->buffer);
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

/* Downloads a tensor as doubles. Slices begin at a later place of `values`. */
static enum weft_status tensor_take(struct step_capture *capture, const struct step *step,
                                    enum tensor tensor, size_t layer, size_t count, double *values)
{
    TRY(step->backend->tensor_download(step->workspace, tensor, layer, capture->buffer));
    to_double(capture->buffer, count, values);
    return WEFT_OK;
}

/* ---- the rows of a batch or of a slice ---- */

enum weft_status step_capture_take_batch(struct step_capture *capture, const struct step *step)
{
    const size_t row = step->draw != NULL ? step->draw->row : 0;
    const size_t features = network_features(step->network);
    const size_t outputs = network_outputs(step->network);
    TRY(step->backend->tensor_download(step->workspace, TENSOR_INPUT, 0,
                                       capture->x + row * features));
    if (capture->y == NULL)
        return WEFT_OK;
    TRY(tensor_take(capture, step, TENSOR_TARGET, 0, step->count * outputs,
                    capture->y + row * outputs));
    return tensor_take(capture, step, TENSOR_SAMPLE_WEIGHT, 0, step->count, capture->weight + row);
}

static enum weft_status layer_rows_take(struct step_capture *capture, const struct step *step,
                                        size_t l)
{
    const struct dense_layer *layer = &step->network->layers[l];
    const size_t first = (step->draw != NULL ? step->draw->row : 0) * layer->outputs;
    const size_t n = step->count * layer->outputs;
    if (layer->batch_norm)
        TRY(tensor_take(capture, step, TENSOR_PRODUCT, l, n, capture->q[l] + first));
    if (layer_keeps_z(layer))
        TRY(tensor_take(capture, step, TENSOR_PRE_ACTIVATION, l, n, capture->z[l] + first));
    TRY(tensor_take(capture, step, TENSOR_ACTIVATION, l, n, capture->a[l] + first));
    return tensor_take(capture, step, TENSOR_DELTA, l, n, capture->dz[l] + first);
}

/* Downloads the metrics of a slot. */
static enum weft_status slot_take(const struct step *step, struct batch_metrics *metrics)
{
    struct batch_metrics *slots = NULL;
    TRY(NEW_ARRAY(slots, step->slot + 1));
    const enum weft_status status =
        step->backend->metrics_download(step->workspace, step->slot + 1, slots);
    *metrics = slots[step->slot];
    memory_free(slots);
    return status;
}

enum weft_status step_capture_take_rows(struct step_capture *capture, const struct step *step)
{
    struct batch_metrics metrics;
    if (step->draw == NULL || step->draw->row == 0)
        capture->metrics = (struct batch_metrics){.loss = -0.0f};
    TRY(step_capture_take_batch(capture, step));
    for (size_t l = 0; l < step->network->layer_count; l++)
        TRY(layer_rows_take(capture, step, l));
    TRY(slot_take(step, &metrics));
    capture->metrics.loss += metrics.loss;
    capture->metrics.correct += metrics.correct;
    return WEFT_OK;
}

/* ---- what a step has once ---- */

static enum weft_status layer_gradient_take(struct step_capture *capture, const struct step *step,
                                            size_t l)
{
    const struct dense_layer *layer = &step->network->layers[l];
    const size_t outputs = layer->outputs;
    TRY(tensor_take(capture, step, TENSOR_WEIGHT_GRADIENT, l, outputs * layer->inputs,
                    capture->gradient + layer->weight_offset));
    if (layer->batch_norm) {
        TRY(tensor_take(capture, step, TENSOR_STATISTICS, l, 2 * outputs,
                        capture->statistics +
                            (layer->mean_offset - step->network->parameter_count)));
        return tensor_take(capture, step, TENSOR_NORM_GRADIENT, l, 2 * outputs,
                           capture->gradient + layer->scale_offset);
    }
    if (!layer->bias)
        return WEFT_OK;
    return tensor_take(capture, step, TENSOR_BIAS_GRADIENT, l, outputs,
                       capture->gradient + layer->bias_offset);
}

enum weft_status step_capture_take_update(struct step_capture *capture, const struct step *step)
{
    const struct network *network = step->network;
    struct batch_metrics metrics;
    for (size_t l = 0; l < network->layer_count; l++)
        TRY(layer_gradient_take(capture, step, l));
    TRY(step->backend->parameters_download(step->workspace, capture->buffer));
    to_double(capture->buffer, network->value_count, capture->updated);
    for (size_t i = 0; i < capture->states; i++) {
        TRY(step->backend->state_download(step->workspace, i, capture->buffer));
        to_double(capture->buffer, network->value_count, capture->state[i]);
    }
    TRY(tensor_take(capture, step, TENSOR_CLIP, 0, 1, &capture->clip));
    TRY(slot_take(step, &metrics));
    capture->metrics.weight_abs = metrics.weight_abs;
    capture->metrics.weight_squares = metrics.weight_squares;
    return WEFT_OK;
}

enum weft_status step_capture_take(struct step_capture *capture, const struct step *step)
{
    TRY(step_capture_take_rows(capture, step));
    return step_capture_take_update(capture, step);
}
