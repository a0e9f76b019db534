/* Draws random trainings from a seed, and writes and reads them as one line.
 *
 * A recipe contains the sizes of the data and the options as text, with the names of
 * weft_options_set. The data follow from the seed. The line looks much like the options that a user
 * would type.
 */
#ifndef WEFT_TESTS_RANDOM_TRAINING_H
#define WEFT_TESTS_RANDOM_TRAINING_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "options/option_words.h"
#include "plain_options.h"
#include "random_network.h"

enum { MOST_SETTINGS = 40, SETTING_NAME = 24, SETTING_VALUE = 48, TRAINING_TEXT = 2048 };

struct setting {
    char name[SETTING_NAME], value[SETTING_VALUE];
};

struct training_recipe {
    uint64_t seed;
    size_t samples, height, width, channels, outputs; /* D = height width channels */
    size_t validation; /* samples in the validation set; 0: no such set */
    bool bytes;        /* features are whole numbers from 0 to 255 */
    char preset[16];   /* source of all other options; "default": plain_options */
    struct setting settings[MOST_SETTINGS];
    size_t count;
};

/* ---- drawing ---- */

/* A recipe that is being drawn. */
struct draft {
    struct dice dice;
    struct training_recipe recipe;
};

__attribute__((format(printf, 3, 4))) static inline void draft_set(struct draft *draft,
                                                                   const char *name,
                                                                   const char *format, ...)
{
    ck_assert_uint_lt(draft->recipe.count, MOST_SETTINGS);
    struct setting *setting = &draft->recipe.settings[draft->recipe.count++];
    va_list arguments;
    va_start(arguments, format);
    snprintf(setting->name, sizeof setting->name, "%s", name);
    const int length = vsnprintf(setting->value, sizeof setting->value, format, arguments);
    va_end(arguments);
    ck_assert_int_lt(length, SETTING_VALUE);
}

/* Returns true in one of `n` draws. */
static inline bool one_in(struct draft *draft, size_t n)
{
    return dice_between(&draft->dice, 1, n) == 1;
}

/* Draws from low .. high, uniformly in the logarithm. */
static inline double between(struct draft *draft, double low, double high)
{
    return low * pow(high / low,
                     (double)random_uniform(draft->dice.stream, draft->dice.next++, 0.0f, 1.0f));
}

/* Sets an option in one of `n` draws, to a number with a short decimal form. */
static inline void maybe_set(struct draft *draft, size_t n, const char *name, double low,
                             double high)
{
    const double value = between(draft, low, high);
    if (one_in(draft, n))
        draft_set(draft, name, "%.3g", value);
}

static inline const char *word_of(struct draft *draft, const char *const *words, size_t count)
{
    return words[dice_between(&draft->dice, 0, count - 1)];
}
#define ONE_OF(draft, words) word_of(draft, words, sizeof(words) / sizeof *(words))

