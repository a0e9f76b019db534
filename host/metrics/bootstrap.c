/* Computes intervals from resamples. See score_table.h. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"
#include "metrics/interval.h"
#include "metrics/score_table.h"

/* All resamples. The threads share it; each has its own times and counts. */
struct resampling {
    const struct score_table *table;
    uint64_t seed;
    size_t threads;
    uint32_t *times;             /* [threads][N] owned */
    struct class_counts *counts; /* [threads] owned */
    double *values;              /* [resamples][WEFT_METRICS] owned */
};

/* Draws as many samples with replacement as there are. `each` [N] receives how often each was
 * drawn. With M samples, unknown classes included, draw i is the sample bits * M / 2^32, where bits
 * are number i of the stream. */
static struct sample_counts draw(const struct outcomes *outcomes, struct random_stream stream,
                                 uint32_t *each)
{
    enum { BLOCKS = 64 };
    uint32_t words[4 * BLOCKS];
    const size_t samples = outcomes->samples + outcomes->unknown;
    struct sample_counts times = {.each = each};
    memset(each, 0, outcomes->samples * sizeof *each);
    for (size_t first = 0; first < samples; first += 4 * BLOCKS) {
        const size_t count = size_min(4 * BLOCKS, samples - first);
        random_blocks(stream, first / 4, BLOCKS, words);
        for (size_t i = 0; i < count; i++) {
            const size_t sample = (size_t)(((uint64_t)words[i] * samples) >> 32);
            if (sample < outcomes->samples)
                each[sample]++;
            else
                times.unknown += 1.0;
        }
    }
    return times;
}

static void resample(const void *work, size_t first, size_t count)
{
    const struct resampling *all = work;
    const struct outcomes *outcomes = all->table->outcomes;
    const size_t thread = parallel_worker();
    uint32_t *each = all->times + thread * outcomes->samples; /* [N] */
    for (size_t r = first; r < first + count; r++) {
        const struct random_stream stream = {all->seed, RANDOM_BOOTSTRAP, (uint32_t)r};
        struct scores scores = {.classes = NULL};
        const struct sample_counts times = draw(outcomes, stream, each);
        scores_compute(all->table, times, &all->counts[thread], &scores);
        memcpy(all->values + r * WEFT_METRICS, scores.metrics, sizeof scores.metrics);
    }
}

static enum weft_status resampling_create(struct resampling *all, size_t resamples)
{
    const struct outcomes *outcomes = all->table->outcomes;
    size_t draws = 0;
    if (!size_multiply(all->threads, outcomes->samples, &draws))
        return memory_exhausted(all->threads, outcomes->samples);
    TRY(NEW_ARRAY(all->times, draws));
    TRY(NEW_ARRAY(all->values, resamples * WEFT_METRICS));
    TRY(NEW_ARRAY(all->counts, all->threads));
    for (size_t t = 0; t < all->threads; t++)
        TRY(class_counts_init(&all->counts[t], outcomes->classes));
    return WEFT_OK;
}

static void resampling_reset(struct resampling *all)
{
    for (size_t t = 0; all->counts != NULL && t < all->threads; t++)
        class_counts_reset(&all->counts[t]);
    memory_free(all->counts);
    memory_free(all->values);
    memory_free(all->times);
}

/* Gathers the values of one metric and stores its interval. column [resamples] is scratch. */
static void set_interval(const struct resampling *all, size_t resamples, size_t metric,
                         double *column, struct weft_estimate *estimate)
{
    if (isnan(estimate->value) || !isnan(estimate->low))
        return;
    for (size_t r = 0; r < resamples; r++)
        column[r] = all->values[r * WEFT_METRICS + metric];
    interval_percentile(column, resamples, estimate);
}

enum weft_status bootstrap_intervals(const struct score_table *table, size_t resamples,
                                     uint64_t seed, struct weft_estimate *metrics)
{
    struct resampling all = {.table = table, .seed = seed, .threads = parallel_threads()};
    double *column = NULL;
    enum weft_status status = resampling_create(&all, resamples);
    if (status == WEFT_OK)
        status = NEW_ARRAY(column, resamples);
    if (status == WEFT_OK) {
        parallel_for(resamples, 1, true, resample, &all);
        for (size_t m = 0; m < WEFT_METRICS; m++)
            set_interval(&all, resamples, m, column, &metrics[m]);
    }
    memory_free(column);
    resampling_reset(&all);
    return status;
}
