/* Tables of options, parsing with popt, and the way from text to struct weft_options. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "option_use.h"
#include "suggestion.h"

struct poptOption network_group[] = {
    OPTION_WITH_VALUE("preset", '\0', OPTION_PRESET, "default, best-plain, best, article or xor",
                      "NAME"),
    OPTION_WITH_VALUE("hidden", '\0', OPTION_HIDDEN, "widths of the hidden layers", "128,64"),
    OPTION_WITH_VALUE("activation", '\0', OPTION_ACTIVATION,
                      "of the hidden layers, one for all or a list: identity, sigmoid, tanh, relu, "
                      "leaky_relu, elu, gelu, silu, softplus",
                      "NAME"),
    OPTION_WITH_VALUE("dropout", '\0', OPTION_DROPOUT,
                      "share of the hidden layers' activations that training leaves out, one for "
                      "all or a list",
                      "R"),
    OPTION_WITH_VALUE("input-dropout", '\0', OPTION_INPUT_DROPOUT, "the same of the features", "R"),
    OPTION_ALONE("batch-norm", '\0', OPTION_BATCH_NORM,
                 "normalize the hidden layers over the samples of a batch, in place of biases"),
    OPTION_ALONE("no-batch-norm", '\0', OPTION_NO_BATCH_NORM, "not so, whatever the preset"),
    OPTION_WITH_VALUE("task", '\0', OPTION_TASK, "what targets are: one class, labels or numbers",
                      "classify|multilabel|regress"),
    OPTION_WITH_VALUE("head", '\0', OPTION_HEAD, "output and loss", "sigmoid|softmax|identity"),
    OPTION_ALONE("bias", '\0', OPTION_BIAS, "layers with biases"),
    OPTION_ALONE("no-bias", '\0', OPTION_NO_BIAS, "without, whatever the preset"),
    OPTION_WITH_VALUE("init-model", '\0', OPTION_INIT_MODEL, "start from the weights of a safetensors file",
                      "FILE"),
    OPTION_WITH_VALUE("init", '\0', OPTION_INIT,
                      "weights at the start: auto, glorot, he, lecun, uniform or zeros", "NAME"),
    OPTION_WITH_VALUE("initial-range", '\0', OPTION_INITIAL_RANGE,
                      "half the width of --init uniform", "R"),
    OPTION_WITH_VALUE("seed", '\0', OPTION_SEED, "of weights, order and holdout", "N"),
    POPT_TABLEEND};

struct poptOption target_group[] = {
    OPTION_WITH_VALUE("label-smoothing", '\0', OPTION_LABEL_SMOOTHING,
                      "part of a target that all classes share", "R"),
    OPTION_WITH_VALUE("class-weight", '\0', OPTION_CLASS_WEIGHT,
                      "of each class in the loss: none, balanced or a list of numbers", "LIST"),
    POPT_TABLEEND};

static struct poptOption stopping_group[] = {
    OPTION_WITH_VALUE("patience", '\0', OPTION_PATIENCE,
                      "stop after N epochs that were no better; needs --holdout", "N"),
    OPTION_WITH_VALUE("monitor", '\0', OPTION_MONITOR,
                      "what is to be better: loss (default), accuracy or macro-f1", "NAME"),
    OPTION_WITH_VALUE("min-delta", '\0', OPTION_MIN_DELTA, "by how much (default: 0)", "R"),
    POPT_TABLEEND};

static struct poptOption schedule_group[] = {
    OPTION_WITH_VALUE("schedule", '\0', OPTION_SCHEDULE,
                      "of the learning rate: constant, step, exponential, cosine, one-cycle or "
                      "plateau",
                      "NAME"),
    OPTION_WITH_VALUE("warmup", '\0', OPTION_WARMUP, "the rate rises before the schedule begins",
                      "EPOCHS"),
    OPTION_WITH_VALUE("rate-factor", '\0', OPTION_RATE_FACTOR,
                      "of step, plateau (default: 0.1) and exponential (0.95)", "R"),
    OPTION_WITH_VALUE("rate-every", '\0', OPTION_RATE_EVERY, "of step", "EPOCHS"),
    OPTION_WITH_VALUE("min-rate", '\0', OPTION_MIN_RATE, "of cosine and plateau, at least", "R"),
    OPTION_WITH_VALUE("rate-patience", '\0', OPTION_RATE_PATIENCE,
                      "of plateau, which looks at --monitor; needs --holdout", "EPOCHS"),
    OPTION_WITH_VALUE("rise", '\0', OPTION_RISE, "of one-cycle: part in which the rate rises",
                      "FRACTION"),
    POPT_TABLEEND};

static struct poptOption optimizer_group[] = {
    OPTION_WITH_VALUE("optimizer", '\0', OPTION_OPTIMIZER,
                      "sgd, momentum, nesterov, rmsprop, adam or adamw", "NAME"),
    OPTION_WITH_VALUE("momentum", '\0', OPTION_MOMENTUM, "of momentum and nesterov", "R"),
    OPTION_WITH_VALUE("beta1", '\0', OPTION_BETA1, "of adam and adamw: running mean", "R"),
    OPTION_WITH_VALUE("beta2", '\0', OPTION_BETA2,
                      "of squares (default: 0.99 of rmsprop, 0.999 of adam and adamw)", "R"),
    OPTION_WITH_VALUE("epsilon", '\0', OPTION_EPSILON, "of rmsprop, adam and adamw", "R"),
    OPTION_WITH_VALUE("weight-decay", '\0', OPTION_WEIGHT_DECAY, "of adamw, decoupled", "R"),
    OPTION_WITH_VALUE("clip-norm", '\0', OPTION_CLIP_NORM,
                      "largest norm of a gradient (default: any)", "R"),
    OPTION_WITH_VALUE("ema", '\0', OPTION_EMA,
                      "keep a running average of the weights (default: none)", "DECAY"),
    POPT_TABLEEND};

struct poptOption augmentation_group[] = {
    OPTION_WITH_VALUE("shift", '\0', OPTION_SHIFT, "moves images by up to so many pixels",
                      "PIXELS"),
    OPTION_ALONE("flip", '\0', OPTION_FLIP, "mirrors every other image"),
    OPTION_ALONE("no-flip", '\0', OPTION_NO_FLIP, "none, whatever the preset"),
    OPTION_WITH_VALUE("erase", '\0', OPTION_ERASE, "blanks a square of each image", "PIXELS"),
    OPTION_WITH_VALUE("mixup", '\0', OPTION_MIXUP,
                      "mixes pairs of samples, by shares of Beta(R, R)", "R"),
    POPT_TABLEEND};

struct poptOption recipe_group[] = {
    OPTION_WITH_VALUE("batch-size", '\0', OPTION_BATCH_SIZE, "samples in a batch, or auto", "N"),
    OPTION_WITH_VALUE("batches", '\0', OPTION_BATCHES, "batches in an epoch, instead of their size",
                      "N"),
    OPTION_WITH_VALUE("learning-rate", '\0', OPTION_LEARNING_RATE, "step along the gradient", "R"),
    OPTION_WITH_VALUE("l1", '\0', OPTION_L1, "penalty l1 sum|w|", "R"),
    OPTION_WITH_VALUE("l2", '\0', OPTION_L2, "penalty l2/2 sum w^2", "R"),
    OPTION_GROUP(schedule_group, NULL),
    OPTION_GROUP(optimizer_group, NULL),
    OPTION_ALONE("shuffle", '\0', OPTION_SHUFFLE, "a new order of the samples in each epoch"),
    OPTION_ALONE("no-shuffle", '\0', OPTION_NO_SHUFFLE, "file order, whatever the preset"),
    OPTION_WITH_VALUE("scale", '\0', OPTION_SCALE, "of the features", "none|standard|global"),
    OPTION_GROUP(target_group, NULL),
    OPTION_GROUP(augmentation_group, NULL),
    POPT_TABLEEND};

struct poptOption training_group[] = {
    OPTION_WITH_VALUE("epochs", '\0', OPTION_EPOCHS, "times through the training part, or auto",
                      "N"),
    OPTION_GROUP(recipe_group, NULL), OPTION_GROUP(stopping_group, NULL), POPT_TABLEEND};

struct poptOption source_group[] = {
    OPTION_WITH_VALUE("data", '\0', OPTION_DATA,
                      "known name (fashion-mnist, xor), folder or IDX file", "WHAT"),
    OPTION_WITH_VALUE("images", '\0', OPTION_IMAGES, "IDX file of samples, plain or gzip", "FILE"),
    OPTION_WITH_VALUE("labels", '\0', OPTION_LABELS, "IDX file of their labels", "FILE"),
    POPT_TABLEEND};

struct poptOption split_group[] = {
    OPTION_WITH_VALUE("test", '\0', OPTION_TEST, "data to test on, instead of their own", "WHAT"),
    OPTION_WITH_VALUE("holdout", '\0', OPTION_HOLDOUT, "part of the training data for validation",
                      "FRACTION"),
    POPT_TABLEEND};

struct poptOption part_group[] = {OPTION_WITH_VALUE("part", '\0', OPTION_PART,
                                                    "which part of the data (default: test)",
                                                    "train|test"),
                                  POPT_TABLEEND};

struct poptOption device_group[] = {
    OPTION_WITH_VALUE("device", '\0', OPTION_DEVICE,
                      "auto, cpu, opencl, gpu, INDEX, P:D or part of name", "DEVICE"),
    OPTION_ALONE("verbose", 'v', OPTION_VERBOSE, "logs of the device's compiler"), POPT_TABLEEND};

struct poptOption common_group[] = {
    OPTION_ALONE("json", '\0', OPTION_JSON, "results as JSON instead of text"),
    OPTION_ALONE("quiet", 'q', OPTION_QUIET, "no progress"),
    OPTION_ALONE("help", 'h', OPTION_HELP, "this help"), POPT_TABLEEND};

enum { NAMES_LIMIT = 128 };

/* Collects the long names of a table and of the tables it includes into `names`. */
static size_t collect_names(const struct poptOption *table, const char **names, size_t count)
{
    for (; table->longName != NULL || table->shortName != '\0' || table->arg != NULL; table++) {
        if ((table->argInfo & POPT_ARG_MASK) == POPT_ARG_INCLUDE_TABLE)
            count = collect_names(table->arg, names, count);
        else if (table->longName != NULL && count < NAMES_LIMIT)
            names[count++] = table->longName;
    }
    return count;
}

