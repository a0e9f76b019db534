/* weft_options_set: one option from text. The text is the user's, so it is read whole or refused,
 * the same in every locale, and a refusal leaves the options as they were. */
#include "train/training_options.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/words.h"
#include "data/order.h"
#include "data/task.h"
#include "network/activation_text.h"
#include "network/hidden_text.h"
#include "network/network.h"
#include "train/option_values.h"
#include "train/targets.h"
#include "train/update_options.h"

/* ---------------------------------------------------------------- options */

static enum weft_status set_hidden(struct weft_options *options, const char *name, const char *text)
{
    if (!hidden_from_text(text, options->hidden, &options->hidden_count))
        return fail(WEFT_ERROR_USAGE,
                    "%s: \"%.64s\" is not a list of widths: need 1 to %d whole numbers of 1 or "
                    "more with commas between them, or none",
                    name, text, WEFT_MAX_HIDDEN);
    return WEFT_OK;
}

static enum weft_status set_head(struct weft_options *options, const char *name, const char *text)
{
    const char *const words[] = {head_name(WEFT_HEAD_SIGMOID), head_name(WEFT_HEAD_SOFTMAX),
                                 head_name(WEFT_HEAD_IDENTITY)};
    size_t position = 0;
    TRY(parse_word(name, text, words, 3, &position));
    options->head = (enum weft_head)position;
    return WEFT_OK;
}

/* A task other than classify brings the head that its loss needs, and takes its targets as they
 * are. */
static enum weft_status set_task(struct weft_options *options, const char *name, const char *text)
{
    size_t position = 0;
    TRY(parse_word(name, text, task_names, TASKS, &position));
    options->task = (enum weft_task)position;
    if (options->task == WEFT_TASK_MULTILABEL)
        options->head = WEFT_HEAD_SIGMOID;
    if (options->task == WEFT_TASK_REGRESS)
        options->head = WEFT_HEAD_IDENTITY;
    if (options->task != WEFT_TASK_CLASSIFY)
        options->label_smoothing = 0.0;
    return WEFT_OK;
}

static enum weft_status set_initialization(struct weft_options *options, const char *name,
                                           const char *text)
{
    /* in the order of enum weft_initialization */
    static const char *const words[] = {"auto",    "glorot", "he",          "lecun",
                                        "uniform", "zeros",  "uniform-one", "uniform-unit"};
    size_t position = 0;
    TRY(parse_word(name, text, words, sizeof words / sizeof *words, &position));
    options->initialization = (enum weft_initialization)position;
    return WEFT_OK;
}

static enum weft_status set_activation(struct weft_options *options, const char *name,
                                       const char *text)
{
    return activations_from_text(name, text, options->activation, &options->activation_count);
}

/* "0.2", or "0.2,0.5": one for each hidden layer. */
static enum weft_status set_dropout(struct weft_options *options, const char *name,
                                    const char *text)
{
    double shares[WEFT_MAX_HIDDEN];
    size_t count = 0;
    TRY(parse_numbers(name, text, NUMBER_SHARE, WEFT_MAX_HIDDEN, shares, &count));
    memcpy(options->dropout, shares, count * sizeof *shares);
    options->dropout_count = count;
    return WEFT_OK;
}

static enum weft_status set_seed(struct weft_options *options, const char *name, const char *text)
{
    return parse_whole(name, text, 0, UINT64_MAX, &options->seed);
}

static enum weft_status set_epochs(struct weft_options *options, const char *name, const char *text)
{
    return parse_count_or_auto(name, text, MOST_EPOCHS, &options->epochs);
}

/* An epoch is cut by size or by count: the last one that is set decides. */
static enum weft_status set_batch_size(struct weft_options *options, const char *name,
                                       const char *text)
{
    TRY(parse_count_or_auto(name, text, UINT32_MAX, &options->batch_size));
    options->batches = 0;
    return WEFT_OK;
}

static enum weft_status set_batches(struct weft_options *options, const char *name,
                                    const char *text)
{
    TRY(parse_count(name, text, UINT32_MAX, &options->batches));
    options->batch_size = 0;
    return WEFT_OK;
}

/* "none", "balanced", or a number for each class. */
static enum weft_status set_class_weight(struct weft_options *options, const char *name,
                                         const char *text)
{
    static const char *const words[] = {"none", "balanced", "or a number for each class"};
    struct weft_options changed = *options;
    const size_t word = words_find(text, words, 2);
    changed.class_weight = word < 2 ? (enum weft_class_weight)word : WEFT_CLASS_WEIGHT_GIVEN;
    changed.class_weight_count = 0;
    if (word == 2 && isalpha((unsigned char)text[0]))
        return words_fail(WEFT_ERROR_USAGE, name, text, words, 3);
    if (word == 2)
        TRY(parse_numbers(name, text, NUMBER_FROM_0, WEFT_MAX_CLASS_WEIGHTS, changed.class_weights,
                          &changed.class_weight_count));
    TRY(target_options_check(&changed));
    *options = changed;
    return WEFT_OK;
}

