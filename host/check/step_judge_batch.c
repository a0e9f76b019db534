/* The first stage of a judged step: the samples of the batch. See judge.h. */
#include <math.h>
#include <stdio.h>

#include "base/clones.h"
#include "base/parallel.h"
#include "check/batch_judge.h"
#include "check/judge.h"

/* Returns about the largest |got - want| / bound in a row of standardized samples, never less, or
 * infinity if a number is not finite. `relative` is the bound relative to `want`. Millions of
 * numbers are right, so this loop is vector code, which result_note is not. */
VECTOR_CLONES
static double row_worst(const float *x, const float *mean, const float *std, const float *got,
                        size_t features, double relative)
{
    double worst = 0.0, poison = 0.0;
#pragma omp simd reduction(max : worst) reduction(+ : poison)
    for (size_t f = 0; f < features; f++) {
        const double want = ((double)x[f] - (double)mean[f]) / (double)std[f];
        const double ratio = fabs((double)got[f] - want) / (relative * fabs(want) + 0x1p-1000);
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

struct rows_worst {
    const struct judge *judge;
    const struct scale *scale; /* NULL: result_note judges all rows */
    double *worst;             /* [B] */
};

static void rows_worst_piece(const void *work, size_t first, size_t count)
{
    const struct rows_worst *of = work;
    const struct judge *judge = of->judge;
    const size_t features = network_features(judge->trial->network);
    const double relative = roundings_bound(judge->in, 1 + DIVIDE_U); /* of standardized_bound */
    for (size_t row = first; row < first + count; row++)
        of->worst[row] =
            of->scale != NULL
                ? row_worst(judge->raw + row * features, of->scale->mean, of->scale->std,
                            judge->capture->x + row * features, features, relative)
                : HUGE_VAL;
}

/* Judges the samples themselves, standardized if there is a scale. */
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
    const struct rows_worst work = {judge, quick ? scale : NULL, worst};
    parallel_for(judge->trial->batch, SHARE_SAMPLES, judge->trial->batch * features > THREADS_PAY,
                 rows_worst_piece, &work);
    for (size_t row = 0; row < judge->trial->batch; row++)
        if (row == 0 || worst[row] > result.worst)
            row_judge(judge, row, &result);
    judge_tell(judge, &result);
}
