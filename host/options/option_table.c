/* The rows of the option table, in the order of the help; see option_table.h. */
#include "options/option_table.h"

#include <string.h>

#include "base/memory.h"
#include "data/task.h"
#include "options/activation_text.h"
#include "options/option_words.h"

/* ---- commands and needs ---- */

enum {
    ALL = WEFT_COMMAND_TRAIN | WEFT_COMMAND_CHECK | WEFT_COMMAND_BENCH | WEFT_COMMAND_TUNE,
    RECIPE = WEFT_COMMAND_TRAIN | WEFT_COMMAND_BENCH,
    STEP = RECIPE | WEFT_COMMAND_CHECK,
    TRAIN = WEFT_COMMAND_TRAIN,
    LIBRARY = 0 /* no command; only programs that use the library can set it */
};

static bool has_hidden_layers(const struct weft_options *options)
{
    return options->hidden_count > 0;
}

static bool is_monitored(const struct weft_options *options)
{
    return options->patience > 0 || options->schedule == WEFT_SCHEDULE_PLATEAU;
}

static bool shuffles(const struct weft_options *options)
{
    return options->shuffle;
}

#define BIT(name) (1U << WEFT_##name)
#define HIDDEN_LAYERS                                                                              \
    {                                                                                              \
        .met = has_hidden_layers, .what = "hidden layers"                                          \
    }
#define MONITORED                                                                                  \
    {                                                                                              \
        .met = is_monitored, .what = "patience, or schedule plateau"                               \
    }

/* FOR_OPTIMIZERS(WITH_MOMENTUM): the optimizers that use the option. */
#define FOR_OPTIMIZERS(with)   .needs = "optimizer", .needed = 0U OPTIMIZER_ROWS(with)
#define WITH(use, value, uses) | (((uses) & (use)) != 0 ? 1U << WEFT_OPTIMIZER_##value : 0U)

#define WITH_MOMENTUM(value, name, first, second, uses, ...) WITH(USES_MOMENTUM, value, uses)
#define WITH_BETA1(value, name, first, second, uses, ...)    WITH(USES_BETA1, value, uses)
#define WITH_BETA2(value, name, first, second, uses, ...)    WITH(USES_BETA2, value, uses)
#define WITH_EPSILON(value, name, first, second, uses, ...)  WITH(USES_EPSILON, value, uses)
#define WITH_DECAY(value, name, first, second, uses, ...)    WITH(USES_WEIGHT_DECAY, value, uses)

#define FOR_SCHEDULES(bits) .needs = "schedule", .needed = (bits)
#define FOR_TASKS(bits)     .needs = "task", .needed = (bits)

/* ---- storage and rules ---- */

#define AT(member)                                                                                 \
    .offset = offsetof(struct weft_options, member),                                               \
    .end = offsetof(struct weft_options, member) + sizeof(((struct weft_options *)0)->member)
#define LIST(member) AT(member), .count_offset = offsetof(struct weft_options, member##_count)
#define WORDS(list)  .words = (list), .word_count = sizeof(list) / sizeof *(list)

