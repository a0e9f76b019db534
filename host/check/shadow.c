/* Shadow training. See shadow.h. */
#include "check/shadow.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "check/bundle.h"
#include "check/step_judge.h"
#include "train/advice.h"
#include "train/targets.h"

enum weft_status shadow_init(struct shadow *shadow, size_t batch)
{
    TRY(NEW_ARRAY(shadow->parameters, shadow->network->value_count));
    TRY(NEW_ARRAY(shadow->state, shadow->states * shadow->network->value_count));
    TRY(step_samples_init(&shadow->samples, shadow->network, batch));
    return step_capture_init(&shadow->capture, shadow->network, batch,
                             targets_are_dense(shadow->options, shadow->network, shadow->train),
                             shadow->states);
}

void shadow_reset(struct shadow *shadow)
{
    step_capture_reset(&shadow->capture);
    step_samples_reset(&shadow->samples);
    memory_free(shadow->state);
    memory_free(shadow->parameters);
}

struct samples_copy {
    struct step_samples *samples;
    const struct weft_dataset *train;
    const struct training_batch *batch;
    size_t begin; /* start of the batch in the order of the epoch */
};

static void samples_copy_piece(const void *work, size_t first, size_t count)
{
    const struct samples_copy *of = work;
    for (size_t i = first; i < first + count; i++) {
        const size_t place = of->begin + i;
        const size_t sample = of->batch->order != NULL ? of->batch->order[place] : place;
        step_samples_copy(of->samples, i, of->train, sample);
        if (of->batch->weights != NULL)
            of->samples->weights[i] = of->batch->weights[sample];
    }
}

/* Takes the samples of the batch. It borrows them from the data set if they lie there as floats in
 * this order, otherwise it copies them. */
static void samples_take(struct shadow *shadow, const struct training_batch *batch,
                         struct step_trial *trial)
{
    const struct weft_dataset *train = shadow->train;
    const size_t first = batch->step->first;
    step_samples_lend(&shadow->samples, trial);
    if (batch->order == NULL && train->index == NULL && train->bytes == NULL) {
        trial->x = train->x + first * train->features;
        trial->weights = batch->weights != NULL ? batch->weights + first : NULL;
        if (train->targets != NULL)
            trial->y = train->targets + first * train->classes;
        else
            trial->labels = train->labels + first;
        return;
    }
    const struct samples_copy work = {&shadow->samples, train, batch, first};
    parallel_for(batch->step->count, SHARE_SAMPLES,
                 batch->step->count * train->features > THREADS_PAY, samples_copy_piece, &work);
}

/* ---- wrong results ---- */

static enum weft_status fail_wrong(struct shadow *shadow, const struct training_batch *batch,
                                   const struct step_trial *trial, const struct check_result *fault)
{
    const struct weft_device_info *info = &shadow->device->info;
    const char *path = shadow->options->check_bundle;
    char element[RESULT_TEXT_SIZE], finding[400], saved[600] = "";
    result_to_text(fault, element);
    snprintf(finding, sizeof finding, "epoch %zu, batch %zu: %s", batch->epoch, batch->batch,
             element);
    const struct bundle_origin origin = {.device = info,
                                         .epoch = batch->epoch,
                                         .batch = batch->batch,
                                         .products = shadow->options->gemm,
                                         .finding = finding};
    if (path != NULL && bundle_write(path, trial, &origin) == WEFT_OK)
        snprintf(saved, sizeof saved, "; weft check --replay %s runs this step again", path);
    else if (path != NULL)
        snprintf(saved, sizeof saved, "; no bundle: %s", weft_error());
    return fail(WEFT_ERROR_WRONG_RESULT, "%s (driver %s): %s: this device computes wrong results%s",
                info->name, info->driver, finding, saved);
}

/* ---- numbers that are not finite ---- */

/* A tensor of the step, and the operation that computed it. */
struct step_tensor {
    const char *operation, *tensor;
    size_t layer; /* NO_LAYER if it belongs to no layer */
    size_t count;
    const double *values;
};
#define NO_LAYER SIZE_MAX

