/* The options of optimisers and schedules, see update_options.h. */
#include "train/update_options.h"

#include <float.h>

#include "train/optimizer.h"
#include "train/option_values.h"
#include "train/schedule.h"

enum weft_status set_monitor(struct weft_options *options, const char *name, const char *text)
{
    static const char *const words[] = {"loss", "accuracy", "macro-f1"};
    size_t position = 0;
    TRY(parse_word(name, text, words, 3, &position));
    options->monitor = (enum weft_monitor)position;
    return WEFT_OK;
}

enum weft_status set_schedule(struct weft_options *options, const char *name, const char *text)
{
    size_t position = 0;
    TRY(parse_word(name, text, schedule_names, SCHEDULES, &position));
    options->schedule = (enum weft_schedule)position;
    return WEFT_OK;
}

enum weft_status set_optimizer(struct weft_options *options, const char *name, const char *text)
{
    size_t position = 0;
    TRY(parse_word(name, text, optimizer_names, OPTIMIZERS, &position));
    options->optimizer = (enum weft_optimizer)position;
    return WEFT_OK;
}

enum weft_status set_epsilon(struct weft_options *options, const char *name, const char *text)
{
    double number = 0;
    TRY(parse_factor(name, text, &number));
    if (number < (double)FLT_MIN)
        return fail(WEFT_ERROR_USAGE,
                    "%s: \"%.64s\" is out of range: need a number of 1.2e-38 or more", name, text);
    options->epsilon = number;
    return WEFT_OK;
}

/* ---- members filled by hand ---- */

static enum weft_status check_optimizer(const struct weft_options *options)
{
    if ((unsigned)options->optimizer >= OPTIMIZERS)
        return fail(WEFT_ERROR_USAGE, "optimizer: %d is none", (int)options->optimizer);
    TRY(check_share("ema", options->ema));
    TRY(check_share("momentum", options->momentum));
    TRY(check_share("beta1", options->beta1));
    TRY(check_share("beta2", options->beta2));
    TRY(check_factor("epsilon", options->epsilon));
    if (options->epsilon < (double)FLT_MIN)
        return fail(WEFT_ERROR_USAGE, "epsilon: got %g, need a number of 1.2e-38 or more",
                    options->epsilon);
    TRY(check_factor("weight-decay", options->weight_decay));
    return check_factor("clip-norm", options->clip_norm);
}

static enum weft_status check_schedule(const struct weft_options *options)
{
    if ((unsigned)options->schedule >= SCHEDULES)
        return fail(WEFT_ERROR_USAGE, "schedule: %d is none", (int)options->schedule);
    TRY(check_factor("warmup", options->warmup));
    if (options->epochs > 0 && options->warmup > 0 && options->warmup >= (double)options->epochs)
        return fail(WEFT_ERROR_USAGE, "warmup: got %g epochs, need fewer than the %zu of all",
                    options->warmup, options->epochs);
    if (options->warmup > 0 && options->schedule == WEFT_SCHEDULE_ONE_CYCLE)
        return fail(WEFT_ERROR_USAGE, "warmup: schedule one-cycle has its own, see rise");
    if (options->rate_every < 1 || options->rate_every > MOST_EPOCHS)
        return fail(WEFT_ERROR_USAGE, "rate-every: got %zu, need 1 to %d", options->rate_every,
                    MOST_EPOCHS);
    TRY(check_part("rate-factor", options->rate_factor));
    TRY(check_part("rise", options->rise));
    return check_factor("min-rate", options->min_rate);
}

enum weft_status update_options_check(const struct weft_options *options)
{
    if ((unsigned)options->monitor > WEFT_MONITOR_MACRO_F1)
        return fail(WEFT_ERROR_USAGE, "monitor: %d is none", (int)options->monitor);
    TRY(check_factor("min-delta", options->min_delta));
    TRY(check_schedule(options));
    return check_optimizer(options);
}
