/* Gathers a batch on the CPU: its samples, targets and sample weights.
 *
 * In training, a batch in file order is not copied unless augmentation or raw images require it. It
 * is a view into the data, which already have the layout that matrix products need. Evaluation
 * always copies into the same zero-padded block. So a sample's result does not depend on its
 * position or its neighbors.
 */
#include <assert.h>
#include <string.h>

#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

/* Does the same as copy_rows for samples that an index selects. */
static void selected_rows_copy(struct workspace *workspace, const struct device_data *data,
                               size_t first, size_t count)
{
    const struct sample_rows rows = {
        .features = data->features, .x = data->x, .bytes = data->bytes, .index = data->index};
    sample_rows_gather(&rows, data->order != NULL ? data->order + first : NULL, first, count,
                       workspace->rows_copy);
    for (size_t i = 0; i < count; i++) {
        const size_t sample = data->order != NULL ? data->order[first + i] : first + i;
        workspace->labels_copy[i] = data->labels != NULL ? data->labels[sample] : 0;
    }
    if (data->mean != NULL)
        cpu_standardize_rows(workspace->rows_copy, data->mean, data->std, count, data->features);
}

/* Copies rows first .. first + count - 1 of the order into the workspace's own block, and
 * standardizes them if they are raw. */
static void copy_rows(struct workspace *workspace, const struct device_data *data, size_t first,
                      size_t count)
{
    const size_t features = data->features;
    if (data->index != NULL) {
        selected_rows_copy(workspace, data, first, count);
    } else if (data->bytes != NULL) {
        cpu_gather_byte_rows(data->bytes, data->labels, data->order, first, data->mean, data->std,
                             count, features, workspace->rows_copy, workspace->labels_copy);
    } else {
        cpu_gather_rows(data->x, data->labels, data->order, first, count, features,
                        workspace->rows_copy, workspace->labels_copy);
        if (data->mean != NULL)
            cpu_standardize_rows(workspace->rows_copy, data->mean, data->std, count, features);
    }
    workspace->x = workspace->rows_copy;
    workspace->labels = workspace->labels_copy;
}

/* Draws the augmentation of each image, applies it and standardizes the result. */
static void images_gather(struct workspace *workspace, const struct device_data *data, size_t first)
{
    cpu_image_draws(data->labels, data->order, first, workspace->count, &workspace->augmentation,
                    &workspace->draw, workspace->draws, workspace->labels_copy);
    for (size_t r = 0; data->index != NULL && r < workspace->count; r++) {
        int32_t *draw = workspace->draws + r * DRAW_NUMBERS;
        draw[DRAW_SAMPLE] = (int32_t)data->index[image_draw_sample(draw)];
    }
    if (data->bytes != NULL)
        cpu_gather_byte_images(data->bytes, workspace->draws, data->mean, data->std,
                               workspace->count, &workspace->augmentation, workspace->rows_copy);
    else
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

/* Returns whether a batch is a view into the data. */
static bool is_view(const struct workspace *workspace, const struct device_data *data)
{
    const bool changed = data->mean != NULL || features_change(workspace);
    return workspace->training && data->order == NULL && !changed && data->labels != NULL &&
           data->x != NULL && data->index == NULL;
}

static void rows_gather(struct workspace *workspace, const struct device_data *data, size_t first,
                        size_t count)
{
    if (is_view(workspace, data)) {
        workspace->x = data->x + first * data->features;
        workspace->labels = data->labels + first;
        return;
    }
    if (data->mean != NULL && workspace->drawn && workspace->draws != NULL)
        images_gather(workspace, data, first);
    else
        copy_rows(workspace, data, first, count);
    memset(workspace->rows_copy + count * data->features, 0,
           (workspace->rows - count) * data->features * sizeof *workspace->rows_copy);
}

/* Fills y and the weights of the batch, from its labels or from the targets of the data. */
static void targets_make(struct workspace *workspace, const struct device_data *data, size_t first)
{
    const struct cpu_targets targets = {.weights = data->weights,
                                        .order = data->order,
                                        .first = first,
                                        .rows = workspace->count,
                                        .columns = network_outputs(workspace->network),
                                        .share = workspace->targets.share,
                                        .spread = workspace->targets.spread,
                                        .y = workspace->y,
                                        .weight = workspace->weight};
    if (data->targets != NULL)
        cpu_gather_targets(data->targets, &targets);
    else
        cpu_label_targets(workspace->labels, &targets);
}

void cpu_samples_gather(struct workspace *workspace, const struct device_data *data, size_t first,
                        size_t count)
{
    rows_gather(workspace, data, first, count);
    targets_make(workspace, data, first);
    if (mixes(workspace))
        batch_mix(workspace);
    if (features_change(workspace) && workspace->augmentation.dropout > 0.0f)
        cpu_dropout(&workspace->draw, DROPOUT_OF_INPUT, workspace->augmentation.dropout,
                    workspace->rows_copy, count, data->features);
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
    if (cpu_parts_in_use(workspace)) {
        workspace->parts.data = data;
        workspace->parts.first = first;
        workspace->x =
            is_view(workspace, data) ? data->x + first * data->features : workspace->rows_copy;
    } else {
        cpu_samples_gather(workspace, data, first, count);
    }
    return WEFT_OK;
}
