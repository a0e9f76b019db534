/* The options of optimizers and schedules, see update_options.h. */
#include "train/update_options.h"

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

/* ---- members filled by hand ---- */

static enum weft_status check_optimizer(const struct weft_options *options)
{
    if ((unsigned)options->optimizer >= OPTIMIZERS)
        return fail(WEFT_ERROR_USAGE, "optimizer: %d is none", (int)options->optimizer);
    TRY(check_number("ema", options->ema, NUMBER_SHARE));
    TRY(check_number("momentum", options->momentum, NUMBER_SHARE));
    TRY(check_number("beta1", options->beta1, NUMBER_SHARE));
    TRY(check_number("beta2", options->beta2, NUMBER_SHARE));
    TRY(check_number("epsilon", options->epsilon, NUMBER_NORMAL));
    TRY(check_number("weight-decay", options->weight_decay, NUMBER_FROM_0));
    return check_number("clip-norm", options->clip_norm, NUMBER_FROM_0);
}

static enum weft_status check_schedule(const struct weft_options *options)
{
    if ((unsigned)options->schedule >= SCHEDULES)
        return fail(WEFT_ERROR_USAGE, "schedule: %d is none", (int)options->schedule);
    TRY(check_number("warmup", options->warmup, NUMBER_FROM_0));
    if (options->epochs > 0 && options->warmup > 0 && options->warmup >= (double)options->epochs)
        return fail(WEFT_ERROR_USAGE, "warmup: got %g epochs, need fewer than the %zu of all",
                    options->warmup, options->epochs);
    if (options->warmup > 0 && options->schedule == WEFT_SCHEDULE_ONE_CYCLE)
        return fail(WEFT_ERROR_USAGE, "warmup: schedule one-cycle has its own, see rise");
    if (options->rate_every < 1 || options->rate_every > MOST_EPOCHS)
        return fail(WEFT_ERROR_USAGE, "rate-every: got %zu, need 1 to %d", options->rate_every,
                    MOST_EPOCHS);
    TRY(check_number("rate-factor", options->rate_factor, NUMBER_PART));
    TRY(check_number("rise", options->rise, NUMBER_PART));
    return check_number("min-rate", options->min_rate, NUMBER_FROM_0);
}

enum weft_status update_options_check(const struct weft_options *options)
{
    if ((unsigned)options->monitor > WEFT_MONITOR_MACRO_F1)
        return fail(WEFT_ERROR_USAGE, "monitor: %d is none", (int)options->monitor);
    TRY(check_number("min-delta", options->min_delta, NUMBER_FROM_0));
    TRY(check_schedule(options));
    return check_optimizer(options);
}