static const char *find_name(const struct poptOption *table, enum option option)
{
    const char *name = NULL;
    for (; table->longName != NULL || table->shortName != '\0' || table->arg != NULL; table++) {
        if ((table->argInfo & POPT_ARG_MASK) == POPT_ARG_INCLUDE_TABLE)
            name = find_name(table->arg, option);
        else if (table->val == (int)option)
            name = table->longName;
        if (name != NULL)
            return name;
    }
    return NULL;
}

static enum weft_status complain_unknown(const struct command *command, const char *word)
{
    const char *names[NAMES_LIMIT];
    size_t count = collect_names(command->options, names, 0);
    char list[256], bare[64] = "";
    size_t dashes = strspn(word, "-"), length = strcspn(word, "=");
    if (length > dashes && length - dashes < sizeof bare)
        memcpy(bare, word + dashes, length - dashes);
    suggest_names(bare, names, count, "--", list, sizeof list);
    if (list[0] == '\0')
        return complain(WEFT_ERROR_USAGE, "%.*s: %s has no such option; see weft %s --help",
                        (int)length, word, command->name, command->name);
    return complain(WEFT_ERROR_USAGE, "%.*s: %s has no such option; nearest: %s", (int)length, word,
                    command->name, list);
}

static enum weft_status complain_popt(const struct command *command, poptContext context, int code)
{
    const char *word = poptBadOption(context, POPT_BADOPTION_NOALIAS);
    switch (code) {
    case POPT_ERROR_BADOPT:
        return complain_unknown(command, word);
    case POPT_ERROR_NOARG:
        return complain(WEFT_ERROR_USAGE, "%s: needs a value", word);
    case POPT_ERROR_UNWANTEDARG:
        return complain(WEFT_ERROR_USAGE, "%.*s: takes no value", (int)strcspn(word, "="), word);
    case POPT_ERROR_MALLOC:
        return complain(WEFT_ERROR_MEMORY, "options: no memory");
    default:
        return complain(WEFT_ERROR_USAGE, "%s: %s", word, poptStrerror(code));
    }
}

