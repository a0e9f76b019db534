/* Implements ranking.h. */
#include "metrics/ranking.h"

#include <math.h>
#include <stdlib.h>

/* Larger numbers come first. Samples with equal numbers keep their order. */
static int compare_keys(const void *left, const void *right)
{
    const struct ranking_key *a = left, *b = right;
    if (a->number != b->number)
        return a->number > b->number ? -1 : 1;
    return (a->sample > b->sample) - (a->sample < b->sample);
}

static void keys_rank(struct ranking_key *keys, size_t samples, struct ranked *order)
{
    qsort(keys, samples, sizeof *keys, compare_keys);
    for (size_t i = 0; i < samples; i++)
        order[i] =
            (struct ranked){.sample = keys[i].sample,
                            .last = i + 1 == samples || keys[i + 1].number != keys[i].number};
}

void ranking_by_class(const struct outcomes *outcomes, size_t c, struct ranking_key *keys,
                      struct ranked *order)
{
    const size_t samples = outcomes->samples, classes = outcomes->classes;
    for (size_t i = 0; i < samples; i++)
        keys[i] = (struct ranking_key){(double)outcomes->values[i * classes + c], (uint32_t)i};
    keys_rank(keys, samples, order);
    for (size_t i = 0; i < samples; i++)
        order[i].positive = outcome_is(outcomes, order[i].sample, c);
}

void ranking_by_error(const struct outcomes *outcomes, size_t c, struct ranking_key *keys,
                      struct ranked *order)
{
    for (size_t i = 0; i < outcomes->samples; i++)
        keys[i] = (struct ranking_key){fabs(outcome_residual(outcomes, i, c)), (uint32_t)i};
    keys_rank(keys, outcomes->samples, order);
}

struct ranking_scores ranking_score(const struct ranked *order, size_t samples,
                                    struct sample_counts times)
{
    double above = 0.0, above_all = 0.0; /* positives and all samples before this tie */
    double tied = 0.0, tied_all = 0.0;   /* positives and all samples of this tie */
    double pairs = 0.0, precision = 0.0; /* sums over the ties */
    for (size_t i = 0; i < samples; i++) {
        const double count = count_of(times, order[i].sample);
        tied_all += count;
        tied += order[i].positive ? count : 0.0;
        if (!order[i].last)
            continue;
        pairs += (tied_all - tied) * (above + tied / 2.0);
        above += tied;
        above_all += tied_all;
        if (tied > 0.0)
            precision += tied * above / above_all;
        tied = tied_all = 0.0;
    }
    const double positives = above, negatives = above_all - above;
    return (struct ranking_scores){
        .roc_auc =
            positives > 0.0 && negatives > 0.0 ? pairs / (positives * negatives) : (double)NAN,
        .average_precision = positives > 0.0 ? precision / positives : (double)NAN};
}
