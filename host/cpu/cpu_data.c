/* Stores samples in memory and gathers batches from them.
 *
 * In training, a batch in file order is not copied unless augmentation or raw images require it. It
 * is a view into the data, which already have the layout that matrix products need. Evaluation
 * always copies into the same zero-padded block. So a sample's result does not depend on its
 * position or its neighbors.
 */
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Stores the statistics of raw samples. Without a scale, it stores a mean of 0 and a standard
 * deviation of 1, which change nothing. */
static enum weft_status scale_keep(struct device_data *data, const struct scale *scale)
{
    const bool scaled = scale != NULL && scale->features > 0;
    TRY(NEW_ARRAY(data->mean, data->features));
    TRY(NEW_ARRAY(data->std, data->features));
    for (size_t f = 0; f < data->features; f++) {
        data->mean[f] = scaled ? scale->mean[f] : 0.0f;
        data->std[f] = scaled ? scale->std[f] : 1.0f;
    }
    return WEFT_OK;
}

/* Samples are stored as floats even if they come as bytes. Standardizing each number in every epoch
 * takes longer here than reading a quarter of the memory saves. */
static enum weft_status data_fill(struct device_data *data, const struct data_source *source)
{
    size_t count;
    if (!size_multiply(source->samples, source->features, &count))
        return memory_exhausted(source->samples, source->features);
    TRY(NEW_ARRAY(data->x, count));
    TRY(NEW_ARRAY(data->labels, source->samples));
    TRY(NEW_ARRAY(data->order, source->samples));
    TRY(NEW_ARRAY(data->weights, source->samples));
    data->samples = source->samples;
    data->features = source->features;
    memcpy(data->x, source->x, count * sizeof *data->x);
    if (source->labels != NULL)
        memcpy(data->labels, source->labels, source->samples * sizeof *data->labels);
    for (size_t i = 0; i < source->samples; i++)
        data->weights[i] = source->weights != NULL ? source->weights[i] : 1.0f;
    if (source->targets != NULL) {
        if (!size_multiply(source->samples, source->target_count, &count))
            return memory_exhausted(source->samples, source->target_count);
        TRY(NEW_ARRAY(data->targets, count));
        memcpy(data->targets, source->targets, count * sizeof *data->targets);
    }
    if (source->images)
        return scale_keep(data, source->scale);
    if (source->scale != NULL && source->scale->features > 0)
        cpu_standardize_rows(data->x, source->scale->mean, source->scale->std, source->samples,
                             source->features);
    return WEFT_OK;
}

enum weft_status cpu_data_create(struct weft_device *device, const struct data_source *source,
                                 struct device_data **data)
{
    (void)device;
    *data = NULL;
    struct device_data *created;
    TRY(NEW_ARRAY(created, 1));
    enum weft_status status = data_fill(created, source);
    if (status != WEFT_OK) {
        cpu_data_destroy(created);
        return status;
    }
    *data = created;
    return WEFT_OK;
}

void cpu_data_destroy(struct device_data *data)
{
    if (data == NULL)
        return;
    memory_free(data->x);
    memory_free(data->labels);
    memory_free(data->mean);
    memory_free(data->std);
    memory_free(data->targets);
    memory_free(data->weights);
    memory_free(data->order);
    memory_free(data);
}

enum weft_status cpu_order_upload(struct device_data *data, const uint32_t *order)
{
    data->ordered = order != NULL;
    if (order != NULL)
        memcpy(data->order, order, data->samples * sizeof *order);
    return WEFT_OK;
}

/* Copies rows first .. first + count - 1 of the order into the workspace's own block. */
static void copy_rows(struct workspace *workspace, const struct device_data *data, size_t first,
                      size_t count)
{
    size_t features = data->features;
    if (data->ordered) {
        cpu_gather_rows(data->x, data->labels, data->order + first, count, features,
                        workspace->rows_copy, workspace->labels_copy);
    } else {
        memcpy(workspace->rows_copy, data->x + first * features,
               count * features * sizeof *data->x);
        memcpy(workspace->labels_copy, data->labels + first, count * sizeof *data->labels);
    }
    if (data->mean != NULL)
        cpu_standardize_rows(workspace->rows_copy, data->mean, data->std, count, features);
    workspace->x = workspace->rows_copy;
    workspace->labels = workspace->labels_copy;
}

