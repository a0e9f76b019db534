/* Batch normalization of a batch in slices; see slice_norm.h. */
#include "train/slice_norm.h"

void slice_norm_merge(size_t samples, size_t slices, size_t outputs, const float *all,
                      float *merged)
{
    for (size_t j = 0; j < outputs; j++) {
        double n = 0.0, mean = 0.0, squares = 0.0; /* squares = sum (q - mean)^2 */
        for (size_t s = 0; s < slices; s++) {
            size_t first = 0, rows = 0;
            slice_range(samples, slices, s, &first, &rows);
            if (rows == 0)
                continue;
            const float *slice = all + s * 2 * outputs; /* [2][O] */
            const double m = (double)rows, apart = (double)slice[j] - mean;
            squares += m * (double)slice[outputs + j] + apart * apart * (n * m / (n + m));
            mean += apart * (m / (n + m));
            n += m;
        }
        merged[j] = (float)mean;
        merged[outputs + j] = (float)(squares / n);
    }
}

/* Adds the gradients all [S][2][O], which are overwritten, in the order of all other gradients. */
static void gradients_add(const struct slices *slices, size_t samples, size_t outputs, float *all)
{
    const size_t count = slices->order.slices;
    for (size_t s = 0; s < count; s++) {
        size_t first = 0, rows = 0;
        slice_range(samples, count, s, &first, &rows);
        slices->norm_arrays[s] = all + s * 2 * outputs;
        for (size_t j = 0; rows == 0 && j < 2 * outputs; j++)
            slices->norm_arrays[s][j] = -0.0f;
    }
    slice_tree_sum(slices->norm_additions, count - 1, slices->norm_arrays, 2 * outputs,
                   slices->norm_whole);
}

/* Returns numbers [2][O] of every slice [S], from those of this rank's slices. */
static enum weft_status all_gather(struct slices *slices, size_t outputs, float **all)
{
    struct slice_group *group = slices->group;
    *all = slices->norm_own;
    if (group->ranks == 1)
        return WEFT_OK;
    *all = slices->norm_all;
    return group->gather(group, slices->order.slices, slices->norm_own,
                         2 * outputs * sizeof *slices->norm_own, slices->norm_all);
}

/* Returns the next slice with samples, from number *i on, or NULL. *i becomes the number after it.
 */
static const struct step *next_slice(const struct slices *slices, size_t *i)
{
    while (*i < slices->order.own) {
        const struct step *step = &slices->current[(*i)++].step;
        if (step->count > 0)
            return step;
    }
    return NULL;
}

/* q and statistics of each slice -> merge -> z and a of each slice */
static enum weft_status norm_forward(struct slices *slices, const struct training_batch *batch,
                                     size_t layer)
{
    const struct step *whole = batch->step, *slice;
    const size_t outputs = whole->network->layers[layer].outputs;
    float *all = NULL;
    for (size_t i = 0; (slice = next_slice(slices, &i)) != NULL;)
        TRY(slice->backend->norm_statistics(slice->workspace, layer,
                                            slices->norm_own + (i - 1) * 2 * outputs));
    TRY(all_gather(slices, outputs, &all));
    slice_norm_merge(whole->count, slices->order.slices, outputs, all, slices->norm_whole);
    TRY(whole->backend->norm_merge(whole->workspace, layer, slices->norm_whole, whole->count));
    for (size_t i = 0; (slice = next_slice(slices, &i)) != NULL;)
        TRY(slice->backend->norm_forward(slice->workspace, layer));
    return WEFT_OK;
}

/* gradients of scale and shift of each slice -> sum -> dq of each slice */
static enum weft_status norm_backward(struct slices *slices, const struct training_batch *batch,
                                      size_t layer)
{
    const struct step *whole = batch->step, *slice;
    const size_t outputs = whole->network->layers[layer].outputs;
    float *all = NULL;
    for (size_t i = 0; (slice = next_slice(slices, &i)) != NULL;)
        TRY(slice->backend->norm_gradient(slice->workspace, layer,
                                          slices->norm_own + (i - 1) * 2 * outputs));
    TRY(all_gather(slices, outputs, &all));
    gradients_add(slices, whole->count, outputs, all);
    for (size_t i = 0; (slice = next_slice(slices, &i)) != NULL;)
        TRY(slice->backend->norm_backward(slice->workspace, layer, slices->norm_whole,
                                          whole->count));
    return WEFT_OK;
}

static enum weft_status layer_forward(struct slices *slices, const struct training_batch *batch,
                                      size_t layer)
{
    const struct step *slice;
    if (batch->step->network->layers[layer].batch_norm)
        return norm_forward(slices, batch, layer);
    for (size_t i = 0; (slice = next_slice(slices, &i)) != NULL;)
        TRY(slice->backend->dense_forward(slice->workspace, layer));
    return WEFT_OK;
}

static enum weft_status layer_backward(struct slices *slices, const struct training_batch *batch,
                                       size_t layer)
{
    const struct step *slice;
    for (size_t i = 0; (slice = next_slice(slices, &i)) != NULL;)
        TRY(slice->backend->dense_backward(slice->workspace, layer));
    if (layer == 0 || !batch->step->network->layers[layer - 1].batch_norm)
        return WEFT_OK;
    return norm_backward(slices, batch, layer - 1);
}

enum weft_status slice_norm_run(struct slices *slices, const struct training_batch *batch)
{
    const size_t layers = batch->step->network->layer_count;
    const struct step *slice;
    for (size_t i = 0; (slice = next_slice(slices, &i)) != NULL;)
        TRY(slice->backend->batch_gather(slice->workspace, slice->data, slice->first, slice->count,
                                         slice->draw));
    for (size_t layer = 0; layer < layers; layer++)
        TRY(layer_forward(slices, batch, layer));
    for (size_t i = 0; (slice = next_slice(slices, &i)) != NULL;)
        TRY(slice->backend->output_delta(slice->workspace, &slice->loss, slice->slot));
    for (size_t layer = layers; layer > 0; layer--)
        TRY(layer_backward(slices, batch, layer - 1));
    return WEFT_OK;
}
