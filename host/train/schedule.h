/* Computes the learning rate of each step, as a pure function of the step number.
 *
 * Let r be the learning rate of the options and n the number of batches in an epoch. The warm-up
 * takes W = round(warmup n) steps, and T steps follow it. The rate of step t, counted from 0, with
 * s = t - W, is:
 *
 *   warm-up      r (t + 1) / W, t < W
 *   constant     r
 *   step         r f^floor(floor(s / n) / every)
 *   exponential  r f^floor(s / n)
 *   cosine       m + (r - m) (1 + cos(pi s / T)) / 2 (Loshchilov and Hutter 2017, without restarts)
 *   one-cycle    a = r / 25 up to r in the first p = rise T - 1 steps, then down to a / 10^4, both
 *                along half a cosine (Smith and Topin 2019, as in PyTorch)
 *   plateau      r after `drops` reductions r <- max(m, r f); training counts `drops`; a reduction
 *                by at most 10^-8 is skipped, and so are all reductions after it
 *
 * Here f is rate_factor and m is min_rate. Steps beyond the last use the rate of the last step.
 */
#ifndef WEFT_TRAIN_SCHEDULE_H
#define WEFT_TRAIN_SCHEDULE_H

#include "base/status.h"

struct schedule {
    enum weft_schedule kind;
    double rate, factor, floor, rise;
    uint64_t drops;                       /* reductions so far, for plateau */
    uint64_t every, epoch, warmup, steps; /* `epoch`, `warmup` and `steps` are n, W and T */
};

/* Makes the schedule for options->epochs epochs of `batches` batches. */
struct schedule schedule_make(const struct weft_options *options, size_t batches);

/* Returns the learning rate of step `step`, counted from 0. */
double schedule_rate(const struct schedule *schedule, uint64_t step);

#endif
