/* Gathers a batch on an OpenCL device: its samples, targets and sample weights.
 *
 * In training, a batch in file order is a slice of the data, unless augmentation or raw samples
 * require a copy. A batch of streamed data comes from a slot of the stream.
 */
#include "opencl/launch.h"
#include "opencl/opencl_stream.h"
#include "opencl/opencl_workspace.h"

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
                                   workspace->count, data->features);
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
    const size_t rows = workspace->count;
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
    if (share == 0.0f)
        return WEFT_OK;
    return launch_dropout(workspace->device, &workspace->draw, DROPOUT_OF_INPUT, share,
                          workspace->gathered, workspace->count,
                          network_features(workspace->network));
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
                                           .rows = workspace->count,
                                           .columns = network_outputs(workspace->network),
                                           .share = workspace->targets.share,
                                           .spread = workspace->targets.spread,
                                           .y = workspace->y,
                                           .weight = workspace->weight};
    return data->targets != NULL ? launch_gather_targets(workspace->device, &targets)
                                 : launch_label_targets(workspace->device, &targets);
}

/* Gathers samples first .. first + count - 1 of the data, which are on the device. */
static enum weft_status batch_make(struct workspace *workspace, const struct device_data *data,
                                   size_t first)
{
    TRY(rows_gather(workspace, data, first, workspace->count));
    if (workspace->y != NULL)
        TRY(targets_make(workspace, data, first));
    if (mixes(workspace))
        TRY(batch_mix(workspace));
    return features_change(workspace) ? features_drop(workspace) : WEFT_OK;
}

enum weft_status opencl_batch_gather(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t count, const struct batch_draw *draw)
{
    workspace->drawn = draw != NULL;
    if (draw != NULL)
        workspace->draw = *draw;
    workspace->count = count;
    workspace->rows = workspace->training ? count : workspace->batch;
    if (data->stream == NULL)
        return batch_make(workspace, data, first);
    struct staged_batch staged;
    TRY(stream_take(data->stream, first, count, &staged));
    struct device_data view = *data;
    view.samples = count;
    view.x = staged.x;
    view.labels = staged.labels;
    view.targets = staged.targets;
    view.weights = staged.weights;
    view.order = staged.order;
    view.ordered = true; /* copies the batch, so that its slot becomes free */
    TRY(batch_make(workspace, &view, 0));
    return stream_advance(data->stream);
}
