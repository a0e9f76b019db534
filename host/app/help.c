/* Help texts. The defaults are not written here: they are read from the presets that training will
 * use, so that the help cannot be out of date. */
#include "help.h"

#include <stdio.h>

#include "message.h"
#include "options.h"

static const char *const preset_names[] = {"default", "best-plain", "best", "article", "xor"};
enum { PRESETS = sizeof preset_names / sizeof *preset_names, TABLE_PRESETS = 3, CELL = 32 };

void help_print_program(const struct command *const *commands, size_t count)
{
    printf("Usage: weft COMMAND [OPTION...]\n"
           "Trains neural networks on any OpenCL device, or on the CPU.\n\n"
           "Commands:\n");
    for (size_t i = 0; i < count; i++)
        printf("  %-10s  %s\n", commands[i]->name, commands[i]->summary);
    printf("\nweft COMMAND --help tells the options of a command; weft --version what was built in."
           "\n\nExample:\n  %s\n",
           commands[0]->example);
}

static void format_hidden(const struct weft_options *options, char *text, size_t size)
{
    size_t length = 0;
    snprintf(text, size, "none");
    for (size_t i = 0; i < options->hidden_count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%zu", i > 0 ? "," : "",
                                   options->hidden[i]);
}

static void format_batches(const struct weft_options *options, char *text, size_t size)
{
    if (options->batch_size != 0)
        snprintf(text, size, "%zu samples", options->batch_size);
    else if (options->batches != 0)
        snprintf(text, size, "%zu an epoch", options->batches);
    else
        snprintf(text, size, "N/50, 16 to 256");
}

const char *help_word(const struct weft_options *options, enum option option)
{
    static const char *const activations[] = {
        "identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus"};
    static const char *const tasks[] = {"classify", "multilabel", "regress"};
    static const char *const starts[] = {"auto",    "glorot", "he",          "lecun",
                                         "uniform", "zeros",  "uniform-one", "uniform-unit"};
    static const char *const heads[] = {"sigmoid", "softmax", "identity"};
    static const char *const scales[] = {"none", "standard", "global"};
    static const char *const schedules[] = {"constant", "step",      "exponential",
                                            "cosine",   "one-cycle", "plateau"};
    static const char *const optimizers[] = {"sgd",     "momentum", "nesterov",
                                             "rmsprop", "adam",     "adamw"};
    switch (option) {
    case OPTION_ACTIVATION:
        return activations[options->activation[0]];
    case OPTION_TASK:
        return tasks[options->task];
    case OPTION_HEAD:
        return heads[options->head];
    case OPTION_BATCH_NORM:
        return options->batch_norm ? "yes" : "no";
    case OPTION_BIAS:
        return options->bias ? "yes" : "no";
    case OPTION_FLIP:
        return options->flip ? "yes" : "no";
    case OPTION_INIT:
        return starts[options->initialization];
    case OPTION_SCHEDULE:
        return schedules[options->schedule];
    case OPTION_OPTIMIZER:
        return optimizers[options->optimizer];
    case OPTION_SHUFFLE:
        return options->shuffle ? "yes" : "no";
    case OPTION_SCALE:
        return scales[options->scale];
    default:
        return NULL;
    }
}

/* The value of an option that is a number; NULL: it is none. */
static const double *value_number(const struct weft_options *options, enum option option)
{
    switch (option) {
    case OPTION_INITIAL_RANGE:
        return &options->initial_range;
    case OPTION_MIN_RATE:
        return &options->min_rate;
    case OPTION_RISE:
        return &options->rise;
    case OPTION_LEARNING_RATE:
        return &options->learning_rate;
    case OPTION_DROPOUT:
        return &options->dropout[0];
    case OPTION_INPUT_DROPOUT:
        return &options->input_dropout;
    case OPTION_L1:
        return &options->l1;
    case OPTION_L2:
        return &options->l2;
    case OPTION_LABEL_SMOOTHING:
        return &options->label_smoothing;
    case OPTION_MOMENTUM:
        return &options->momentum;
    case OPTION_BETA1:
        return &options->beta1;
    case OPTION_EPSILON:
        return &options->epsilon;
    case OPTION_WEIGHT_DECAY:
        return &options->weight_decay;
    default:
        return NULL;
    }
}

/* The value of an option that is a whole number; NULL: it is none. */
static const size_t *value_count(const struct weft_options *options, enum option option)
{
    switch (option) {
    case OPTION_EPOCHS:
        return options->epochs == 0 ? NULL : &options->epochs;
    case OPTION_RATE_EVERY:
        return &options->rate_every;
    case OPTION_RATE_PATIENCE:
        return &options->rate_patience;
    case OPTION_SHIFT:
        return &options->shift;
    default:
        return NULL;
    }
}