/* A list of `count` values. */
struct list {
    char text[SETTING_VALUE];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static inline void list_add(struct list *list,
                                                                  const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (list->length > 0)
        list->text[list->length++] = ',';
    list->length += (size_t)vsnprintf(list->text + list->length, sizeof list->text - list->length,
                                      format, arguments);
    va_end(arguments);
    ck_assert_uint_lt(list->length, sizeof list->text);
}

/* Draws the widths and the options that hidden layers have, one per layer or one for all. Returns
 * the number of hidden layers. */
static inline size_t layers_draw(struct draft *draft)
{
    const size_t layers = dice_between(&draft->dice, 0, 3);
    struct list widths = {.length = 0}, activations = {.length = 0}, dropouts = {.length = 0};
    const size_t each = one_in(draft, 2) ? layers : 1;
    for (size_t l = 0; l < layers; l++)
        list_add(&widths, "%zu", dice_between(&draft->dice, 1, one_in(draft, 3) ? 40 : 8));
    for (size_t l = 0; l < each; l++) {
        list_add(&activations, "%s",
                 activation_names[dice_between(&draft->dice, 0, ACTIVATION_COUNT - 1)]);
        list_add(&dropouts, "0.%zu", dice_between(&draft->dice, 0, 6));
    }
    draft_set(draft, "hidden", "%s", layers > 0 ? widths.text : "none");
    if (layers > 0)
        draft_set(draft, "activation", "%s", activations.text);
    if (layers > 0 && one_in(draft, 3))
        draft_set(draft, "dropout", "%s", dropouts.text);
    if (layers > 0 && one_in(draft, 3))
        draft_set(draft, "batch-norm", "yes");
    if (one_in(draft, 3))
        draft_set(draft, "bias", one_in(draft, 2) ? "no" : "yes");
    return layers;
}

static inline void network_draw(struct draft *draft)
{
    static const char *const initial[] = {"auto",    "glorot",      "he",           "lecun",
                                          "uniform", "uniform-one", "uniform-unit", "zeros"};
    const size_t layers = layers_draw(draft), known = sizeof initial / sizeof *initial;
    draft_set(draft, "init", "%s",
              word_of(draft, initial, layers > 0 ? known - 1 : known)); /* zeros learn nothing */
    maybe_set(draft, 2, "initial-range", 0.01, 1.0);
}

/* Draws preset, task and head, and the options that only some of them have. */
static inline void task_draw(struct draft *draft)
{
    struct training_recipe *recipe = &draft->recipe;
    static const char *const heads[] = {"softmax", "sigmoid", "identity"};
    static const char *const presets[] = {"default", "default", "default", "default",
                                          "default", "article", "xor"};
    const size_t task = dice_between(&draft->dice, 0, 5);
    snprintf(recipe->preset, sizeof recipe->preset, "%s",
             task < 2 ? "default" : ONE_OF(draft, presets));
    const bool plain = strcmp(recipe->preset, "default") == 0;
    recipe->outputs = dice_between(&draft->dice, task < 2 ? 1 : 2, 7);
    const bool single = strcmp(recipe->preset, "xor") == 0;
    if (single)
        recipe->outputs = 2;
    if (single && one_in(draft, 2))
        draft_set(draft, "head", "sigmoid");
    if (task < 2)
        draft_set(draft, "task", task == 0 ? "multilabel" : "regress");
    else if (plain)
        draft_set(draft, "head", "%s", ONE_OF(draft, heads));
    if (plain && task != 1)
        maybe_set(draft, 3, "label-smoothing", 0.01, 0.5);
    if (plain && task >= 2 && one_in(draft, 4)) {
        struct list weights = {.length = 0};
        for (size_t c = 0; c < recipe->outputs; c++)
            list_add(&weights, "%.2g", between(draft, 0.1, 5.0));
        draft_set(draft, "class-weight", "%s", one_in(draft, 2) ? "balanced" : weights.text);
    }
    if (strcmp(recipe->preset, "article") != 0)
        maybe_set(draft, 4, "mixup", 0.1, 2.0);
}

/* Draws learning rates that seldom diverge. */
static inline void update_draw(struct draft *draft)
{
    const enum weft_optimizer kind =
        (enum weft_optimizer)dice_between(&draft->dice, 0, OPTIMIZERS - 1);
    const bool adaptive = (optimizer_traits(kind).uses & USES_EPSILON) != 0;
    draft_set(draft, "optimizer", "%s", optimizer_names[kind]);
    draft_set(draft, "learning-rate", "%.2g",
              adaptive ? between(draft, 1e-4, 0.03) : between(draft, 1e-4, 0.1));
    maybe_set(draft, 2, "momentum", 0.1, 0.95);
    maybe_set(draft, 2, "beta1", 0.1, 0.95);
    maybe_set(draft, 2, "beta2", 0.5, 0.999);
    maybe_set(draft, 2, "epsilon", 1e-8, 1e-2);
    maybe_set(draft, 2, "weight-decay", 1e-3, 0.5);
    maybe_set(draft, 3, "clip-norm", 0.01, 3.0);
    maybe_set(draft, 3, "ema", 0.3, 0.99);
    maybe_set(draft, 3, "l1", 1e-4, 0.1);
    maybe_set(draft, 3, "l2", 1e-4, 0.1);
}

static inline void schedule_draw(struct draft *draft, size_t epochs)
{
    const size_t kinds =
        draft->recipe.validation > 0 ? WEFT_SCHEDULE_PLATEAU : WEFT_SCHEDULE_ONE_CYCLE;
    const enum weft_schedule kind = (enum weft_schedule)dice_between(&draft->dice, 0, kinds);
    draft_set(draft, "schedule", "%s", schedule_names[kind]);
    if (kind != WEFT_SCHEDULE_ONE_CYCLE && epochs > 1)
        maybe_set(draft, 3, "warmup", 0.2, (double)epochs - 0.5);
    maybe_set(draft, 2, "rate-factor", 0.05, 1.0);
    if (one_in(draft, 2))
        draft_set(draft, "rate-every", "%zu", dice_between(&draft->dice, 1, 2));
    if (one_in(draft, 2))
        draft_set(draft, "rate-patience", "%zu", dice_between(&draft->dice, 1, 2));
    maybe_set(draft, 2, "min-rate", 1e-5, 9e-5);
    maybe_set(draft, 2, "rise", 0.05, 1.0);
    if (draft->recipe.validation > 0)
        draft_set(draft, "monitor", "loss");
    if (draft->recipe.validation > 0 && one_in(draft, 2))
        draft_set(draft, "patience", "1");
}

/* Draws the batches and their augmentation. */
static inline void batches_draw(struct draft *draft)
{
    static const char *const scales[] = {"none", "standard", "global"};
    const struct training_recipe *recipe = &draft->recipe;
    const size_t side = recipe->height < recipe->width ? recipe->height : recipe->width;
    const size_t batch = dice_between(&draft->dice, 2, recipe->samples);
    draft_set(draft, "batch-size", "%zu", batch);
    draft_set(draft, "shuffle", one_in(draft, 3) ? "no" : "yes");
    draft_set(draft, "scale", "%s",
              recipe->bytes ? scales[dice_between(&draft->dice, 1, 2)] : ONE_OF(draft, scales));
    maybe_set(draft, 4, "input-dropout", 0.05, 0.6);
    if (side > 1 && one_in(draft, 4))
        draft_set(draft, "shift", "%zu", dice_between(&draft->dice, 1, side - 1));
    if (one_in(draft, 4))
        draft_set(draft, "flip", "yes");
    if (one_in(draft, 4))
        draft_set(draft, "erase", "%zu", dice_between(&draft->dice, 1, side));
    if (one_in(draft, 3))
        draft_set(draft, "slices", "%zu", dice_between(&draft->dice, 1, batch));
}

static inline struct training_recipe training_draw(uint64_t seed)
{
    struct draft draft = {.dice = {stream_of(seed, STREAM_RECIPE), 0}, .recipe = {.seed = seed}};
    struct training_recipe *recipe = &draft.recipe;
    const size_t epochs = dice_between(&draft.dice, 1, 3);
    recipe->samples = dice_between(&draft.dice, 8, 24);
    recipe->height = dice_between(&draft.dice, 1, 5);
    recipe->width = dice_between(&draft.dice, 1, 6);
    recipe->channels = one_in(&draft, 4) ? 2 : 1;
    recipe->validation = one_in(&draft, 4) ? 5 : 0;
    recipe->bytes = one_in(&draft, 3);
    draft_set(&draft, "epochs", "%zu", epochs);
    task_draw(&draft);
    network_draw(&draft);
    update_draw(&draft);
    schedule_draw(&draft, epochs);
    batches_draw(&draft);
    return draft.recipe;
}

/* ---- one line ---- */

static inline void training_print(const struct training_recipe *recipe, char text[TRAINING_TEXT])
{
    size_t used = (size_t)snprintf(
        text, TRAINING_TEXT,
        "seed=%" PRIu64 " samples=%zu image=%zux%zux%zu outputs=%zu validation=%zu bytes=%d "
        "preset=%s",
        recipe->seed, recipe->samples, recipe->height, recipe->width, recipe->channels,
        recipe->outputs, recipe->validation, recipe->bytes, recipe->preset);
    for (size_t i = 0; i < recipe->count; i++)
        used += (size_t)snprintf(text + used, TRAINING_TEXT - used, " %s=%s",
                                 recipe->settings[i].name, recipe->settings[i].value);
}

static inline struct training_recipe training_read(const char *text)
{
    struct training_recipe recipe = {.count = 0};
    int bytes = 0, used = 0;
    const int count =
        sscanf(text,
               "seed=%" SCNu64 " samples=%zu image=%zux%zux%zu outputs=%zu validation=%zu "
               "bytes=%d preset=%15s%n",
               &recipe.seed, &recipe.samples, &recipe.height, &recipe.width, &recipe.channels,
               &recipe.outputs, &recipe.validation, &bytes, recipe.preset, &used);
    ck_assert_msg(count == 9, "not a training: %s", text);
    recipe.bytes = bytes != 0;
    for (text += used; recipe.count < MOST_SETTINGS; text += used) {
        struct setting *setting = &recipe.settings[recipe.count];
        if (sscanf(text, " %23[^= ]=%47s%n", setting->name, setting->value, &used) != 2)
            break;
        recipe.count++;
    }
    ck_assert_msg(text[strspn(text, " ")] == '\0', "not a setting: %s", text);
    return recipe;
}

/* ---- options and data ---- */

/* Returns the status of the first invalid option. */
static inline enum weft_status training_options(const struct training_recipe *recipe,
                                                struct weft_options *options)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, recipe->seed);
    *options = plain_preset(recipe->preset);
    enum weft_status status = weft_options_set(options, "seed", seed);
    for (size_t i = 0; i < recipe->count && status == WEFT_OK; i++)
        status = weft_options_set(options, recipe->settings[i].name, recipe->settings[i].value);
    return status;
}

