/* Judges predictions by measures other than the loss. See score.h. */
#include "train/score.h"

#include "base/memory.h"
#include "metrics/regression_scores.h"

size_t score_class(const float *z, const float *p, size_t outputs)
{
    size_t best = 0;
    if (outputs == 1)
        return p[0] > 0.5f;
    for (size_t c = 1; c < outputs; c++)
        best = z[c] > z[best] ? c : best;
    return best;
}

double score_r2(const float *y, const float *z, size_t samples, size_t columns)
{
    const struct outcomes outcomes = {.task = WEFT_TASK_REGRESS,
                                      .samples = samples,
                                      .classes = columns,
                                      .values = z,
                                      .targets = y};
    double sum = 0.0;
    for (size_t c = 0; c < columns; c++)
        sum += regression_r2(&outcomes, c);
    return sum / (double)columns;
}

/* Computes the outputs z [samples][outputs]. The probabilities p [PASS_BLOCK][outputs] are
 * scratch. */
static enum weft_status outputs_take(struct pass *pass, const struct device_data *data,
                                     size_t samples, float *z, float *p)
{
    const size_t outputs = network_outputs(pass->network);
    for (size_t first = 0; first < samples; first += PASS_BLOCK)
        TRY(pass_outputs(pass, data, first, size_min(PASS_BLOCK, samples - first), false,
                         z + first * outputs, p, NULL));
    return WEFT_OK;
}

enum weft_status score_r2_pass(struct pass *pass, const struct device_data *data, const float *y,
                               size_t samples, double *r2)
{
    const size_t outputs = network_outputs(pass->network);
    float *z = NULL, *p = NULL;
    enum weft_status status = NEW_ARRAY(z, samples * outputs); /* the targets have the same size */
    if (status == WEFT_OK)
        status = NEW_ARRAY(p, PASS_BLOCK * outputs);
    if (status == WEFT_OK)
        status = outputs_take(pass, data, samples, z, p);
    if (status == WEFT_OK)
        *r2 = score_r2(y, z, samples, outputs);
    memory_free(p);
    memory_free(z);
    return status;
}