/* Finds the first number of `place` that is not finite. Returns false if all are finite. */
static bool search(const struct step_tensor *place, size_t *index)
{
    for (*index = 0; *index < place->count; *index += 1)
        if (!isfinite(place->values[*index]))
            return true;
    return false;
}

/* Finds the first of `places` [count] with a number that is not finite. */
static bool search_all(const struct step_tensor *places, size_t count, struct step_tensor *found,
                       size_t *index)
{
    for (size_t i = 0; i < count; i++)
        if (search(&places[i], index)) {
            *found = places[i];
            return true;
        }
    return false;
}

static bool search_samples(const struct shadow *shadow, size_t batch, struct step_tensor *found,
                           size_t *index)
{
    const size_t count = batch * network_features(shadow->network);
    *found = (struct step_tensor){"gather", "x", NO_LAYER, count, NULL};
    for (*index = 0; *index < count; *index += 1)
        if (!isfinite(shadow->capture.x[*index]))
            return true;
    return false;
}

static bool search_layer_backward(const struct shadow *shadow, size_t batch, size_t l,
                                  struct step_tensor *found, size_t *index)
{
    const struct dense_layer *layer = &shadow->network->layers[l];
    const struct step_capture *capture = &shadow->capture;
    const struct step_tensor places[] = {
        {"weight_gradient", "dw", l, layer->outputs * layer->inputs,
         capture->gradient + layer->weight_offset},
        {"bias_gradient", "db", l, layer->bias ? layer->outputs : 0,
         capture->gradient + layer->bias_offset},
        {"norm_gradient", "dscale, dshift", l, layer->batch_norm ? 2 * layer->outputs : 0,
         capture->gradient + layer->scale_offset},
        {"delta", "dz", l > 0 ? l - 1 : 0, l > 0 ? batch * layer->inputs : 0,
         l > 0 ? capture->dz[l - 1] : NULL}};
    return search_all(places, sizeof places / sizeof *places, found, index);
}

static bool search_updated(const struct shadow *shadow, struct step_tensor *found, size_t *index)
{
    for (size_t l = 0; l < shadow->network->layer_count; l++) {
        const struct dense_layer *layer = &shadow->network->layers[l];
        const struct step_tensor places[] = {
            {"update", "weights", l, layer->outputs * layer->inputs,
             shadow->capture.updated + layer->weight_offset},
            {"update", "biases", l, layer->bias ? layer->outputs : 0,
             shadow->capture.updated + layer->bias_offset},
            {"update", "scale, shift", l, layer->batch_norm ? 2 * layer->outputs : 0,
             shadow->capture.updated + layer->scale_offset},
            {"norm_running", "mean, variance", l, layer->batch_norm ? 2 * layer->outputs : 0,
             shadow->capture.updated + layer->mean_offset}};
        if (search_all(places, sizeof places / sizeof *places, found, index))
            return true;
    }
    return false;
}

/* Searches in the order in which the operations run. */
static bool search_step(const struct shadow *shadow, size_t batch, struct step_tensor *found,
                        size_t *index)
{
    const struct network *network = shadow->network;
    const struct step_capture *capture = &shadow->capture;
    const size_t last = network->layer_count - 1;
    if (search_samples(shadow, batch, found, index))
        return true;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const size_t count = batch * layer->outputs;
        const struct step_tensor places[] = {
            {"dense_forward", "q", l, capture->q[l] != NULL ? count : 0, capture->q[l]},
            {"norm_statistics", "mean, variance", l, layer->batch_norm ? 2 * layer->outputs : 0,
             capture->statistics + (layer->mean_offset - network->parameter_count)},
            {"dense_forward", "z", l, capture->z[l] != NULL ? count : 0, capture->z[l]},
            {"dense_forward", "a", l, count, capture->a[l]}};
        if (search_all(places, sizeof places / sizeof *places, found, index))
            return true;
    }
    const double loss = (double)capture->metrics.loss;
    const struct step_tensor head[] = {
        {"output_delta", "loss", NO_LAYER, 1, &loss},
        {"output_delta", "dz", last, batch * network->layers[last].outputs, capture->dz[last]}};
    if (search_all(head, 2, found, index))
        return true;
    for (size_t l = network->layer_count; l-- > 0;)
        if (search_layer_backward(shadow, batch, l, found, index))
            return true;
    return search_updated(shadow, found, index);
}

