/* The first stage of a judged step: the samples of the batch. See step_trial.h.
 */
#include <math.h>
#include <stdio.h>

#include "base/clones.h"
#include "check/batch_judge.h"
#include "check/check_result.h"
#include "check/step_judge.h"

/* The largest |got - want| / bound of a row of standardized samples, about; infinite where a number
 * is not finite. Millions of numbers are right: this loop is vector code, which result_note is not.
 */
VECTOR_CLONES
static double row_worst(const float *x, const float *mean, const float *std, const float *got,
                        size_t features, double u)
{
    double worst = 0.0, poison = 0.0;
#pragma omp simd reduction(max : worst) reduction(+ : poison)
    for (size_t f = 0; f < features; f++) {
        const double want = ((double)x[f] - (double)mean[f]) / (double)std[f];
        const double ratio =
            fabs((double)got[f] - want) / ((1.0 + DIVIDE_U + 0.1) * u * fabs(want) + 0x1p-1000);
        worst = ratio > worst ? ratio : worst;
        poison += ratio * 0.0;
    }
    return poison == 0.0 ? worst : HUGE_VAL;
}

static void row_judge(const struct judge *judge, size_t row, struct check_result *result)
{
    const size_t features = network_features(judge->trial->network);
    for (size_t i = row * features; i < (row + 1) * features; i++) {
        const struct judged_number x =
            batch_feature(judge->trial, judge->raw, judge->share, judge->in, i);
        result_note(result, i, (double)judge->capture->x[i], x.want, x.bound);
    }
}

/* The samples themselves, standardized where there is a scale. */
void judge_gather(struct judge *judge)
{
    const struct scale *scale = judge->trial->scale;
    const size_t features = network_features(judge->trial->network);
    const bool quick =
        scale != NULL && scale->features > 0 && judge->share == 1.0 && !batch_drops(judge->trial);
    struct check_result result;
    result_begin(&result, "gather", "x");
    snprintf(result.shape, sizeof result.shape, "%zux%zu", judge->trial->batch, features);
    double *worst = judge->norms; /* [B] */
#pragma omp parallel for schedule(static) if (judge->trial->batch * features > THREADS_PAY)
    for (size_t row = 0; row < judge->trial->batch; row++)
        worst[row] = quick ? row_worst(judge->raw + row * features, scale->mean, scale->std,
                                       judge->capture->x + row * features, features, judge->in.u)
                           : HUGE_VAL;
    for (size_t row = 0; row < judge->trial->batch; row++)
        if (row == 0 || worst[row] > result.worst)
            row_judge(judge, row, &result);
    judge_tell(judge, &result);
}