/* Draws the augmentation of each image, applies it and standardizes the result. */
static void images_take(struct workspace *workspace, const struct device_data *data, size_t first)
{
    cpu_image_draws(data->labels, data->ordered ? data->order : NULL, first, workspace->count,
                    &workspace->augmentation, &workspace->draw, workspace->draws,
                    workspace->labels_copy);
    cpu_gather_images(data->x, workspace->draws, data->mean, data->std, workspace->count,
                      &workspace->augmentation, workspace->rows_copy);
    workspace->x = workspace->rows_copy;
    workspace->labels = workspace->labels_copy;
}

/* Returns whether the current batch uses mixup. */
static bool mixes(const struct workspace *workspace)
{
    return workspace->drawn && workspace->augmentation.mixup > 0.0;
}

/* Returns whether augmentation changes the features after they are standardized. */
static bool features_change(const struct workspace *workspace)
{
    return workspace->drawn && augmentation_of_features(&workspace->augmentation);
}

/* Mixes pairs of samples, their targets and their weights. */
static void batch_mix(struct workspace *workspace)
{
    const float share = mixup_share(workspace->augmentation.mixup, workspace->draw.seed,
                                    workspace->draw.epoch, workspace->draw.batch);
    const size_t rows = workspace->count;
    cpu_mix_rows(workspace->rows_copy, rows, network_features(workspace->network), share);
    cpu_mix_rows(workspace->y, rows, network_outputs(workspace->network), share);
    cpu_mix_rows(workspace->weight, rows, 1, share);
}

static void rows_take(struct workspace *workspace, const struct device_data *data, size_t first,
                      size_t count)
{
    const bool changed = data->mean != NULL || features_change(workspace);
    if (workspace->training && !data->ordered && !changed) {
        workspace->x = data->x + first * data->features;
        workspace->labels = data->labels + first;
        return;
    }
    if (data->mean != NULL && workspace->drawn && workspace->draws != NULL)
        images_take(workspace, data, first);
    else
        copy_rows(workspace, data, first, count);
    memset(workspace->rows_copy + count * data->features, 0,
           (workspace->rows - count) * data->features * sizeof *workspace->rows_copy);
}

/* Fills y and the weights of the batch, from its labels or from the targets of the data. */
static void targets_make(struct workspace *workspace, const struct device_data *data, size_t first)
{
    const struct cpu_targets targets = {.weights = data->weights,
                                        .order = data->ordered ? data->order : NULL,
                                        .first = first,
                                        .rows = workspace->count,
                                        .columns = network_outputs(workspace->network),
                                        .keep = workspace->targets.keep,
                                        .spread = workspace->targets.spread,
                                        .y = workspace->y,
                                        .weight = workspace->weight};
    if (data->targets != NULL)
        cpu_gather_targets(data->targets, &targets);
    else
        cpu_label_targets(workspace->labels, &targets);
}

enum weft_status cpu_batch_gather(struct workspace *workspace, const struct device_data *data,
                                  size_t first, size_t count, const struct batch_draw *draw)
{
    assert(count >= 1 && count <= workspace->batch);
    assert(first <= data->samples && count <= data->samples - first);
    assert(data->features == network_features(workspace->network));
    workspace->drawn = draw != NULL;
    if (draw != NULL)
        workspace->draw = *draw;
    workspace->count = count;
    workspace->rows = workspace->training ? count : workspace->batch;
    rows_take(workspace, data, first, count);
    targets_make(workspace, data, first);
    if (mixes(workspace))
        batch_mix(workspace);
    if (features_change(workspace) && workspace->augmentation.dropout > 0.0f)
        cpu_dropout(&workspace->draw, DROPOUT_OF_INPUT, workspace->augmentation.dropout,
                    workspace->rows_copy, count * data->features);
    return WEFT_OK;
}