/* Returns WEFT_OK if all numbers are finite. In that case, a later batch has the first one that is
 * not. */
static enum weft_status not_finite_search(const struct shadow *shadow,
                                          const struct training_batch *batch)
{
    struct step_tensor found;
    size_t index = 0;
    double largest = 0.0;
    char layer[32] = "", advice[ADVICE_SIZE];
    if (!search_step(shadow, batch->step->count, &found, &index))
        return WEFT_OK;
    if (found.layer != NO_LAYER)
        snprintf(layer, sizeof layer, " layer %zu:", found.layer);
    for (size_t i = 0; i < shadow->network->parameter_count; i++)
        largest = fmax(largest, fabs((double)shadow->parameters[i]));
    advice_after_divergence(shadow->options, batch->epoch > 1 || batch->batch > 1, advice);
    return fail(
        WEFT_ERROR_DIVERGED,
        "training diverged in epoch %zu, batch %zu: %s%s %s, element %zu: no longer finite, "
        "and the reference agrees; largest weight before %.3g; try %s",
        batch->epoch, batch->batch, found.operation, layer, found.tensor, index, largest, advice);
}

/* ---- the hooks ---- */

static enum weft_status before_batch(void *user, const struct training_batch *batch)
{
    struct shadow *shadow = user;
    const struct step *step = batch->step;
    shadow->watching = batch->searched || shadow->next == 0;
    if (!batch->searched)
        shadow->next = (shadow->watching ? shadow->options->check_every : shadow->next) - 1;
    if (!shadow->watching)
        return WEFT_OK;
    for (size_t i = 0; i < shadow->states; i++)
        TRY(step->backend->state_download(step->workspace, i,
                                          shadow->state + i * shadow->network->value_count));
    return step->backend->parameters_download(step->workspace, shadow->parameters);
}

static enum weft_status after_slice(void *user, const struct training_batch *batch,
                                    const struct step *slice)
{
    struct shadow *shadow = user;
    (void)batch;
    return shadow->watching ? step_capture_take_rows(&shadow->capture, slice) : WEFT_OK;
}

static enum weft_status after_batch(void *user, const struct training_batch *batch)
{
    struct shadow *shadow = user;
    if (!shadow->watching)
        return WEFT_OK;
    struct step_trial trial = {.network = shadow->network,
                               .batch = batch->step->count,
                               .scale = shadow->scale,
                               .parameters = shadow->parameters,
                               .state = shadow->state,
                               .draw = batch->step->draw,
                               .loss = batch->step->loss,
                               .update = *batch->update,
                               .penalty = batch->penalty,
                               .targets = *batch->targets,
                               .slices = batch->slices,
                               .augmentation = *batch->augmentation};
    struct check_result fault;
    const struct check_sink sink = first_fault_sink(&fault);
    samples_take(shadow, batch, &trial);
    if (batch->slices == 1) /* otherwise, after_slice took the rows */
        TRY(step_capture_take_rows(&shadow->capture, batch->step));
    TRY(step_capture_take_update(&shadow->capture, batch->step));
    TRY(step_judge(&trial, &shadow->capture, &sink));
    if (fault.name != NULL)
        return fail_wrong(shadow, batch, &trial, &fault);
    return batch->searched ? not_finite_search(shadow, batch) : WEFT_OK;
}

struct training_hooks shadow_hooks(struct shadow *shadow)
{
    return (struct training_hooks){.user = shadow,
                                   .before_batch = before_batch,
                                   .after_slice = after_slice,
                                   .after_batch = after_batch};
}