static enum weft_status parse(struct command_line *line, poptContext context)
{
    int option;
    while ((option = poptGetNextOpt(context)) > 0) {
        char *value = poptGetOptArg(context);
        if (value == NULL)
            value = calloc(1, 1);
        if (value == NULL)
            return complain(WEFT_ERROR_MEMORY, "options: no memory");
        free(line->values[option]); /* of an option given twice the last one counts */
        line->values[option] = value;
    }
    if (option < -1)
        return complain_popt(line->command, context, option);
    const char *extra = poptGetArg(context);
    if (extra != NULL)
        return complain(WEFT_ERROR_USAGE, "%s: unexpected; %s takes options alone", extra,
                        line->command->name);
    return WEFT_OK;
}

enum weft_status command_line_parse(struct command_line *line, int argc, const char **argv)
{
    /* popt reads aliases from files only where it is told to: it is not. */
    poptContext context =
        poptGetContext("weft", argc, argv, line->command->options, POPT_CONTEXT_NO_EXEC);
    if (context == NULL)
        return complain(WEFT_ERROR_MEMORY, "options: no memory");
    enum weft_status status = parse(line, context);
    poptFreeContext(context);
    return status;
}

void command_line_reset(struct command_line *line)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        free(line->values[i]);
        line->values[i] = NULL;
    }
}

