/* See option_use.h: one function for each reason why an option has no use. */
#include "option_use.h"

#include <string.h>

#include "message.h"

/* An option that some optimizers or schedules alone have a use for. */
struct scalar {
    enum option option;
    unsigned users; /* bits of enum weft_optimizer or enum weft_schedule */
    const char *need;
};

/* What is given for `choice` ("optimizer") number `chosen`, which has no use for it. */
static enum weft_status check_scalars(const struct command_line *line, const struct scalar *scalars,
                                      size_t count, const char *choice, unsigned chosen)
{
    for (size_t i = 0; i < count; i++)
        if (option_given(line, scalars[i].option) && (scalars[i].users >> chosen & 1U) == 0)
            return complain(WEFT_ERROR_USAGE, "--%s: needs --%s %s",
                            option_name(line, scalars[i].option), choice, scalars[i].need);
    return WEFT_OK;
}

#define OPTIMIZER(name) (1U << WEFT_OPTIMIZER_##name)
#define SCHEDULE(name)  (1U << WEFT_SCHEDULE_##name)

static enum weft_status check_updates(const struct command_line *line,
                                      const struct weft_options *options)
{
    static const struct scalar of_optimizers[] = {
        {OPTION_MOMENTUM, OPTIMIZER(MOMENTUM) | OPTIMIZER(NESTEROV), "momentum or nesterov"},
        {OPTION_BETA1, OPTIMIZER(ADAM) | OPTIMIZER(ADAMW), "adam or adamw"},
        {OPTION_BETA2, OPTIMIZER(RMSPROP) | OPTIMIZER(ADAM) | OPTIMIZER(ADAMW),
         "rmsprop, adam or adamw"},
        {OPTION_EPSILON, OPTIMIZER(RMSPROP) | OPTIMIZER(ADAM) | OPTIMIZER(ADAMW),
         "rmsprop, adam or adamw"},
        {OPTION_WEIGHT_DECAY, OPTIMIZER(ADAMW), "adamw"}};
    static const struct scalar of_schedules[] = {
        {OPTION_RATE_FACTOR, SCHEDULE(STEP) | SCHEDULE(EXPONENTIAL) | SCHEDULE(PLATEAU),
         "step, exponential or plateau"},
        {OPTION_RATE_EVERY, SCHEDULE(STEP), "step"},
        {OPTION_RATE_PATIENCE, SCHEDULE(PLATEAU), "plateau"},
        {OPTION_MIN_RATE, SCHEDULE(COSINE) | SCHEDULE(PLATEAU), "cosine or plateau"},
        {OPTION_RISE, SCHEDULE(ONE_CYCLE), "one-cycle"}};
    TRY(check_scalars(line, of_optimizers, sizeof of_optimizers / sizeof *of_optimizers,
                      "optimizer", options->optimizer));
    return check_scalars(line, of_schedules, sizeof of_schedules / sizeof *of_schedules, "schedule",
                         options->schedule);
}

/* What says how weights begin. */
static enum weft_status check_start(const struct command_line *line,
                                    const struct weft_options *options)
{
    TRY(option_excludes(line, OPTION_INIT_MODEL, OPTION_INIT));
    if (option_given(line, OPTION_INITIAL_RANGE) && options->initialization != WEFT_INIT_UNIFORM)
        return complain(WEFT_ERROR_USAGE, "--initial-range: needs --init uniform");
    return WEFT_OK;
}

/* What hidden layers alone have. */
static enum weft_status check_hidden(const struct command_line *line,
                                     const struct weft_options *options)
{
    static const enum option of_hidden[] = {OPTION_ACTIVATION, OPTION_DROPOUT, OPTION_BATCH_NORM};
    for (size_t i = 0; i < sizeof of_hidden / sizeof *of_hidden; i++)
        if (options->hidden_count == 0 && option_given(line, of_hidden[i]))
            return complain(WEFT_ERROR_USAGE, "--%s: needs hidden layers, got --hidden none",
                            option_name(line, of_hidden[i]));
    return WEFT_OK;
}

static enum weft_status check_products(const struct command_line *line,
                                       const struct weft_options *options)
{
    const char *device = option_value(line, OPTION_DEVICE);
    if (device == NULL || strcmp(device, "cpu") != 0 || options->gemm == WEFT_GEMM_AUTO)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE,
                    "--gemm: needs an OpenCL device; the CPU backend has its BLAS alone");
}

enum weft_status options_check_use(const struct command_line *line,
                                   const struct weft_options *options)
{
    TRY(check_updates(line, options));
    TRY(check_start(line, options));
    TRY(check_hidden(line, options));
    return check_products(line, options);
}

enum weft_status options_exclude_network(const struct command_line *line)
{
    static const enum option of_network[] = {
        OPTION_HIDDEN,        OPTION_ACTIVATION, OPTION_DROPOUT,   OPTION_BATCH_NORM,
        OPTION_NO_BATCH_NORM, OPTION_TASK,       OPTION_HEAD,      OPTION_BIAS,
        OPTION_NO_BIAS,       OPTION_INIT_MODEL,       OPTION_INIT, OPTION_INITIAL_RANGE};
    for (size_t i = 0; i < sizeof of_network / sizeof *of_network; i++)
        if (option_given(line, OPTION_MODEL) && option_given(line, of_network[i]))
            return complain(WEFT_ERROR_USAGE, "--%s: excludes --model, which has a network",
                            option_name(line, of_network[i]));
    return WEFT_OK;
}