/* One row of the table for each of these: the option's name and its value in a preset as text. */
static void format_value(const struct weft_options *options, enum option option, char text[CELL])
{
    const char *word = help_word(options, option);
    const double *number = value_number(options, option);
    const size_t *count = value_count(options, option);
    text[0] = '\0';
    if (word != NULL)
        snprintf(text, CELL, "%s", word);
    else if (number != NULL)
        snprintf(text, CELL, "%g", *number);
    else if (option == OPTION_HIDDEN)
        format_hidden(options, text, CELL);
    else if (option == OPTION_SEED)
        snprintf(text, CELL, "%llu", (unsigned long long)options->seed);
    else if (count != NULL)
        snprintf(text, CELL, "%zu", *count);
    else if (option == OPTION_EPOCHS)
        snprintf(text, CELL, "auto");
    else if (option == OPTION_BATCH_SIZE)
        format_batches(options, text, CELL);
}

/* The rows of the table. */
static const struct {
    enum option option;
    const char *name;
} rows[] = {{OPTION_HIDDEN, "hidden"},
            {OPTION_ACTIVATION, "activation"},
            {OPTION_BATCH_NORM, "batch-norm"},
            {OPTION_DROPOUT, "dropout"},
            {OPTION_INPUT_DROPOUT, "input-dropout"},
            {OPTION_TASK, "task"},
            {OPTION_HEAD, "head"},
            {OPTION_BIAS, "bias"},
            {OPTION_INIT, "init"},
            {OPTION_INITIAL_RANGE, "initial-range"},
            {OPTION_SEED, "seed"},
            {OPTION_EPOCHS, "epochs"},
            {OPTION_BATCH_SIZE, "batches"},
            {OPTION_LEARNING_RATE, "learning-rate"},
            {OPTION_L1, "l1"},
            {OPTION_L2, "l2"},
            {OPTION_LABEL_SMOOTHING, "label-smoothing"},
            {OPTION_SCHEDULE, "schedule"},
            {OPTION_RATE_EVERY, "rate-every"},
            {OPTION_MIN_RATE, "min-rate"},
            {OPTION_RATE_PATIENCE, "rate-patience"},
            {OPTION_RISE, "rise"},
            {OPTION_OPTIMIZER, "optimizer"},
            {OPTION_MOMENTUM, "momentum"},
            {OPTION_BETA1, "beta1"},
            {OPTION_EPSILON, "epsilon"},
            {OPTION_WEIGHT_DECAY, "weight-decay"},
            {OPTION_SHIFT, "shift"},
            {OPTION_FLIP, "flip"},
            {OPTION_SHUFFLE, "shuffle"},
            {OPTION_SCALE, "scale"}};

/* What the presets first .. last - 1 are. */
static enum weft_status print_table(size_t first, size_t last)
{
    struct weft_options presets[TABLE_PRESETS];
    printf("\n%-18s", "Defaults");
    for (size_t i = first; i < last; i++) {
        TRY(told(weft_options_init(&presets[i - first], preset_names[i])));
        printf("%-*s", i + 1 < last ? 20 : 0, preset_names[i]);
    }
    printf("\n");
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        printf("  %-16s", rows[row].name);
        for (size_t i = first; i < last; i++) {
            char text[CELL];
            format_value(&presets[i - first], rows[row].option, text);
            printf("%-*s", i + 1 < last ? 20 : 0, text);
        }
        printf("\n");
    }
    return WEFT_OK;
}

static enum weft_status print_presets(void)
{
    for (size_t first = 0; first < PRESETS; first += TABLE_PRESETS)
        TRY(print_table(first, first + TABLE_PRESETS < PRESETS ? first + TABLE_PRESETS : PRESETS));
    printf("  Without --preset: default. Preset xor means --data xor.\n"
           "  Epochs \"auto\": 30, or as many as give 2000 updates.\n");
    return WEFT_OK;
}

enum weft_status help_print_command(const struct command *command)
{
    char name[64];
    snprintf(name, sizeof name, "weft %s", command->name);
    const char *arguments[] = {name, NULL};
    poptContext context = poptGetContext("weft", 1, arguments, command->options, 0);
    if (context == NULL)
        return complain(WEFT_ERROR_MEMORY, "help: no memory");
    poptPrintHelp(context, stdout, 0);
    poptFreeContext(context);
    if (command == &train_command)
        TRY(print_presets());
    printf("\n%s.\n\nExample:\n  %s\n", command->summary, command->example);
    return WEFT_OK;
}
