/* Computes the gradient of a batch on a device and by the reference. See gradient_run.h. */
#include "check/gradient_run.h"

#include "base/memory.h"
#include "check/batch_judge.h"
#include "weft_device.h"

struct step gradient_device_step(const struct gradient_run *run)
{
    return (struct step){.backend = run->device->backend,
                         .workspace = run->workspace,
                         .network = run->network,
                         .data = run->data,
                         .count = run->subject->trial->batch,
                         .draw = run->subject->trial->draw,
                         .loss = {.delta_factor = run->subject->trial->loss.delta_factor}};
}

/* Takes and judges the batch that the device has gathered. */
static enum weft_status batch_take(struct gradient_run *run)
{
    const struct step_trial *trial = run->subject->trial;
    const struct step step = gradient_device_step(run);
    const size_t count = trial->batch * network_features(run->network);
    TRY(step_capture_init(&run->batch, run->network, trial->batch, trial->targets.dense, 0));
    TRY(NEW_ARRAY(run->x, count));
    TRY(step_capture_take_batch(&run->batch, &step));
    for (size_t i = 0; i < count; i++)
        run->x[i] = (double)run->batch.x[i];
    run->rule.targets = run->batch.y; /* correct to the last bit or so */
    run->rule.weights = run->batch.weight;
    run->rule.each = trial->targets.each;
    return batch_judge(trial, &run->batch, single_precision, run->sink);
}

static enum weft_status run_prepare(struct gradient_run *run)
{
    const struct step_trial *trial = run->subject->trial;
    const struct backend *backend = run->device->backend;
    const size_t count = run->network->value_count;
    const struct data_source source = step_trial_source(trial);
    const struct workspace_plan plan = {.network = run->network,
                                        .batch = trial->batch,
                                        .slots = 1,
                                        .training = true,
                                        .products = run->subject->products,
                                        .targets = trial->targets,
                                        .augmentation = trial->augmentation};
    TRY(NEW_ARRAY(run->parameters, count));
    TRY(NEW_ARRAY(run->moved, count));
    TRY(NEW_ARRAY(run->got, count));
    TRY(NEW_ARRAY(run->ratio, count));
    TRY(backend->data_create(run->device, &source, &run->data));
    TRY(backend->workspace_create(run->device, &plan, &run->workspace));
    for (size_t i = 0; i < count; i++)
        run->parameters[i] = (double)trial->parameters[i];
    return WEFT_OK;
}

/* got [parameter_count], including the gradient of the penalty */
static enum weft_status device_gradient(struct gradient_run *run)
{
    const struct step step = gradient_device_step(run);
    struct update_rule update = run->subject->trial->update;
    update.learning_rate = 0.0f; /* adds only the gradient of the penalty */
    update.optimizer = WEFT_OPTIMIZER_SGD;
    update.clip_norm = update.average_gain = 0.0f;
    TRY(step.backend->parameters_upload(run->workspace, run->subject->trial->parameters));
    TRY(step_forward(&step));
    TRY(batch_take(run));
    TRY(step_backward(&step));
    TRY(step_update(&step, false, &update));
    for (size_t l = 0; l < run->network->layer_count; l++) {
        const struct dense_layer *layer = &run->network->layers[l];
        TRY(step.backend->tensor_download(run->workspace, TENSOR_WEIGHT_GRADIENT, l,
                                          run->got + layer->weight_offset));
        if (layer->bias)
            TRY(step.backend->tensor_download(run->workspace, TENSOR_BIAS_GRADIENT, l,
                                              run->got + layer->bias_offset));
        if (layer->batch_norm)
            TRY(step.backend->tensor_download(run->workspace, TENSOR_NORM_GRADIENT, l,
                                              run->got + layer->scale_offset));
    }
    return WEFT_OK;
}

struct exact_step gradient_exact(const struct gradient_run *run)
{
    return (struct exact_step){.network = run->network,
                               .batch = run->subject->trial->batch,
                               .x = run->x,
                               .labels = run->subject->trial->labels,
                               .parameters = run->parameters,
                               .rule = &run->rule,
                               .step = &run->step};
}

static enum weft_status reference_gradient(struct gradient_run *run)
{
    const struct exact_step exact = gradient_exact(run);
    TRY(ref_step_run(run->network, run->parameters, run->x, exact.labels, exact.batch, &run->rule,
                     &run->step));
    return step_bounds_init(&run->bounds, single_precision, &exact);
}

enum weft_status gradient_run_compute(struct gradient_run *run)
{
    TRY(run_prepare(run));
    TRY(device_gradient(run));
    return reference_gradient(run);
}

void gradient_run_reset(struct gradient_run *run)
{
    if (run->workspace != NULL)
        run->device->backend->workspace_destroy(run->workspace);
    if (run->data != NULL)
        run->device->backend->data_destroy(run->data);
    step_bounds_reset(&run->bounds);
    ref_step_reset(&run->step);
    memory_free(run->x);
    step_capture_reset(&run->batch);
    memory_free(run->ratio);
    memory_free(run->got);
    memory_free(run->moved);
    memory_free(run->parameters);
}
