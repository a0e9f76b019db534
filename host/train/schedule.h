/* The learning rate of each step: a pure function of the step's number.
 *
 * With r the rate of the options, n batches in an epoch, W = round(warmup n) steps of warm-up, T
 * the steps after it, in step t from 0, s = t - W:
 *
 *   warm-up      r (t + 1) / W, t < W
 *   constant     r
 *   step         r f^floor(floor(s / n) / every)
 *   exponential  r f^floor(s / n)
 *   cosine       m + (r - m) (1 + cos(pi s / T)) / 2 (Loshchilov and Hutter 2017, without restarts)
 *   one-cycle    a = r / 25 up to r in the first p = rise T - 1 steps, then down to a / 10^4, both
 *                along half a cosine (Smith and Topin 2019, as PyTorch has it)
 *   plateau      r after `drops` times r <- max(m, r f), drops as the training has it; one that
 *                takes no more than 10^-8 off is left out, and with it all after it
 *
 * f is rate_factor, m min_rate. Steps beyond the last have its rate.
 */
#ifndef WEFT_TRAIN_SCHEDULE_H
#define WEFT_TRAIN_SCHEDULE_H

#include "base/status.h"

struct schedule {
    enum weft_schedule kind;
    double rate, factor, floor, rise;
    uint64_t drops;                       /* of plateau, so far */
    uint64_t every, epoch, warmup, steps; /* n, W and T are `epoch`, `warmup` and `steps` */
};

/* The schedule of options->epochs epochs of `batches` batches. */
struct schedule schedule_make(const struct weft_options *options, size_t batches);

/* The rate of step number `step`, from 0. */
double schedule_rate(const struct schedule *schedule, uint64_t step);

#endif
