/* Implements mean_loss.h. */
#include "api/mean_loss.h"

#include <float.h>
#include <math.h>

#include "base/memory.h"

enum weft_status mean_loss_init(struct mean_loss *loss)
{
    const bool known = loss->source->labels != NULL || loss->source->targets != NULL;
    const size_t outputs = network_outputs(loss->network);
    size_t count = 0;
    loss->sums = NULL;
    if (!known)
        return WEFT_OK;
    if (!size_multiply(loss->source->samples, outputs, &count))
        return memory_exhausted(loss->source->samples, outputs);
    return NEW_ARRAY(loss->sums, count);
}

void mean_loss_reset(struct mean_loss *loss)
{
    memory_free(loss->sums);
    loss->sums = NULL;
}

/* Returns the true value of output `c` of sample `row`. With a single output for two classes, it is
 * the label. */
static double truth(const struct mean_loss *loss, size_t row, size_t c)
{
    const size_t outputs = network_outputs(loss->network);
    if (loss->network->task != WEFT_TASK_CLASSIFY)
        return (double)loss->source->targets[row * outputs + c];
    const size_t label = (size_t)loss->source->labels[row];
    return outputs == 1 ? (double)label : (double)(label == c);
}

void mean_loss_add(struct mean_loss *loss, size_t first, size_t count, const float *z,
                   const float *p)
{
    const size_t outputs = network_outputs(loss->network);
    const enum weft_head head = loss->network->head;
    for (size_t i = 0; loss->sums != NULL && i < count * outputs; i++) {
        const double y = truth(loss, first + i / outputs, i % outputs), output = (double)z[i];
        double *sum = &loss->sums[first * outputs + i];
        if (head == WEFT_HEAD_SIGMOID)
            *sum += 1.0 / (1.0 + exp(y > 0.5 ? -output : output));
        else
            *sum += head == WEFT_HEAD_SOFTMAX ? (double)p[i] : output;
    }
}

/* -log of a mean probability; NaN stays NaN */
static double surprisal(double probability)
{
    return -log(probability < (double)FLT_MIN ? (double)FLT_MIN : probability);
}

double mean_loss_sum(const struct mean_loss *loss, size_t runs)
{
    const size_t outputs = network_outputs(loss->network), samples = loss->source->samples;
    const enum weft_head head = loss->network->head;
    double sum = 0.0;
    for (size_t i = 0; loss->sums != NULL && i < samples * outputs; i++) {
        const double y = truth(loss, i / outputs, i % outputs);
        const double mean = loss->sums[i] / (double)runs;
        if (head == WEFT_HEAD_IDENTITY)
            sum += (y - mean) * (y - mean) / 2.0;
        else if (head == WEFT_HEAD_SIGMOID || y > 0.5) /* softmax: the true label alone */
            sum += surprisal(mean);
    }
    return sum;
}
