/* Computes learning rates. The formulas are in schedule.h. */
#include "train/schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* These are div_factor and final_div_factor in PyTorch. */
static const double first_divisor = 25.0, last_divisor = 1e4;

/* Returns the default factor of the schedule. */
static double own_factor(enum weft_schedule kind)
{
    return kind == WEFT_SCHEDULE_EXPONENTIAL ? 0.95 : 0.1;
}

struct schedule schedule_make(const struct weft_options *options, size_t batches)
{
    const uint64_t all = (uint64_t)options->epochs * batches;
    const uint64_t warmup = (uint64_t)llround(options->warmup * (double)batches);
    return (struct schedule){.kind = options->schedule,
                             .rate = options->learning_rate,
                             .factor = options->rate_factor > 0.0 ? options->rate_factor
                                                                  : own_factor(options->schedule),
                             .floor = options->min_rate,
                             .rise = options->rise,
                             .every = options->rate_every,
                             .epoch = batches,
                             .warmup = warmup,
                             .steps = all > warmup ? all - warmup : 1};
}

/* Follows half a cosine from `from` at x = 0 to `to` at x = 1. */
static double anneal(double from, double to, double x)
{
    return to + (from - to) * (1.0 + cos(pi * x)) / 2.0;
}

static double one_cycle(const struct schedule *schedule, uint64_t step)
{
    const double last = (double)(schedule->steps - 1);
    const double top = fmax(schedule->rise * (double)schedule->steps - 1.0, 0.0);
    const double s = fmin((double)step, last), first_rate = schedule->rate / first_divisor;
    if (s < top)
        return anneal(first_rate, schedule->rate, s / top);
    return s > top ? anneal(schedule->rate, first_rate / last_divisor, (s - top) / (last - top))
                   : schedule->rate;
}

/* This is eps in PyTorch. */
static const double least_drop = 1e-8;

static double plateau(const struct schedule *schedule)
{
    const double floor_rate = fmin(schedule->floor, schedule->rate);
    double rate = schedule->rate;
    for (uint64_t drop = 0; drop < schedule->drops; drop++) {
        const double lower = fmax(rate * schedule->factor, floor_rate);
        if (rate - lower <= least_drop)
            break;
        rate = lower;
    }
    return rate;
}

double schedule_rate(const struct schedule *schedule, uint64_t step)
{
    if (step < schedule->warmup)
        return schedule->rate * (double)(step + 1) / (double)schedule->warmup;
    const uint64_t s = step - schedule->warmup;
    const double epoch = (double)(s / schedule->epoch);
    switch (schedule->kind) {
    case WEFT_SCHEDULE_CONSTANT:
        break;
    case WEFT_SCHEDULE_STEP:
        return schedule->rate * pow(schedule->factor, floor(epoch / (double)schedule->every));
    case WEFT_SCHEDULE_EXPONENTIAL:
        return schedule->rate * pow(schedule->factor, epoch);
    case WEFT_SCHEDULE_COSINE:
        return anneal(schedule->rate, fmin(schedule->floor, schedule->rate),
                      fmin((double)s / (double)schedule->steps, 1.0));
    case WEFT_SCHEDULE_ONE_CYCLE:
        return one_cycle(schedule, s);
    case WEFT_SCHEDULE_PLATEAU:
        return plateau(schedule);
    }
    return schedule->rate;
}