enum { MOST_PIXELS = 65535 };

static enum weft_status set_scale(struct weft_options *options, const char *name, const char *text)
{
    static const char *const words[] = {"none", "standard", "global"};
    size_t position = 0;
    TRY(parse_word(name, text, words, 3, &position));
    options->scale = (enum weft_scale)position;
    return WEFT_OK;
}

static enum weft_status set_check_every(struct weft_options *options, const char *name,
                                        const char *text)
{
    return parse_count(name, text, INT64_MAX, &options->check_every);
}

static enum weft_status set_gemm(struct weft_options *options, const char *name,
                                     const char *text)
{
    static const char *const words[] = {"auto", "clblast", "own"};
    size_t position = 0;
    TRY(parse_word(name, text, words, 3, &position));
    options->gemm = (enum weft_gemm)position;
    return WEFT_OK;
}

/* Members that are one number or truth each. */
enum kind {
    TRUTH,  /* bool */
    NUMBER, /* double, of a range */
    EPOCHS, /* size_t: 1 or more */
    WAIT,   /* size_t: epochs, 0 or more */
    PIXELS  /* size_t: 0 or more */
};

/* What is set by a function of its own, or else the member at `offset`. */
static const struct setting {
    const char *name;
    enum weft_status (*set)(struct weft_options *options, const char *name, const char *text);
    enum kind kind;
    enum number_range range;
    size_t offset;
} settings[] = {
#define MEMBER(NAME, KIND, MEMBER)                                                                 \
    {                                                                                              \
        .name = (NAME), .kind = (KIND), .offset = offsetof(struct weft_options, MEMBER)            \
    }
#define NUMBER_MEMBER(NAME, RANGE, MEMBER)                                                         \
    {                                                                                              \
        .name = (NAME), .kind = NUMBER, .range = NUMBER_##RANGE,                                   \
        .offset = offsetof(struct weft_options, MEMBER)                                            \
    }
    {.name = "hidden", .set = set_hidden},
    {.name = "activation", .set = set_activation},
    {.name = "dropout", .set = set_dropout},
    NUMBER_MEMBER("input-dropout", SHARE, input_dropout),
    MEMBER("batch-norm", TRUTH, batch_norm),
    {.name = "task", .set = set_task},
    {.name = "head", .set = set_head},
    MEMBER("bias", TRUTH, bias),
    {.name = "init", .set = set_initialization},
    NUMBER_MEMBER("initial-range", FROM_0, initial_range),
    {.name = "seed", .set = set_seed},
    {.name = "epochs", .set = set_epochs},
    {.name = "batch-size", .set = set_batch_size},
    {.name = "batches", .set = set_batches},
    NUMBER_MEMBER("learning-rate", FROM_0, learning_rate),
    NUMBER_MEMBER("l1", FROM_0, l1),
    NUMBER_MEMBER("l2", FROM_0, l2),
    NUMBER_MEMBER("label-smoothing", SHARE, label_smoothing),
    {.name = "class-weight", .set = set_class_weight},
    MEMBER("patience", EPOCHS, patience),
    {.name = "monitor", .set = set_monitor},
    NUMBER_MEMBER("min-delta", FROM_0, min_delta),
    {.name = "schedule", .set = set_schedule},
    NUMBER_MEMBER("warmup", FROM_0, warmup),
    NUMBER_MEMBER("rate-factor", PART_ABOVE_0, rate_factor),
    MEMBER("rate-every", EPOCHS, rate_every),
    MEMBER("rate-patience", WAIT, rate_patience),
    NUMBER_MEMBER("min-rate", FROM_0, min_rate),
    NUMBER_MEMBER("rise", PART, rise),
    NUMBER_MEMBER("ema", SHARE, ema),
    {.name = "optimizer", .set = set_optimizer},
    NUMBER_MEMBER("momentum", SHARE, momentum),
    NUMBER_MEMBER("beta1", SHARE, beta1),
    NUMBER_MEMBER("beta2", SHARE_ABOVE_0, beta2),
    NUMBER_MEMBER("epsilon", NORMAL, epsilon),
    NUMBER_MEMBER("weight-decay", FROM_0, weight_decay),
    NUMBER_MEMBER("clip-norm", FROM_0, clip_norm),
    MEMBER("shift", PIXELS, shift),
    MEMBER("flip", TRUTH, flip),
    MEMBER("erase", PIXELS, erase),
    NUMBER_MEMBER("mixup", FROM_0, mixup),
    MEMBER("shuffle", TRUTH, shuffle),
    {.name = "scale", .set = set_scale},
    {.name = "gemm", .set = set_gemm},
    {.name = "check-every", .set = set_check_every},
#undef MEMBER
#undef NUMBER_MEMBER
};

static enum weft_status set_from_0(const char *name, const char *text, uint64_t most, size_t *value)
{
    uint64_t number = 0;
    TRY(parse_whole(name, text, 0, most, &number));
    *value = (size_t)number;
    return WEFT_OK;
}

