/* The operations of backend.h on an OpenCL device, by matrix products and element-wise kernels. */
#include "base/memory.h"
#include "opencl/launch.h"
#include "opencl/opencl_workspace.h"
#include "opencl/products.h"

enum weft_status opencl_parameters_upload(struct workspace *workspace, const float *parameters)
{
    return buffer_upload(workspace->device, workspace->parameters, 0, parameters,
                         workspace->network->value_count);
}

enum weft_status opencl_parameters_download(struct workspace *workspace, float *parameters)
{
    return buffer_download(workspace->device, workspace->parameters, 0, parameters,
                           workspace->network->value_count);
}

/* Whether the samples of the current batch are mixed. */
static bool mixes(const struct workspace *workspace)
{
    return workspace->drawn && workspace->augmentation.mixup > 0.0;
}

/* Whether the features of the current batch change after standardization. */
static bool features_change(const struct workspace *workspace)
{
    return workspace->drawn && augmentation_of_features(&workspace->augmentation);
}

/* Gathers images that are augmented and standardized. */
static enum weft_status images_gather(struct workspace *workspace, const struct device_data *data,
                                      size_t first)
{
    const struct image_buffers images = {.x = data->x,
                                         .labels = data->labels,
                                         .order = data->order,
                                         .order_first = first,
                                         .rows = workspace->rows,
                                         .columns = data->features,
                                         .mean = data->mean,
                                         .std = data->std,
                                         .draws = workspace->draws,
                                         .y = workspace->gathered,
                                         .labels_y = workspace->gathered_labels,
                                         .bytes = data->bytes,
                                         .augmentation = &workspace->augmentation,
                                         .draw = &workspace->draw};
    TRY(launch_image_draws(workspace->device, &images));
    return launch_gather_images(workspace->device, &images);
}

/* Standardizes the gathered samples, which are raw on the device. */
static enum weft_status raw_standardize(struct workspace *workspace, const struct device_data *data)
{
    return launch_standardize_rows(workspace->device, workspace->gathered, data->mean, data->std, 0,
                                   workspace->present, data->features);
}

/* Provides the rows of the batch: a slice of the data if possible, otherwise a copy. */
static enum weft_status rows_gather(struct workspace *workspace, const struct device_data *data,
                                    size_t first, size_t count)
{
    /* CLBlast counts elements from the start of a buffer in 32 bits. */
    const bool within_reach = (first + count) * data->features <= INT32_MAX;
    const bool changed = data->mean != NULL || features_change(workspace);
    if (workspace->training && !data->ordered && within_reach && !changed) {
        workspace->x = data->x;
        workspace->x_offset = first * data->features;
        workspace->labels = data->labels;
        workspace->labels_first = first;
        return WEFT_OK;
    }
    workspace->x = workspace->gathered;
    workspace->x_offset = 0;
    workspace->labels = workspace->gathered_labels;
    workspace->labels_first = 0;
    if (data->mean != NULL && workspace->drawn && workspace->draws != NULL)
        return images_gather(workspace, data, first);
    const struct gather gather = {.x = data->x,
                                  .labels = data->labels,
                                  .order = data->order,
                                  .mean = data->mean,
                                  .std = data->std,
                                  .order_first = first,
                                  .count = count,
                                  .rows = workspace->rows,
                                  .columns = data->features,
                                  .y = workspace->gathered,
                                  .labels_y = workspace->gathered_labels};
    if (data->bytes)
        return launch_gather_byte_rows(workspace->device, &gather);
    TRY(launch_gather_rows(workspace->device, &gather));
    return data->mean != NULL ? raw_standardize(workspace, data) : WEFT_OK;
}

/* Mixes the samples, the targets and the weights of the batch in pairs. */
static enum weft_status batch_mix(struct workspace *workspace)
{
    struct opencl_device *device = workspace->device;
    const size_t rows = workspace->present;
    const float share = mixup_share(workspace->augmentation.mixup, workspace->draw.seed,
                                    workspace->draw.epoch, workspace->draw.batch);
    TRY(launch_mix_rows(device, workspace->gathered, rows, network_features(workspace->network),
                        share));
    TRY(launch_mix_rows(device, workspace->y, rows, network_outputs(workspace->network), share));
    return launch_mix_rows(device, workspace->weight, rows, 1, share);
}

