/* Takes and judges the batch of a gradient check. See gradient_batch.h. batch_judge.c computes the
 * expected numbers. */
#include "check/gradient_batch.h"

#include <stdio.h>

#include "base/memory.h"
#include "check/batch_judge.h"

/* Copies a tensor of the batch, [count], into a new array. `buffer` [count] receives the download.
 */
static enum weft_status tensor_take(const struct backend *backend, struct workspace *workspace,
                                    enum tensor tensor, size_t count, float *buffer,
                                    double **values)
{
    TRY(NEW_ARRAY(*values, count));
    TRY(backend->tensor_download(workspace, tensor, 0, buffer));
    for (size_t i = 0; i < count; i++)
        (*values)[i] = (double)buffer[i];
    return WEFT_OK;
}

/* `buffer` has B times the larger of D and C elements. */
static enum weft_status tensors_take(struct gradient_batch *batch, const struct step_trial *trial,
                                     const struct backend *backend, struct workspace *workspace,
                                     float *buffer)
{
    const size_t rows = trial->batch, outputs = network_outputs(trial->network);
    TRY(tensor_take(backend, workspace, TENSOR_INPUT, rows * network_features(trial->network),
                    buffer, &batch->x));
    if (!trial->targets.dense)
        return WEFT_OK;
    TRY(tensor_take(backend, workspace, TENSOR_TARGET, rows * outputs, buffer, &batch->y));
    return tensor_take(backend, workspace, TENSOR_SAMPLE_WEIGHT, rows, buffer, &batch->weight);
}

/* raw [B][D] are the samples after the augmentation of images */
static void features_judge(const struct gradient_batch *batch, const struct step_trial *trial,
                           const float *raw, const struct check_sink *sink)
{
    const size_t features = network_features(trial->network);
    const double share = batch_share(trial);
    struct check_result result;
    result_begin(&result, "gather", "x");
    snprintf(result.shape, sizeof result.shape, "%zux%zu", trial->batch, features);
    for (size_t i = 0; i < trial->batch * features; i++) {
        const struct judged_number x = batch_feature(trial, raw, share, single_precision, i);
        result_note(&result, i, batch->x[i], x.want, x.bound);
    }
    sink->result(sink->user, &result);
}

static enum weft_status batch_judge(const struct gradient_batch *batch,
                                    const struct step_trial *trial, const struct check_sink *sink)
{
    const struct step_capture targets = {.y = batch->y, .weight = batch->weight};
    float *changed = NULL; /* [B][D] */
    TRY(batch_images_change(trial, &changed));
    features_judge(batch, trial, changed != NULL ? changed : trial->x, sink);
    memory_free(changed);
    if (trial->targets.dense)
        batch_targets_judge(trial, &targets, single_precision, sink);
    return WEFT_OK;
}

enum weft_status gradient_batch_take(struct gradient_batch *batch, const struct step_trial *trial,
                                     const struct backend *backend, struct workspace *workspace,
                                     const struct check_sink *sink)
{
    const struct network *network = trial->network;
    float *buffer = NULL;
    TRY(NEW_ARRAY(buffer,
                  trial->batch * size_max(network_features(network), network_outputs(network))));
    const enum weft_status status = tensors_take(batch, trial, backend, workspace, buffer);
    memory_free(buffer);
    TRY(status);
    return batch_judge(batch, trial, sink);
}

void gradient_batch_reset(struct gradient_batch *batch)
{
    memory_free(batch->weight);
    memory_free(batch->y);
    memory_free(batch->x);
    *batch = (struct gradient_batch){.x = NULL};
}