static enum weft_status set_member(const struct setting *setting, struct weft_options *options,
                                   const char *text)
{
    void *member = (char *)options + setting->offset;
    switch (setting->kind) {
    case TRUTH:
        return parse_truth(setting->name, text, member);
    case NUMBER:
        return parse_number(setting->name, text, setting->range, member);
    case EPOCHS:
        return parse_count(setting->name, text, MOST_EPOCHS, member);
    case WAIT:
        return set_from_0(setting->name, text, MOST_EPOCHS, member);
    case PIXELS:
        return set_from_0(setting->name, text, MOST_PIXELS, member);
    }
    return fail(WEFT_ERROR_INTERNAL, "option %s: of no kind", setting->name);
}

enum { SETTING_COUNT = sizeof settings / sizeof *settings };

enum weft_status weft_options_set(struct weft_options *options, const char *name, const char *value)
{
    const char *names[SETTING_COUNT];
    for (size_t i = 0; i < SETTING_COUNT; i++)
        names[i] = settings[i].name;
    const size_t position = words_find(name, names, SETTING_COUNT);
    if (position == SETTING_COUNT)
        return words_fail(WEFT_ERROR_USAGE, "option", name, names, SETTING_COUNT);
    const struct setting *setting = &settings[position];
    return setting->set != NULL ? setting->set(options, name, value)
                                : set_member(setting, options, value);
}

/* ---------------------------------------------------------------- what is left to the data */

/* Small data get small batches, for enough updates, and enough epochs of them. */
enum { AUTO_EPOCHS = 30, AUTO_UPDATES = 2000, LEAST_BATCH = 16, MOST_BATCH = 256 };

void weft_options_settle(struct weft_options *options, size_t samples)
{
    assert(samples > 0);
    if (options->batch_size == 0 && options->batches == 0)
        options->batch_size = size_min(size_max(samples / 50, LEAST_BATCH), MOST_BATCH);
    const size_t batches = batch_plan_make(samples, options->batches, options->batch_size).count;
    if (options->epochs == 0)
        options->epochs = size_max(AUTO_EPOCHS, (AUTO_UPDATES + batches - 1) / batches);
}

/* ---------------------------------------------------------------- members filled by hand */

static enum weft_status check_augmentation(const struct weft_options *options)
{
    if (options->shift > MOST_PIXELS || options->erase > MOST_PIXELS)
        return fail(WEFT_ERROR_USAGE, "shift %zu, erase %zu: need at most %d pixels",
                    options->shift, options->erase, MOST_PIXELS);
    if (options->mixup > 0.0 && options->article_quirks)
        return fail(WEFT_ERROR_USAGE,
                    "mixup: preset article judges the true class alone, without it");
    TRY(check_number("input-dropout", options->input_dropout, NUMBER_SHARE));
    return check_number("mixup", options->mixup, NUMBER_FROM_0);
}

enum weft_status training_options_check(const struct weft_options *options)
{
    if (options->epochs > MOST_EPOCHS)
        return fail(WEFT_ERROR_USAGE, "epochs: got %zu, need at most %d", options->epochs,
                    MOST_EPOCHS);
    if (options->batch_size != 0 && options->batches != 0)
        return fail(WEFT_ERROR_USAGE, "batch-size %zu, batches %zu: need one of them to be 0",
                    options->batch_size, options->batches);
    TRY(check_number("learning-rate", options->learning_rate, NUMBER_FROM_0));
    TRY(check_number("l1", options->l1, NUMBER_FROM_0));
    TRY(check_number("l2", options->l2, NUMBER_FROM_0));
    TRY(target_options_check(options));
    TRY(update_options_check(options));
    return check_augmentation(options);
}

enum weft_status training_options_fit(const struct weft_options *options,
                                      const struct network *network)
{
    TRY(training_options_check(options));
    if (options->article_quirks && network->head != WEFT_HEAD_SIGMOID)
        return fail(WEFT_ERROR_USAGE, "article_quirks: the model has head %s, need sigmoid",
                    head_name(network->head));
    if (options->article_quirks && network_outputs(network) == 1)
        return fail(WEFT_ERROR_USAGE, "article_quirks: the model has a single output, need one per "
                                      "class");
    TRY(target_options_fit(options, network));
    return WEFT_OK;
}

/* A sample alone is its own mean: what a layer with batch norm makes of it says nothing of it. */
static enum weft_status batches_fit(const struct weft_options *options,
                                    const struct network *network, size_t samples)
{
    const struct batch_plan plan = batch_plan_make(samples, options->batches, options->batch_size);
    if (network_has_norm(network) && plan.largest < 2)
        return fail(WEFT_ERROR_USAGE,
                    "batch-norm: got batches of one sample, which has no spread: need 2 or more");
    return WEFT_OK;
}

enum weft_status training_options_settle(const struct weft_options *options,
                                         const struct network *network, size_t samples,
                                         struct weft_options *settled)
{
    *settled = *options;
    weft_options_settle(settled, samples);
    TRY(training_options_fit(settled, network));
    return batches_fit(settled, network, samples);
}