const char *option_name(const struct command_line *line, enum option option)
{
    return find_name(line->command->options, option);
}

enum weft_status option_require(const struct command_line *line, enum option option,
                                const char **value)
{
    *value = option_value(line, option);
    if (*value != NULL)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE, "--%s: missing; see weft %s --help",
                    option_name(line, option), line->command->name);
}

enum weft_status option_number(const struct command_line *line, enum option option, size_t least,
                               size_t most, size_t *number)
{
    const char *text = option_value(line, option);
    char *end = NULL;
    if (text == NULL)
        return WEFT_OK;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most)
        return complain(WEFT_ERROR_USAGE, "--%s: got \"%s\", need a whole number of %zu to %zu",
                        option_name(line, option), text, least, most);
    *number = (size_t)value;
    return WEFT_OK;
}

enum weft_status option_excludes(const struct command_line *line, enum option one,
                                 enum option other)
{
    if (!option_given(line, one) || !option_given(line, other))
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE, "--%s: excludes --%s", option_name(line, one),
                    option_name(line, other));
}

/* The options that are the library's, with its names for them; for --seed see set_seed. */
static const struct setting {
    enum option option;
    const char *name;
    const char *value; /* what the option means where it takes no value itself */
} settings[] = {{OPTION_HIDDEN, "hidden", NULL},
                {OPTION_ACTIVATION, "activation", NULL},
                {OPTION_DROPOUT, "dropout", NULL},
                {OPTION_INPUT_DROPOUT, "input-dropout", NULL},
                {OPTION_BATCH_NORM, "batch-norm", "yes"},
                {OPTION_NO_BATCH_NORM, "batch-norm", "no"},
                {OPTION_TASK, "task", NULL}, /* before the head, which it sets */
                {OPTION_HEAD, "head", NULL},
                {OPTION_INIT, "init", NULL},
                {OPTION_INITIAL_RANGE, "initial-range", NULL},
                {OPTION_BIAS, "bias", "yes"},
                {OPTION_NO_BIAS, "bias", "no"},
                {OPTION_EPOCHS, "epochs", NULL},
                {OPTION_BATCH_SIZE, "batch-size", NULL},
                {OPTION_BATCHES, "batches", NULL},
                {OPTION_LEARNING_RATE, "learning-rate", NULL},
                {OPTION_L1, "l1", NULL},
                {OPTION_L2, "l2", NULL},
                {OPTION_LABEL_SMOOTHING, "label-smoothing", NULL},
                {OPTION_CLASS_WEIGHT, "class-weight", NULL},
                {OPTION_PATIENCE, "patience", NULL},
                {OPTION_MONITOR, "monitor", NULL},
                {OPTION_MIN_DELTA, "min-delta", NULL},
                {OPTION_SCHEDULE, "schedule", NULL},
                {OPTION_WARMUP, "warmup", NULL},
                {OPTION_RATE_FACTOR, "rate-factor", NULL},
                {OPTION_RATE_EVERY, "rate-every", NULL},
                {OPTION_RATE_PATIENCE, "rate-patience", NULL},
                {OPTION_MIN_RATE, "min-rate", NULL},
                {OPTION_RISE, "rise", NULL},
                {OPTION_EMA, "ema", NULL},
                {OPTION_OPTIMIZER, "optimizer", NULL},
                {OPTION_MOMENTUM, "momentum", NULL},
                {OPTION_BETA1, "beta1", NULL},
                {OPTION_BETA2, "beta2", NULL},
                {OPTION_EPSILON, "epsilon", NULL},
                {OPTION_WEIGHT_DECAY, "weight-decay", NULL},
                {OPTION_CLIP_NORM, "clip-norm", NULL},
                {OPTION_SHIFT, "shift", NULL},
                {OPTION_FLIP, "flip", "yes"},
                {OPTION_NO_FLIP, "flip", "no"},
                {OPTION_ERASE, "erase", NULL},
                {OPTION_MIXUP, "mixup", NULL},
                {OPTION_SHUFFLE, "shuffle", "yes"},
                {OPTION_NO_SHUFFLE, "shuffle", "no"},
                {OPTION_SCALE, "scale", NULL},
                {OPTION_GEMM, "gemm", NULL},
                {OPTION_CHECK_EVERY, "check-every", NULL}};