/* Drops features of the batch. */
static enum weft_status features_drop(struct workspace *workspace)
{
    const float share = workspace->augmentation.dropout;
    const size_t n = workspace->present * network_features(workspace->network);
    if (share == 0.0f)
        return WEFT_OK;
    return launch_dropout(workspace->device, &workspace->draw, DROPOUT_OF_INPUT, share,
                          workspace->gathered, n);
}

/* Computes y and the sample weights of the batch, from its labels or from the targets of the data
 * set. */
static enum weft_status targets_make(struct workspace *workspace, const struct device_data *data,
                                     size_t first)
{
    const struct target_buffers targets = {.labels = workspace->labels,
                                           .labels_first = workspace->labels_first,
                                           .targets = data->targets,
                                           .weights = data->weights,
                                           .order = data->order,
                                           .order_first = first,
                                           .rows = workspace->present,
                                           .columns = network_outputs(workspace->network),
                                           .keep = workspace->targets.keep,
                                           .spread = workspace->targets.spread,
                                           .y = workspace->y,
                                           .weight = workspace->weight};
    return data->targets != NULL ? launch_gather_targets(workspace->device, &targets)
                                 : launch_label_targets(workspace->device, &targets);
}

enum weft_status opencl_batch_gather(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t count, const struct batch_draw *draw)
{
    workspace->drawn = draw != NULL;
    if (draw != NULL)
        workspace->draw = *draw;
    workspace->present = count;
    workspace->rows = workspace->training ? count : workspace->batch;
    TRY(rows_gather(workspace, data, first, count));
    if (workspace->y != NULL)
        TRY(targets_make(workspace, data, first));
    if (mixes(workspace))
        TRY(batch_mix(workspace));
    return features_change(workspace) ? features_drop(workspace) : WEFT_OK;
}

/* Queues a product with the engine for the largest batch, because the workspace is sized for it. */
static enum weft_status run_product(struct workspace *workspace, const struct product *product)
{
    const bool gradient = product->form == PRODUCT_WEIGHT_GRADIENT;
    struct product chosen = *product;
    const struct product_ask ask = {.wanted = workspace->products,
                                    .form = product->form,
                                    .m = gradient ? product->m : workspace->batch,
                                    .n = product->n,
                                    .k = gradient ? workspace->batch : product->k};
    chosen.engine = products_engine_now(workspace->device, &ask);
    if (workspace->middle != NULL && gradient) {
        workspace->fused_summed = false;
        return middle_product(workspace->middle, &chosen, workspace->product_room);
    }
    return products_run(workspace->device, &chosen, workspace->product_room);
}

enum weft_status opencl_dense_forward(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    struct opencl_device *device = workspace->device;
    const cl_mem z = workspace->z[layer];
    const size_t n = workspace->rows * dense->outputs;
    if (workspace->fused != NULL || (workspace->middle != NULL && layer > 0))
        return WEFT_OK; /* output_delta does it */
    /* z [B][O] = x [B][I] W' */
    const struct product product = {.form = PRODUCT_FORWARD,
                                    .m = workspace->rows,
                                    .n = dense->outputs,
                                    .k = dense->inputs,
                                    .a = layer == 0 ? workspace->x : workspace->a[layer - 1],
                                    .a_offset = layer == 0 ? workspace->x_offset : 0,
                                    .b = workspace->parameters,
                                    .b_offset = dense->weight_offset,
                                    .c = dense->batch_norm ? workspace->q[layer] : z};
    TRY(run_product(workspace, &product));
    if (workspace->middle != NULL)
        return WEFT_OK; /* output_delta does the rest */
    if (dense->batch_norm)
        TRY(opencl_norm_forward(workspace, layer));
    if (dense->bias)
        TRY(launch_bias_add(device, z, workspace->parameters, dense->bias_offset, workspace->rows,
                            dense->outputs));
    if (dense->activation != WEFT_ACTIVATION_IDENTITY || layer_keeps_z(dense))
        TRY(launch_layer_forward(device, dense->activation, z, workspace->a[layer], n));
    if (dense->dropout == 0.0f || !workspace->drawn)
        return WEFT_OK;
    return launch_dropout(device, &workspace->draw, layer, dense->dropout, workspace->a[layer], n);
}

