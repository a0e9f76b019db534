/* The presets. Each table entry sets all members that define a training run. */
#include <string.h>

#include "base/memory.h"
#include "base/words.h"
#include "options/options.h"

/* Values for optimizers and schedules that a preset does not use but a user may choose. They are
 * PyTorch's defaults. */
#define OPTIMIZER_DEFAULTS                                                                         \
    .rate_every = 10, .rate_patience = 10, .rise = 0.3, .momentum = 0.9, .beta1 = 0.9,             \
    .epsilon = 1e-8

/* The settings that the recipes for accuracy share. */
#define RECIPE_OPTIMIZER(decay)                                                                    \
    .optimizer = WEFT_OPTIMIZER_ADAMW, .schedule = WEFT_SCHEDULE_ONE_CYCLE,                        \
    .weight_decay = (decay), OPTIMIZER_DEFAULTS

/* `default`, `best-plain` and `best` were chosen on the 60000 training images of Fashion-MNIST:
 * 10000 of them formed the validation set, and the other 50000 the training set. What `default`
 * leaves to the data was chosen on tables, in the same way. The test sets played no part.
 * docs/recipes.md lists the experiments and the resulting accuracies.
 *
 * `article` reproduces docs/article.md exactly, including `article_quirks`.
 *
 * `xor` is the first example of docs/article.md. The initial weights decide whether three hidden
 * units find the solution. Eleven of the seeds 0 to 15 reach 0, 1, 1, 0 (to 1e-13 in double
 * precision). The others (4, 6, 8, 10, 15) stop near 1.3e-2. Seed 0 is the first that succeeds;
 * test_presets trains with it.
 */
static const struct weft_options presets[] = {
    {.preset = "default",
     .hidden_count = 2,
     .hidden = {256, 128},
     .activation_count = 1,
     .activation = {WEFT_ACTIVATION_RELU},
     .dropout_count = 1,
     .dropout = {0.2},
     .head = WEFT_HEAD_SOFTMAX,
     .bias = true,
     .initialization = WEFT_INIT_AUTO,
     .initial_range = 0.05,
     .seed = 42,
     .learning_rate = WEFT_AUTO,
     .label_smoothing = WEFT_AUTO,
     RECIPE_OPTIMIZER(WEFT_AUTO),
     .reduction = WEFT_REDUCTION_MEAN,
     .shuffle = true,
     .scale = WEFT_SCALE_STANDARD},
    {.preset = "best-plain",
     .hidden_count = 2,
     .hidden = {1024, 1024},
     .activation_count = 1,
     .activation = {WEFT_ACTIVATION_RELU},
     .batch_norm = true,
     .dropout_count = 1,
     .dropout = {0.5},
     .input_dropout = 0.1,
     .head = WEFT_HEAD_SOFTMAX,
     .bias = true,
     .initialization = WEFT_INIT_AUTO,
     .initial_range = 0.05,
     .seed = 42,
     .epochs = 50,
     .batch_size = 256,
     .learning_rate = 0.003,
     .label_smoothing = 0.1,
     RECIPE_OPTIMIZER(0.05),
     .reduction = WEFT_REDUCTION_MEAN,
     .shuffle = true,
     .scale = WEFT_SCALE_STANDARD},
    {.preset = "best",
     .hidden_count = 3,
     .hidden = {1024, 1024, 512},
     .activation_count = 1,
     .activation = {WEFT_ACTIVATION_GELU},
     .batch_norm = true,
     .dropout_count = 1,
     .dropout = {0.3},
     .head = WEFT_HEAD_SOFTMAX,
     .bias = true,
     .initialization = WEFT_INIT_AUTO,
     .initial_range = 0.05,
     .seed = 42,
     .epochs = 240,
     .batch_size = 256,
     .learning_rate = 0.003,
     .label_smoothing = 0.1,
     .shift = 1,
     .flip = true,
     RECIPE_OPTIMIZER(0.1),
     .reduction = WEFT_REDUCTION_MEAN,
     .shuffle = true,
     .scale = WEFT_SCALE_GLOBAL},
    {.preset = "article",
     .hidden_count = 1,
     .hidden = {50},
     .activation_count = 1,
     .activation = {WEFT_ACTIVATION_SIGMOID},
     .head = WEFT_HEAD_SIGMOID,
     .initialization = WEFT_INIT_UNIFORM_ONE,
     .initial_range = 0.05,
     .seed = 42,
     .epochs = 300,
     .batches = 25,
     .learning_rate = 0.001,
     .l2 = 0.5,
     .weight_decay = 0.01,
     OPTIMIZER_DEFAULTS,
     .reduction = WEFT_REDUCTION_SUM,
     .scale = WEFT_SCALE_STANDARD,
     .article_quirks = true},
    {.preset = "xor",
     .hidden_count = 1,
     .hidden = {3},
     .activation_count = 1,
     .activation = {WEFT_ACTIVATION_SIGMOID},
     .head = WEFT_HEAD_IDENTITY,
     .single_output = true,
     .initialization = WEFT_INIT_UNIFORM_UNIT,
     .initial_range = 0.05,
     .seed = 0,
     .epochs = 50000,
     .batches = 1,
     .learning_rate = 0.1,
     .weight_decay = 0.01,
     OPTIMIZER_DEFAULTS,
     .reduction = WEFT_REDUCTION_SUM,
     .scale = WEFT_SCALE_NONE},
};

