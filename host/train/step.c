/* Runs one batch forward and backward. See step.h. */
#include "train/step.h"

enum weft_status step_forward(const struct step *step)
{
    const struct backend *backend = step->backend;
    TRY(backend->batch_gather(step->workspace, step->data, step->first, step->count, step->draw));
    for (size_t layer = 0; layer < step->network->layer_count; layer++)
        TRY(backend->dense_forward(step->workspace, layer));
    return backend->output_delta(step->workspace, &step->loss, step->slot);
}

enum weft_status step_backward(const struct step *step)
{
    for (size_t layer = step->network->layer_count; layer > 0; layer--)
        TRY(step->backend->dense_backward(step->workspace, layer - 1));
    return WEFT_OK;
}

enum weft_status step_update(const struct step *step, bool penalty, const struct update_rule *rule)
{
    if (penalty)
        TRY(step->backend->penalty_terms(step->workspace, step->slot));
    return step->backend->update(step->workspace, rule);
}