/* Computes the row losses, the correct predictions and the delta of the output layer. */
static enum weft_status loss_and_delta(struct workspace *workspace, const struct loss_rule *rule)
{
    const size_t last = workspace->network->layer_count - 1;
    const struct loss_buffers loss = {.z = workspace->a[last],
                                      .y = workspace->y,
                                      .weight = workspace->weight,
                                      .dz = workspace->dz[last],
                                      .loss = workspace->row_loss,
                                      .correct = workspace->row_correct,
                                      .rows = workspace->present,
                                      .columns = network_outputs(workspace->network),
                                      .delta_factor = rule->delta_factor,
                                      .each = workspace->targets.each,
                                      .true_class_only = rule->true_class_only};
    switch (workspace->network->head) {
    case WEFT_HEAD_SIGMOID:
        return launch_sigmoid_cross_entropy(workspace->device, &loss);
    case WEFT_HEAD_SOFTMAX:
        return launch_softmax_cross_entropy(workspace->device, &loss);
    case WEFT_HEAD_IDENTITY:
        return launch_identity_squared_error(workspace->device, &loss);
    }
    return fail(WEFT_ERROR_INTERNAL, "head %d: unknown", (int)workspace->network->head);
}

/* The current batch, as the fused step needs it. */
static struct fused_batch fused_batch(const struct workspace *workspace)
{
    return (struct fused_batch){.x = workspace->x,
                                .labels = workspace->labels,
                                .x_offset = workspace->x_offset,
                                .labels_first = workspace->labels_first,
                                .rows = workspace->rows};
}

/* Queues the middle of the step, after the product of dense_forward. */
static enum weft_status middle_run(struct workspace *workspace, const struct loss_rule *rule)
{
    const size_t last = workspace->network->layer_count - 1;
    const struct middle_batch batch = {.z1 = workspace->z[0],
                                       .dz1 = workspace->dz[0],
                                       .labels = workspace->labels,
                                       .labels_first = workspace->labels_first,
                                       .rows = workspace->rows,
                                       .outputs = workspace->a[last],
                                       .dz = workspace->dz[last],
                                       .loss = workspace->row_loss,
                                       .correct = workspace->row_correct};
    return middle_rows(workspace->middle, &batch, workspace->parameters, rule);
}

static enum step_rule step_of(const struct workspace *workspace)
{
    if (workspace->fused != NULL)
        return STEP_FUSED;
    return workspace->middle != NULL ? STEP_MIDDLE : STEP_BY_OPERATION;
}

enum weft_status opencl_output_delta(struct workspace *workspace, const struct loss_rule *rule,
                                     size_t slot)
{
    workspace->device->last_step = step_of(workspace);
    if (workspace->fused != NULL) {
        const struct fused_batch batch = fused_batch(workspace);
        const cl_mem outputs = workspace->a[workspace->network->layer_count - 1];
        TRY(fused_rows(workspace->fused, &batch, workspace->parameters, rule, outputs,
                       workspace->row_loss, workspace->row_correct));
    } else if (workspace->middle != NULL) {
        TRY(middle_run(workspace, rule));
    } else {
        TRY(loss_and_delta(workspace, rule));
    }
    return launch_metrics_sum(workspace->device, workspace->row_loss, workspace->row_correct,
                              workspace->present, workspace->loss_sums, workspace->correct_counts,
                              slot);
}