enum { PRESET_COUNT = sizeof presets / sizeof *presets };

/* The descriptions, in the order of `presets`. */
static const struct weft_preset_info infos[] = {
    {.name = "default", .summary = "A small network that trains fast; used without --preset"},
    {.name = "best-plain", .summary = "A wide network with batch norm and strong dropout"},
    {.name = "best", .summary = "The most accurate recipe for small images, which it augments"},
    {.name = "article", .summary = "The network of docs/article.md, to the letter"},
    {.name = "xor",
     .summary = "The first example of docs/article.md; sets --data xor",
     .data = "xor"}};
_Static_assert(sizeof infos / sizeof *infos == PRESET_COUNT, "each preset is described");

const struct weft_preset_info *weft_preset_describe(size_t index)
{
    return index < PRESET_COUNT ? &infos[index] : NULL;
}

const struct weft_options *preset_find(const char *name)
{
    for (size_t i = 0; i < PRESET_COUNT; i++)
        if (strcmp(name, presets[i].preset) == 0)
            return &presets[i];
    return NULL;
}

enum weft_head task_head(enum weft_task task, const struct weft_options *preset)
{
    if (task == WEFT_TASK_MULTILABEL)
        return WEFT_HEAD_SIGMOID;
    if (task == WEFT_TASK_REGRESS)
        return WEFT_HEAD_IDENTITY;
    return preset != NULL ? preset->head : WEFT_HEAD_SOFTMAX;
}

void preset_fit_task(struct weft_options *preset, enum weft_task task)
{
    preset->task = task;
    preset->head = task_head(task, preset);
    if (task != WEFT_TASK_CLASSIFY)
        preset->label_smoothing = 0.0;
    if (task == WEFT_TASK_REGRESS && strcmp(preset->preset, "default") == 0) {
        const size_t hidden[] = {128, 128, 64};
        preset->hidden_count = sizeof hidden / sizeof *hidden;
        memcpy(preset->hidden, hidden, sizeof hidden);
        preset->activation[0] = WEFT_ACTIVATION_SILU;
        preset->dropout[0] = 0.1;
    }
}

enum weft_status weft_options_init_sized(struct weft_options *options, size_t size,
                                         const char *name)
{
    const char *names[PRESET_COUNT];
    char hint[WORDS_HINT_SIZE];
    const struct weft_options *preset = preset_find(name);
    for (size_t i = 0; i < PRESET_COUNT; i++)
        names[i] = presets[i].preset;
    if (preset == NULL)
        return fail_option("preset", name, "unknown preset; %s",
                           words_hint(name, names, PRESET_COUNT, hint));
    if (size < offsetof(struct weft_options, task) || size > sizeof *options)
        return fail(WEFT_ERROR_USAGE,
                    "options: got a struct of %zu bytes, this libweft needs at most %zu", size,
                    sizeof *options);
    memcpy(options, preset, size);
    memcpy(options, &size, sizeof size); /* `size` is its first member. */
    return WEFT_OK;
}