#define TRUTH(member)      .type = OPTION_TRUTH, AT(member)
#define WORD(member, what) .type = OPTION_WORD, AT(member), .rule = {.noun = (what)}
#define NUMBER(member, set, what)                                                                  \
    .type = OPTION_NUMBER, AT(member), .rule = {.noun = (what), .range = NUMBER_##set}
#define NUMBER_OR(member, set, what, word)                                                         \
    .type = OPTION_NUMBER, AT(member),                                                             \
    .rule = {.noun = (what), .range = NUMBER_##set, .zero = (word)}
#define NUMBER_OR_AUTO(member, set, what)                                                          \
    .type = OPTION_NUMBER, AT(member),                                                             \
    .rule = {.noun = (what), .range = NUMBER_##set, .minus = "auto"}
#define COUNT(member, from, to, what)                                                              \
    .type = OPTION_COUNT, AT(member), .rule = {.noun = (what), .least = (from), .most = (to)}
#define COUNT_OR(member, to, what, word)                                                           \
    .type = OPTION_COUNT, AT(member),                                                              \
    .rule = {.noun = (what), .least = 1, .most = (to), .zero = (word)}

static const char network[] = "Network", training[] = "Training", optimizer[] = "Optimizer",
                  targets[] = "Targets", images[] = "Augmentation", device[] = "Device";
enum { MOST_EPOCHS = 1000000000, MOST_PIXELS = 65535, MOST_SLICES = 65536 };

/* ---- the rows ---- */

const struct option_row option_rows[] = {
    {.info = {"hidden", "widths of the hidden layers, or the word none", "256,128", network,
              .commands = ALL, .common = true, .network = true},
     .type = OPTION_WIDTHS,
     LIST(hidden)},
    {.info = {"activation", "activations of the hidden layers (one, or a list)", "NAME", network,
              WORDS(activation_names), ALL, .common = true, .network = true},
     .type = OPTION_ACTIVATIONS,
     LIST(activation),
     .need = HIDDEN_LAYERS},
    {.info = {"dropout", "dropout rate of all hidden layers, or a list", "RATE", network,
              .commands = ALL, .common = true, .network = true},
     .type = OPTION_RATES,
     LIST(dropout),
     .rule = {.noun = "rate", .range = NUMBER_SHARE},
     .need = HIDDEN_LAYERS,
     .off = true,
     .recorded = RECORDED},
    {.info = {"input-dropout", "dropout rate of the input features", "RATE", network,
              .commands = ALL},
     NUMBER(input_dropout, SHARE, "rate"),
     .recorded = RECORDED},
    {.info = {"batch-norm", "normalize each hidden layer over the batch", NULL, network,
              .commands = ALL, .common = true, .network = true},
     TRUTH(batch_norm),
     .need = HIDDEN_LAYERS,
     .off = true},
    {.info = {"task", "the task", "NAME", network, WORDS(task_names), ALL, .common = true,
              .network = true},
     WORD(task, "task")},
    {.info = {"head", "output function, which also sets the loss", "NAME", network,
              WORDS(head_names), ALL, .network = true},
     WORD(head, "head")},
    {.info = {"single-output", "use one output for two classes, instead of one each", NULL, network,
              .commands = LIBRARY, .network = true},
     TRUTH(single_output)},
    {.info = {"bias", "give each layer a bias", NULL, network, .commands = ALL, .network = true},
     TRUTH(bias)},
    {.info = {"init", "distribution of the initial weights (see docs/training.md)", "NAME", network,
              WORDS(initialization_names), ALL, .network = true, .excludes = "init-model",
              .formerly = "initialisation"},
     WORD(initialization, "initialization")},
    {.info = {"initial-range", "draw initial weights between -R and R", "R", network,
              .commands = ALL, .network = true, .needs = "init", .needed = BIT(INIT_UNIFORM)},
     NUMBER(initial_range, FROM_0, "range")},
    {.info = {"seed", "random seed of the whole run", "N", network, .commands = ALL,
              .common = true},
     .type = OPTION_SEED,
     AT(seed),
     .rule = {.noun = "seed", .most = UINT64_MAX}},

    {.info = {"epochs", "passes over the samples; auto: set from the data", "N", training,
              .commands = TRAIN, .common = true},
     COUNT_OR(epochs, MOST_EPOCHS, "number of epochs", "auto")},
    {.info = {"batch-size", "samples per batch; auto: set from the data", "N", training,
              .commands = ALL, .common = true, .excludes = "batches"},
     COUNT_OR(batch_size, UINT32_MAX, "batch size", "auto"),
     .recorded = RECORDED},
    {.info = {"batches", "batches per epoch, instead of --batch-size", "N", training,
              .commands = ALL},
     COUNT_OR(batches, UINT32_MAX, "number of batches", "none"),
     .recorded = RECORDED},
    {.info = {"slices",
              "cut each batch into S slices, to save memory or to share the work among devices",
              "S", training, .commands = STEP},
     COUNT_OR(slices, MOST_SLICES, "number of slices", "none"),
     .recorded = RECORDED},
    {.info = {"l1", "L1 penalty on the weights: R sum |w|", "R", training, .commands = RECIPE},
     NUMBER(l1, FROM_0, "penalty"),
     .recorded = ALWAYS_RECORDED},
    {.info = {"l2", "L2 penalty on the weights: R/2 sum w^2", "R", training, .commands = RECIPE},
     NUMBER(l2, FROM_0, "penalty"),
     .recorded = ALWAYS_RECORDED},
    {.info = {"reduction", "whether to average or to sum the losses of a batch", "NAME", training,
              WORDS(reduction_names), LIBRARY},
     WORD(reduction, "reduction")},
    {.info = {"shuffle", "shuffle the samples in each epoch", NULL, training, .commands = RECIPE},
     TRUTH(shuffle),
     .recorded = RECORDED},
    {.info = {"shuffle-blocks", "a faster shuffle for large files (see docs/data.md)", NULL,
              training, .commands = RECIPE},
     TRUTH(shuffle_blocks),
     .rule = {.zero = "no"}, /* files have it only if it is used */
     .need = {shuffles, "shuffling"},
     .off = true,
     .recorded = RECORDED},
    {.info = {"scale", "how to scale the features (see docs/training.md)", "NAME", training,
              WORDS(scale_names), RECIPE},
     WORD(scale, "scale")},
    {.info = {"article-quirks", "compute the penalty and the scores as the article does", NULL,
              training, .commands = LIBRARY},
     TRUTH(article_quirks)},
    {.info = {"warm-start", "start weft_fit from the weights of the model", NULL, training,
              .commands = LIBRARY},
     TRUTH(warm_start)},

    {.info = {"optimizer", "update rule", "NAME", optimizer, WORDS(optimizer_names), RECIPE,
              .common = true},
     WORD(optimizer, "optimizer"),
     .recorded = ALWAYS_RECORDED},
    {.info = {"learning-rate", "step size; auto: set from the data", "RATE", optimizer,
              .commands = RECIPE, .common = true},
     NUMBER_OR_AUTO(learning_rate, FROM_0, "rate"),
     .recorded = ALWAYS_RECORDED},
    {.info = {"schedule", "how the learning rate changes", "NAME", optimizer, WORDS(schedule_names),
              RECIPE, .common = true},
     WORD(schedule, "schedule"),
     .recorded = ALWAYS_RECORDED},
    {.info = {"warmup", "epochs of linear warm-up before the schedule begins", "EPOCHS", optimizer,
              .commands = RECIPE},
     NUMBER(warmup, FROM_0, "number of epochs"),
     .recorded = RECORDED},
    {.info = {"rate-factor",
              "multiply the learning rate by R at each drop (exponential: after each epoch); auto: "
              "0.95 for exponential, otherwise 0.1",
              "R", optimizer, .commands = RECIPE,
              FOR_SCHEDULES(BIT(SCHEDULE_STEP) | BIT(SCHEDULE_EXPONENTIAL) |
                            BIT(SCHEDULE_PLATEAU))},
     NUMBER_OR(rate_factor, PART_ABOVE_0, "factor", "auto"),
     .recorded = RECORDED},
    {.info = {"rate-every", "epochs between two drops of the learning rate", "EPOCHS", optimizer,
              .commands = RECIPE, FOR_SCHEDULES(BIT(SCHEDULE_STEP))},
     COUNT(rate_every, 1, MOST_EPOCHS, "number of epochs"),
     .recorded = RECORDED},
    {.info = {"rate-patience",
              "drop the rate when more than this many epochs in a row bring no improvement",
              "EPOCHS", optimizer, .commands = RECIPE, FOR_SCHEDULES(BIT(SCHEDULE_PLATEAU))},
     COUNT(rate_patience, 0, MOST_EPOCHS, "number of epochs"),
     .recorded = RECORDED},
    {.info = {"min-rate", "lowest learning rate", "RATE", optimizer, .commands = RECIPE,
              FOR_SCHEDULES(BIT(SCHEDULE_COSINE) | BIT(SCHEDULE_PLATEAU))},
     NUMBER(min_rate, FROM_0, "rate"),
     .off = true,
     .recorded = RECORDED},
    {.info = {"rise", "fraction of the steps during which the learning rate rises", "FRACTION",
              optimizer, .commands = RECIPE, FOR_SCHEDULES(BIT(SCHEDULE_ONE_CYCLE))},
     NUMBER(rise, PART, "fraction"),
     .recorded = RECORDED},

    {.info = {"momentum", "momentum coefficient", "R", optimizer, .commands = RECIPE,
              FOR_OPTIMIZERS(WITH_MOMENTUM)},
     NUMBER(momentum, SHARE, "momentum"),
     .off = true,
     .recorded = RECORDED},
    {.info = {"beta1", "decay rate of the running mean of the gradient", "R", optimizer,
              .commands = RECIPE, FOR_OPTIMIZERS(WITH_BETA1)},
     NUMBER(beta1, SHARE, "decay"),
     .recorded = RECORDED},
    {.info = {"beta2",
              "decay rate of the running mean of the squared gradient; auto: 0.99 for rmsprop, "
              "otherwise 0.999",
              "R", optimizer, .commands = RECIPE, FOR_OPTIMIZERS(WITH_BETA2)},
     NUMBER_OR(beta2, SHARE_ABOVE_0, "decay", "auto"),
     .recorded = RECORDED},
    {.info = {"epsilon", "small number that keeps the update's denominator above 0", "R", optimizer,
              .commands = RECIPE, FOR_OPTIMIZERS(WITH_EPSILON)},
     NUMBER(epsilon, ABOVE_0, "value"),
     .recorded = RECORDED},
    {.info = {"weight-decay", "shrink the weights at this rate; auto: set from the data", "R",
              optimizer, .commands = RECIPE, .common = true, FOR_OPTIMIZERS(WITH_DECAY)},
     NUMBER_OR_AUTO(weight_decay, FROM_0, "decay"),
     .off = true,
     .recorded = RECORDED},
    {.info = {"clip-norm", "limit the norm of the gradient to this value", "R", optimizer,
              .commands = RECIPE},
     NUMBER_OR(clip_norm, FROM_0, "norm", "none"),
     .recorded = RECORDED},
    {.info = {"ema",
              "use a running average of the weights, with this decay rate, for scores and the "
              "saved model",
              "DECAY", optimizer, .commands = RECIPE},
     NUMBER_OR(ema, SHARE, "decay", "none"),
     .recorded = RECORDED},

    {.info = {"label-smoothing", "amount of label smoothing; auto: set from the data", "R", targets,
              .commands = STEP, FOR_TASKS(BIT(TASK_CLASSIFY) | BIT(TASK_MULTILABEL))},
     NUMBER_OR_AUTO(label_smoothing, SHARE, "share"),
     .off = true,
     .recorded = RECORDED},
    {.info = {"class-weight", "weight of each class in the loss: none, balanced or a list", "LIST",
              targets, .commands = STEP, FOR_TASKS(BIT(TASK_CLASSIFY))},
     .type = OPTION_CLASS_WEIGHT,
     AT(class_weights),
     .off = true,
     .recorded = RECORDED,
     .rule = {.noun = "weight", .range = NUMBER_FROM_0}},

    {.info = {"shift", "move each image by up to this many pixels", "PIXELS", images,
              .commands = STEP},
     COUNT(shift, 0, MOST_PIXELS, "number of pixels"),
     .recorded = RECORDED},
    {.info = {"flip", "mirror a random half of the images, left to right", NULL, images,
              .commands = STEP},
     TRUTH(flip),
     .recorded = RECORDED},
    {.info = {"erase", "blank a random square of this side length in each image", "PIXELS", images,
              .commands = STEP},
     COUNT(erase, 0, MOST_PIXELS, "number of pixels"),
     .recorded = RECORDED},
    {.info = {"mixup", "mix pairs of samples in a ratio drawn from Beta(R, R)", "R", images,
              .commands = STEP},
     NUMBER_OR(mixup, FROM_0, "value", "none"),
     .recorded = RECORDED},

    {.info = {"patience", "stop after this many epochs without improvement", "EPOCHS", training,
              .commands = TRAIN, .common = true},
     COUNT_OR(patience, MOST_EPOCHS, "number of epochs", "none")},
    {.info = {"monitor", "validation score that early stopping and the plateau schedule watch",
              "NAME", training, WORDS(monitor_names), TRAIN},
     WORD(monitor, "monitor"),
     .need = MONITORED},
    {.info = {"min-delta",
              "an improvement of the monitored score counts only if it is larger than this", "R",
              training, .commands = TRAIN},
     NUMBER(min_delta, FROM_0, "change"),
     .off = true,
     .need = MONITORED},

    {.info = {"gemm", "matrix products by CLBlast or by Weft's own kernels", "NAME", device,
              WORDS(gemm_names), STEP, .formerly = "products"},
     WORD(gemm, "engine")},
    {.info = {"check-every", "repeat every K-th batch in double precision and compare", "K", device,
              .commands = TRAIN},
     COUNT_OR(check_every, INT64_MAX, "number of batches", "none")},
};

const size_t option_row_count = sizeof option_rows / sizeof *option_rows;
_Static_assert(sizeof option_rows / sizeof *option_rows <= WEFT_MAX_OPTIONS,
               "weft_options.given has a bit for each");

const struct option_row *option_find(const char *name)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (strcmp(option_rows[i].info.name, name) == 0)
            return &option_rows[i];
    return NULL;
}

bool option_given(const struct weft_options *options, const struct option_row *row)
{
    const size_t index = (size_t)(row - option_rows);
    return (options->given[index / 64] >> index % 64 & 1U) != 0;
}

void option_mark_given(struct weft_options *options, const struct option_row *row)
{
    const size_t index = (size_t)(row - option_rows);
    options->given[index / 64] |= UINT64_C(1) << index % 64;
}

bool option_used(const struct weft_options *options, const struct option_row *row)
{
    if (row->info.needs == NULL)
        return row->need.met == NULL || row->need.met(options);
    unsigned value = 0;
    memcpy(&value, (const char *)options + option_find(row->info.needs)->offset, sizeof value);
    return (row->info.needed >> value & 1U) != 0;
}
