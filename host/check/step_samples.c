/* The samples of a judged step. See step_samples.h. */
#include "check/step_samples.h"

#include <string.h>

#include "base/memory.h"

static enum weft_status allocate(struct step_samples *samples, const struct network *network,
                                 size_t batch)
{
    size_t features = 0, targets = 0;
    if (!size_multiply(batch, network_features(network), &features))
        return memory_exhausted(batch, network_features(network));
    TRY(NEW_ARRAY(samples->x, features));
    TRY(NEW_ARRAY(samples->labels, batch));
    TRY(NEW_ARRAY(samples->weights, batch));
    for (size_t i = 0; i < batch; i++)
        samples->weights[i] = 1.0f;
    if (network->task == WEFT_TASK_CLASSIFY)
        return WEFT_OK;
    if (!size_multiply(batch, network_outputs(network), &targets))
        return memory_exhausted(batch, network_outputs(network));
    return NEW_ARRAY(samples->y, targets);
}

enum weft_status step_samples_init(struct step_samples *samples, const struct network *network,
                                   size_t batch)
{
    memset(samples, 0, sizeof *samples);
    const enum weft_status status = allocate(samples, network, batch);
    if (status != WEFT_OK)
        step_samples_reset(samples);
    return status;
}

void step_samples_reset(struct step_samples *samples)
{
    memory_free(samples->weights);
    memory_free(samples->y);
    memory_free(samples->labels);
    memory_free(samples->x);
    memset(samples, 0, sizeof *samples);
}

void step_samples_copy(struct step_samples *samples, size_t row, const struct weft_dataset *dataset,
                       size_t sample)
{
    const size_t classes = dataset->classes;
    const struct sample_rows rows = dataset_rows(dataset);
    sample_rows_gather(&rows, NULL, sample, 1, samples->x + row * dataset->features);
    if (samples->y != NULL)
        memcpy(samples->y + row * classes, dataset->targets + sample * classes,
               classes * sizeof *samples->y);
    else
        samples->labels[row] = dataset->labels[sample];
}

void step_samples_lend(const struct step_samples *samples, struct step_trial *trial)
{
    trial->x = samples->x;
    trial->labels = samples->labels;
    trial->y = samples->y;
    trial->weights = samples->weights;
}
