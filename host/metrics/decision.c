/* Implements decision.h. */
#include "metrics/decision.h"

static enum weft_status check_probability(const char *name, double value)
{
    if (value == 0.0 || (value > 0.0 && value < 1.0))
        return WEFT_OK;
    return fail(WEFT_ERROR_USAGE, "%s: got %g, need a probability above 0 and below 1", name,
                value);
}

enum weft_status decision_check(const struct decision *decision, enum weft_task task,
                                size_t classes)
{
    TRY(check_probability("threshold", decision->threshold));
    TRY(check_probability("reject", decision->reject));
    if (decision->threshold != 0.0 && task == WEFT_TASK_REGRESS)
        return fail(WEFT_ERROR_USAGE, "threshold: task regress has no probabilities");
    if (decision->threshold != 0.0 && task == WEFT_TASK_CLASSIFY && classes != 2)
        return fail(WEFT_ERROR_USAGE,
                    "threshold: got %zu classes, need two classes, or task multilabel", classes);
    if (decision->reject != 0.0 && task != WEFT_TASK_CLASSIFY)
        return fail(WEFT_ERROR_USAGE, "reject: needs one class for each sample, task classify");
    return WEFT_OK;
}

void decision_threshold(const struct decision *decision, enum weft_task task, size_t samples,
                        size_t classes, const float *p, int32_t *predicted)
{
    if (decision->threshold == 0.0)
        return;
    for (size_t i = 0; task == WEFT_TASK_CLASSIFY && i < samples; i++)
        predicted[i] = (double)p[2 * i + 1] > decision->threshold;
    for (size_t i = 0; task == WEFT_TASK_MULTILABEL && i < samples * classes; i++)
        predicted[i] = (double)p[i] > decision->threshold;
}
