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

static struct outcomes outcomes_of(const float *y, const float *z, size_t samples, size_t columns)
{
    return (struct outcomes){.task = WEFT_TASK_REGRESS,
                             .samples = samples,
                             .classes = columns,
                             .values = z,
                             .targets = y};
}

double score_r2(const float *y, const float *z, size_t samples, size_t columns)
{
    const struct outcomes outcomes = outcomes_of(y, z, samples, columns);
    double sum = 0.0;
    for (size_t c = 0; c < columns; c++)
        sum += regression_r2(&outcomes, c);
    return sum / (double)columns;
}

double score_r2_of_squares(const float *y, size_t samples, size_t columns, const double *squares)
{
    const struct outcomes outcomes = outcomes_of(y, NULL, samples, columns);
    double sum = 0.0;
    for (size_t c = 0; c < columns; c++)
        sum += regression_r2_of_squares(&outcomes, c, squares[c]);
    return sum / (double)columns;
}

/* z, p [PASS_BLOCK][outputs] are scratch. */
static enum weft_status squares_add(struct pass *pass, const struct device_data *data, size_t first,
                                    size_t count, const float *y, float *z, float *p,
                                    double *squares)
{
    const size_t columns = network_outputs(pass->network);
    for (size_t done = 0; done < count; done += PASS_BLOCK) {
        const size_t rows = size_min(PASS_BLOCK, count - done);
        const struct outcomes outcomes = outcomes_of(y + done * columns, z, rows, columns);
        TRY(pass_outputs(pass, data, first + done, rows, false, z, p, NULL));
        for (size_t row = 0; row < rows; row++)
            for (size_t c = 0; c < columns; c++) {
                const double miss = outcome_residual(&outcomes, row, c);
                squares[c] += miss * miss;
            }
    }
    return WEFT_OK;
}

enum weft_status score_squares_pass(struct pass *pass, const struct device_data *data, size_t first,
                                    size_t count, const float *y, double *squares)
{
    const size_t columns = network_outputs(pass->network);
    float *z = NULL, *p = NULL;
    enum weft_status status = NEW_ARRAY(z, PASS_BLOCK * columns);
    if (status == WEFT_OK)
        status = NEW_ARRAY(p, PASS_BLOCK * columns);
    for (size_t c = 0; c < columns; c++)
        squares[c] = 0.0;
    if (status == WEFT_OK)
        status = squares_add(pass, data, first, count, y, z, p, squares);
    memory_free(p);
    memory_free(z);
    return status;
}