/* Makes the samples of the recipe. Another `part` has other numbers. */
static inline struct weft_dataset *training_samples(const struct training_recipe *recipe,
                                                    enum weft_task task, size_t samples,
                                                    uint32_t part)
{
    const size_t features = recipe->height * recipe->width * recipe->channels;
    const struct random_stream values = stream_of(recipe->seed, STREAM_X + 100 * part);
    const struct random_stream answers = stream_of(recipe->seed, STREAM_LABELS + 100 * part);
    float *x = memory_of(samples * features, sizeof *x);
    float *targets = memory_of(samples * recipe->outputs, sizeof *targets);
    int32_t *labels = memory_of(samples, sizeof *labels);
    struct weft_dataset *dataset;
    for (size_t i = 0; i < samples * features; i++)
        x[i] = recipe->bytes ? (float)(random_bits(values, i) >> 24)
                             : random_uniform(values, i, -1.0f, 2.0f);
    for (size_t i = 0; i < samples; i++) /* every class occurs */
        labels[i] = (int32_t)(i < recipe->outputs ? i : random_bits(answers, i) % recipe->outputs);
    for (size_t i = 0; i < samples * recipe->outputs; i++)
        targets[i] = task == WEFT_TASK_REGRESS ? random_uniform(answers, i, -2.0f, 2.0f)
                                               : (float)(random_bits(answers, i) >> 31);
    if (task == WEFT_TASK_CLASSIFY)
        ck_ok(weft_dataset_create(samples, features, recipe->outputs, x, labels, &dataset));
    else
        ck_ok(
            weft_dataset_create_targets(samples, features, recipe->outputs, x, targets, &dataset));
    ck_ok(weft_dataset_set_image(dataset, recipe->height, recipe->width, recipe->channels));
    free(labels);
    free(targets);
    free(x);
    return dataset;
}

#endif
