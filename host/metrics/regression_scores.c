/* Implements regression_scores.h. */
#include "metrics/regression_scores.h"

#include <math.h>

/* Sums over the samples of one output. */
struct residuals {
    double samples;
    double squares;   /* sum (y - z)^2 */
    double absolutes; /* sum |y - z| */
    double spread;    /* sum (y - mean y)^2 */
};

/* Returns sum (y - mean y)^2. */
static double spread_of(const struct outcomes *outcomes, size_t c, struct sample_counts times)
{
    const float *y = outcomes->targets + c; /* its values are C apart */
    double mean = 0.0, samples = 0.0, spread = 0.0;
    for (size_t i = 0; i < outcomes->samples; i++) {
        mean += count_of(times, i) * (double)y[i * outcomes->classes];
        samples += count_of(times, i);
    }
    mean /= samples;
    for (size_t i = 0; i < outcomes->samples; i++) {
        const double distance = (double)y[i * outcomes->classes] - mean;
        spread += count_of(times, i) * distance * distance;
    }
    return spread;
}

static struct residuals residuals_of(const struct outcomes *outcomes, size_t c,
                                     struct sample_counts times)
{
    struct residuals sums = {.spread = spread_of(outcomes, c, times)};
    for (size_t i = 0; i < outcomes->samples; i++) {
        const double count = count_of(times, i), miss = outcome_residual(outcomes, i, c);
        sums.samples += count;
        sums.squares += count * miss * miss;
        sums.absolutes += count * fabs(miss);
    }
    return sums;
}

static double r2_of(const struct residuals *sums)
{
    if (sums->samples == 0.0)
        return (double)NAN;
    if (sums->spread == 0.0)
        return sums->squares == 0.0 ? 1.0 : 0.0;
    return 1.0 - sums->squares / sums->spread;
}

/* Returns the median of |y - z|: the middle one, or the mean of the two in the middle. */
static double median_error(const struct outcomes *outcomes, size_t c, const struct ranked *order,
                           struct sample_counts times, double samples)
{
    const double first = floor((samples - 1.0) / 2.0), second = floor(samples / 2.0);
    double before = 0.0, sum = samples > 0.0 ? 0.0 : (double)NAN;
    for (size_t i = 0; i < outcomes->samples && before <= second; i++) {
        const double count = count_of(times, order[i].sample);
        const double error = fabs(outcome_residual(outcomes, order[i].sample, c));
        sum += before <= first && first < before + count ? error : 0.0;
        sum += before <= second && second < before + count ? error : 0.0;
        before += count;
    }
    return sum / 2.0;
}

struct weft_output_score regression_score(const struct outcomes *outcomes, size_t c,
                                          const struct ranked *order, struct sample_counts times)
{
    const struct residuals sums = residuals_of(outcomes, c, times);
    return (struct weft_output_score){.r2 = r2_of(&sums),
                                      .rmse = sqrt(sums.squares / sums.samples),
                                      .mae = sums.absolutes / sums.samples,
                                      .median_error =
                                          median_error(outcomes, c, order, times, sums.samples)};
}

double regression_r2(const struct outcomes *outcomes, size_t c)
{
    const struct sample_counts once = {.each = NULL};
    const struct residuals sums = residuals_of(outcomes, c, once);
    return r2_of(&sums);
}

double regression_r2_of_squares(const struct outcomes *outcomes, size_t c, double squares)
{
    const struct sample_counts once = {.each = NULL};
    const struct residuals sums = {.samples = (double)outcomes->samples,
                                   .squares = squares,
                                   .spread = spread_of(outcomes, c, once)};
    return r2_of(&sums);
}