/* dz_below [B][I] = (dz [B][O] W) a'(z_below), then dq_below for layers with batch norm */
static enum weft_status delta_below(struct workspace *workspace, size_t layer)
{
    const struct dense_layer *dense = &workspace->network->layers[layer];
    const struct dense_layer *below = &workspace->network->layers[layer - 1];
    const struct product product = {.form = PRODUCT_DELTA,
                                    .m = workspace->rows,
                                    .n = dense->inputs,
                                    .k = dense->outputs,
                                    .a = workspace->dz[layer],
                                    .b = workspace->parameters,
                                    .b_offset = dense->weight_offset,
                                    .c = workspace->dz[layer - 1]};
    TRY(run_product(workspace, &product));
    if (below->dropout > 0.0f && workspace->drawn)
        TRY(launch_dropout(workspace->device, &workspace->draw, layer - 1, below->dropout,
                           workspace->dz[layer - 1], workspace->rows * dense->inputs));
    if (below->activation != WEFT_ACTIVATION_IDENTITY)
        TRY(launch_layer_backward(workspace->device, below->activation, layer_keeps_z(below),
                                  workspace->z[layer - 1], workspace->dz[layer - 1],
                                  workspace->rows * dense->inputs));
    return below->batch_norm ? opencl_norm_backward(workspace, layer - 1) : WEFT_OK;
}

/* Queues the gradient of all layers at once. output_delta has computed the deltas. */
static enum weft_status gradient_fused(struct workspace *workspace)
{
    const struct fused_batch batch = fused_batch(workspace);
    workspace->fused_summed = false;
    return fused_gradient(workspace->fused, &batch);
}

enum weft_status opencl_dense_backward(struct workspace *workspace, size_t layer)
{
    if (workspace->fused != NULL)
        return layer == 0 ? gradient_fused(workspace) : WEFT_OK;
    if (workspace->middle != NULL && layer > 0)
        return WEFT_OK;
    const struct dense_layer *dense = &workspace->network->layers[layer];
    /* dw [O][I] = dz' [O][B] x [B][I] */
    const struct product product = {.form = PRODUCT_WEIGHT_GRADIENT,
                                    .m = dense->outputs,
                                    .n = dense->inputs,
                                    .k = workspace->rows,
                                    .a = workspace->dz[layer],
                                    .b = layer == 0 ? workspace->x : workspace->a[layer - 1],
                                    .b_offset = layer == 0 ? workspace->x_offset : 0,
                                    .c = workspace->gradient,
                                    .c_offset = dense->weight_offset};
    TRY(run_product(workspace, &product));
    if (workspace->middle != NULL)
        return WEFT_OK;
    if (dense->bias)
        TRY(launch_bias_gradient(workspace->device, workspace->dz[layer], workspace->rows,
                                 dense->outputs, workspace->partial, workspace->gradient,
                                 dense->bias_offset));
    return layer > 0 ? delta_below(workspace, layer) : WEFT_OK;
}

enum weft_status opencl_output_probabilities(struct workspace *workspace, bool squeeze)
{
    struct opencl_device *device = workspace->device;
    const cl_mem z = workspace->a[workspace->network->layer_count - 1];
    const cl_mem p = workspace->probability;
    const size_t columns = network_outputs(workspace->network);
    const size_t n = workspace->rows * columns;
    switch (workspace->network->head) {
    case WEFT_HEAD_SOFTMAX:
        return launch_softmax_rows(device, z, p, workspace->rows, columns);
    case WEFT_HEAD_IDENTITY:
        return launch_clip_unit(device, z, p, n);
    case WEFT_HEAD_SIGMOID:
        TRY(opencl_check(
            device,
            clEnqueueCopyBuffer(device->queue, z, p, 0, 0, n * sizeof(cl_float), 0, NULL, NULL),
            "copy of the outputs"));
        TRY(launch_sigmoid_forward(device, p, n));
        return squeeze ? launch_softmax_rows(device, p, p, workspace->rows, columns) : WEFT_OK;
    }
    return fail(WEFT_ERROR_INTERNAL, "head %d: unknown", (int)workspace->network->head);
}
