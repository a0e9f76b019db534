/* Centers and scales samples. See samples.h. */
#include "embed/samples.h"

#include <math.h>

#include "base/memory.h"

/* What is computed for each feature. */
struct statistics {
    double *mean, *deviation; /* [D] owned; deviation is 1 for a constant feature */
};

static void statistics_fill(const float *x, size_t count, size_t features, struct statistics *to)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < features; j++)
            to->mean[j] += (double)x[i * features + j];
    for (size_t j = 0; j < features; j++)
        to->mean[j] /= (double)count;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < features; j++) {
            const double d = (double)x[i * features + j] - to->mean[j];
            to->deviation[j] += d * d;
        }
    for (size_t j = 0; j < features; j++)
        to->deviation[j] = sqrt(to->deviation[j] / (double)count);
}

/* Turns the deviations into the divisors of `scale`. */
static void divisors_make(enum weft_scale scale, size_t features, double *deviation)
{
    double squares = 0.0;
    for (size_t j = 0; j < features; j++)
        squares += deviation[j] * deviation[j];
    const double all = sqrt(squares / (double)features);
    for (size_t j = 0; j < features; j++) {
        if (scale == WEFT_SCALE_GLOBAL)
            deviation[j] = all;
        if (scale == WEFT_SCALE_NONE || deviation[j] == 0.0)
            deviation[j] = 1.0;
    }
}

/* Stores (x - mean) / divisor / 2^exponent, with the exponent that makes the largest number at most
 * 1. */
static void samples_fill(struct embed_samples *samples, const float *x, const struct statistics *of)
{
    const size_t features = samples->features;
    double largest = 0.0;
    for (size_t i = 0; i < samples->count * features; i++) {
        const size_t j = i % features;
        largest = fmax(largest, fabs((double)x[i] - of->mean[j]) / of->deviation[j]);
    }
    (void)frexp(largest, &samples->exponent);
    for (size_t i = 0; i < samples->count * features; i++) {
        const size_t j = i % features;
        const double value = ((double)x[i] - of->mean[j]) / of->deviation[j];
        samples->x[i] = (float)ldexp(value, -samples->exponent);
    }
}

static enum weft_status samples_make(struct embed_samples *samples, const float *x,
                                     enum weft_scale scale, struct statistics *statistics)
{
    TRY(NEW_ARRAY(statistics->mean, samples->features));
    TRY(NEW_ARRAY(statistics->deviation, samples->features));
    TRY(NEW_ARRAY(samples->x, samples->count * samples->features));
    statistics_fill(x, samples->count, samples->features, statistics);
    divisors_make(scale, samples->features, statistics->deviation);
    samples_fill(samples, x, statistics);
    return WEFT_OK;
}

enum weft_status embed_samples_init(struct embed_samples *samples, const float *x, size_t count,
                                    size_t features, enum weft_scale scale)
{
    struct statistics statistics = {NULL, NULL};
    *samples = (struct embed_samples){.count = count, .features = features};
    const enum weft_status status = samples_make(samples, x, scale, &statistics);
    memory_free(statistics.mean);
    memory_free(statistics.deviation);
    if (status != WEFT_OK)
        embed_samples_reset(samples);
    return status;
}

void embed_samples_reset(struct embed_samples *samples)
{
    memory_free(samples->x);
    *samples = (struct embed_samples){0};
}