/* Results are JSON, whose integers end at INT64_MAX: one limit, whatever the library could take. */
static enum weft_status set_seed(struct weft_options *options, const char *text)
{
    if (weft_options_set(options, "seed", text) == WEFT_OK && options->seed <= INT64_MAX)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE, "--seed: got \"%s\", need a whole number of 0 to %lld", text,
                    (long long)INT64_MAX);
}

enum weft_status options_resolve(const struct command_line *line, struct weft_options *options)
{
    const char *preset = option_value(line, OPTION_PRESET);
    return options_resolve_from(line, preset != NULL ? preset : "default", options);
}

enum weft_status options_resolve_from(const struct command_line *line, const char *preset,
                                      struct weft_options *options)
{
    TRY(told_of_option("preset", weft_options_init(options, preset)));
    if (option_given(line, OPTION_BATCHES) && option_given(line, OPTION_BATCH_SIZE))
        return complain(WEFT_ERROR_USAGE,
                        "--batches: excludes --batch-size; each says how an epoch is cut");
    TRY(option_excludes(line, OPTION_NO_BATCH_NORM, OPTION_BATCH_NORM));
    TRY(option_excludes(line, OPTION_NO_FLIP, OPTION_FLIP));
    TRY(option_excludes(line, OPTION_NO_BIAS, OPTION_BIAS));
    TRY(option_excludes(line, OPTION_NO_SHUFFLE, OPTION_SHUFFLE));
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const struct setting *setting = &settings[i];
        if (!option_given(line, setting->option))
            continue;
        const char *value =
            setting->value != NULL ? setting->value : option_value(line, setting->option);
        TRY(told_of_option(setting->name, weft_options_set(options, setting->name, value)));
    }
    if (option_given(line, OPTION_SEED))
        TRY(set_seed(options, option_value(line, OPTION_SEED)));
    return options_check_use(line, options);
}

void options_follow_model(const struct command_line *line, const struct weft_model_info *info,
                          struct weft_options *options)
{
    options->task = info->task;
    if (info->task != WEFT_TASK_CLASSIFY && !option_given(line, OPTION_LABEL_SMOOTHING))
        options->label_smoothing = 0.0;
}
