/* All metrics of some outcomes at once, with any counts of the samples.
 *
 * What does not depend on the counts is computed first. A resample of the bootstrap is then nothing
 * but other counts, and costs no sorting.
 */
#ifndef WEFT_METRICS_SCORE_TABLE_H
#define WEFT_METRICS_SCORE_TABLE_H

#include "metrics/class_counts.h"
#include "metrics/probability_scores.h"
#include "metrics/ranking.h"

struct score_table {
    const struct outcomes *outcomes; /* borrowed */
    struct sample_score *each;       /* [N] owned; NULL for task regress */
    struct ranking_key *keys;        /* [N] owned */
    struct ranked *rankings;         /* [C][N] owned, or [1][N] for one class at a time */
    bool keeps_rankings;
};

/* Prepares the table. `resampled` tells whether scores_compute is called more than once, or by
 * several threads. The table then keeps the order of the samples by every class. Call
 * score_table_reset in either case. */
WEFT_MUST_CHECK enum weft_status score_table_init(struct score_table *table,
                                                  const struct outcomes *outcomes, bool resampled);
void score_table_reset(struct score_table *table);

/* The results of scores_compute. */
struct scores {
    double metrics[WEFT_METRICS];      /* NaN where the task has none; CALIBRATION_ERROR is NaN */
    struct weft_class_score *classes;  /* [C], or NULL if not wanted; not for task regress */
    struct weft_output_score *outputs; /* [C], or NULL if not wanted; for task regress */
};

/* Computes all scores. `counts` is scratch for C classes. */
void scores_compute(const struct score_table *table, struct sample_counts times,
                    struct class_counts *counts, struct scores *scores);

/* Adds bootstrap intervals to metrics [WEFT_METRICS]: the percentiles of `resamples` resamples,
 * each of as many samples drawn with replacement, unknown classes included (Efron and Tibshirani
 * 1993). A metric that is undefined gets none, and neither does one that has an interval. Resamples
 * with an undefined value are left out. The table must be `resampled`. The same seed gives the same
 * intervals with any number of threads. */
WEFT_MUST_CHECK enum weft_status bootstrap_intervals(const struct score_table *table,
                                                     size_t resamples, uint64_t seed,
                                                     struct weft_estimate *metrics);

#endif
