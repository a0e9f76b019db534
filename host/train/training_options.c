/* Prepares the options for training: fills in defaults that depend on the data, and rejects options
 * that contradict each other or the network. options/option_table.c checks each option by
 * itself. */
#include "train/training_options.h"

#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/order.h"
#include "options/options.h"
#include "train/curvature.h"
#include "train/targets.h"

/* ---------------------------------------------------------------- defaults that depend on the data
 */

/* Small data sets get small batches, so that an epoch has enough updates. */
enum { AUTO_BATCHES = 50, LEAST_BATCH = 16, MOST_BATCH = 256 };

/* Small data sets get fewer epochs, which would only fit their noise, but enough updates. Numbers
 * take more updates than classes (docs/recipes.md). */
enum { FEW_EPOCHS = 20, MANY_EPOCHS = 30, MANY_SAMPLES = 10000 };
enum { CLASSES_LEAST_UPDATES = 500, CLASSES_MOST_UPDATES = 5000 };
enum { NUMBERS_LEAST_UPDATES = 1000, NUMBERS_MOST_UPDATES = 4000 };

/* Curved targets take twice as many updates. */
enum { CURVED_UPDATES = 2 };

/* Weight decay is like a prior on the weights: it matters less, the more samples there are. Numbers
 * need less of it than classes, except in small tables: strong decay hides what they depend on
 * (docs/recipes.md). Curved targets are hidden by any strong decay. */
#define DECAY_SAMPLES         3000.0
#define NUMBERS_DECAY_SAMPLES 360.0
#define MOST_DECAY            1.0
#define NUMBERS_MOST_DECAY    2.0
#define NUMBERS_DECAY         0.3
#define CURVED_DECAY          0.1
#define LEAST_DECAY           (1.0 / 30.0)

/* Longer training runs need smaller steps: 0.003 is right for 60000 images, and 0.01 for tables.
 * Numbers take more updates than classes, and so need smaller steps, too. Small tables of classes
 * repeat each sample so often that they need the smallest ones. */
enum { RATE_SAMPLES = 180, TINY_SAMPLES = 64, SMALL_SAMPLES = 1000 };
#define MOST_RATE         0.01
#define SMALL_RATE        0.003
#define NUMBERS_MOST_RATE 0.005

static bool has_images(struct training_data data)
{
    return data.train != NULL && data.train->height > 0;
}

/* Tells whether the targets are numbers that are curved functions of the features. The answer takes
 * milliseconds, so nobody asks without need. */
static enum weft_status find_curvature(const struct weft_options *options,
                                       struct training_data data, bool *curved)
{
    *curved = false;
    if (options->task != WEFT_TASK_REGRESS || data.train == NULL ||
        (options->epochs != 0 && options->weight_decay != WEFT_AUTO))
        return WEFT_OK;
    return curvature_find(data.train, curved);
}

static size_t auto_updates(enum weft_task task, size_t samples, bool curved)
{
    if (task != WEFT_TASK_REGRESS)
        return size_min(size_max(samples / 3, CLASSES_LEAST_UPDATES), CLASSES_MOST_UPDATES);
    const size_t updates = size_max(samples, NUMBERS_LEAST_UPDATES) * (curved ? CURVED_UPDATES : 1);
    return size_min(updates, NUMBERS_MOST_UPDATES);
}

static size_t auto_epochs(size_t samples, size_t batches, size_t updates)
{
    return size_max(samples < MANY_SAMPLES ? FEW_EPOCHS : MANY_EPOCHS,
                    (updates + batches - 1) / batches);
}

static double auto_decay(enum weft_task task, size_t samples, bool curved)
{
    const double share = DECAY_SAMPLES / (double)samples;
    const double decay = fmax(share * share, LEAST_DECAY);
    if (task != WEFT_TASK_REGRESS)
        return fmin(decay, MOST_DECAY);
    if (curved)
        return fmin(decay, CURVED_DECAY);
    const double small = NUMBERS_DECAY_SAMPLES / (double)samples;
    return fmax(fmin(decay, NUMBERS_DECAY), fmin(small * small, NUMBERS_MOST_DECAY));
}

static double most_rate(enum weft_task task)
{
    return task == WEFT_TASK_REGRESS ? NUMBERS_MOST_RATE : MOST_RATE;
}

static double auto_rate(enum weft_task task, struct training_data data)
{
    const size_t samples = training_data_samples(data);
    const bool small = samples >= TINY_SAMPLES && samples < SMALL_SAMPLES;
    if (task != WEFT_TASK_REGRESS && small && !has_images(data))
        return SMALL_RATE;
    return fmin(most_rate(task), (double)RATE_SAMPLES / (double)samples);
}

/* Smoothed labels make predictions of images more often right. On tables, they would spoil the log
 * loss (docs/recipes.md). */
#define IMAGE_SMOOTHING 0.05

static double auto_smoothing(const struct weft_options *options, struct training_data data)
{
    return has_images(data) && options->task == WEFT_TASK_CLASSIFY ? IMAGE_SMOOTHING : 0.0;
}

static enum weft_status settle(struct weft_options *options, struct training_data data)
{
    bool curved;
    const size_t samples = training_data_samples(data);
    assert(samples > 0);
    if (options->slices == 1)
        options->slices = 0; /* the same batches, whole */
    TRY(find_curvature(options, data, &curved));
    if (options->batch_size == 0 && options->batches == 0)
        options->batch_size = size_min(size_max(samples / AUTO_BATCHES, LEAST_BATCH), MOST_BATCH);
    const size_t batches = batch_plan_make(samples, options->batches, options->batch_size).count;
    if (options->epochs == 0)
        options->epochs =
            auto_epochs(samples, batches, auto_updates(options->task, samples, curved));
    if (options->learning_rate == WEFT_AUTO)
        options->learning_rate = auto_rate(options->task, data);
    if (options->weight_decay == WEFT_AUTO)
        options->weight_decay = auto_decay(options->task, samples, curved);
    if (options->label_smoothing == WEFT_AUTO)
        options->label_smoothing = auto_smoothing(options, data);
    return WEFT_OK;
}

enum weft_status weft_options_settle(struct weft_options *options, const struct weft_dataset *train)
{
    return settle(options, (struct training_data){.train = train});
}

/* ---------------------------------------------------------------- contradictions */

static enum weft_status check_schedule(const struct weft_options *options)
{
    if (options->warmup > 0 && options->schedule == WEFT_SCHEDULE_ONE_CYCLE)
        return fail_option("warmup", NULL,
                           "schedule one-cycle has its own warm-up; set it with rise");
    if (options->epochs > 0 && options->warmup > 0 && options->warmup >= (double)options->epochs)
        return fail_option("warmup", NULL,
                           "got %g epochs, need fewer than the %zu epochs of the run",
                           options->warmup, options->epochs);
    const bool has_floor =
        options->schedule == WEFT_SCHEDULE_COSINE || options->schedule == WEFT_SCHEDULE_PLATEAU;
    const double rate =
        options->learning_rate == WEFT_AUTO ? most_rate(options->task) : options->learning_rate;
    if (has_floor && options->min_rate > rate)
        return fail_option("min-rate", NULL, "got %g, need at most the learning rate %g",
                           options->min_rate, rate);
    return WEFT_OK;
}

/* Rejects what preset article cannot support. Its score looks at the true class alone. */
static enum weft_status check_article(const struct weft_options *options)
{
    const char *const name = options->label_smoothing > 0.0                    ? "label-smoothing"
                             : options->class_weight != WEFT_CLASS_WEIGHT_NONE ? "class-weight"
                             : options->mixup > 0.0                            ? "mixup"
                                                                               : NULL;
    return name == NULL || !options->article_quirks
               ? WEFT_OK
               : fail_option(name, NULL,
                             "preset article counts only the true class and does not support it");
}

enum weft_status training_options_check(const struct weft_options *options)
{
    if (options->batch_size != 0 && options->batches != 0)
        return fail_option("batch-size", NULL, "got %zu, and batches %zu; one of them must be 0",
                           options->batch_size, options->batches);
    TRY(check_schedule(options));
    return check_article(options);
}

enum weft_status weft_options_check(const struct weft_options *options)
{
    struct weft_options whole;
    TRY(options_take(options, &whole));
    TRY(training_options_check(&whole));
    return options_check_use(&whole);
}

/* Calls training_options_check, and rejects options that cannot train `network` on `train`, which
 * may be NULL. Options that define the network itself have no effect here. */
static enum weft_status options_fit(const struct weft_options *options,
                                    const struct network *network, const struct weft_dataset *train)
{
    TRY(training_options_check(options));
    if (options->article_quirks && network->head != WEFT_HEAD_SIGMOID)
        return fail(WEFT_ERROR_USAGE, "article_quirks: the model has head %s, need sigmoid",
                    head_name(network->head));
    if (options->article_quirks && network_outputs(network) == 1)
        return fail(WEFT_ERROR_USAGE, "article_quirks: the model has a single output, need one per "
                                      "class");
    return target_options_fit(options, network, train);
}

/* Rejects more slices than samples, and batches of one sample for batch norm. A single sample
 * equals the batch mean, so the normalized value carries no information. */
static enum weft_status batches_fit(const struct weft_options *options,
                                    const struct network *network, size_t samples)
{
    const struct batch_plan plan = batch_plan_make(samples, options->batches, options->batch_size);
    if (options->batches > samples)
        return fail_option("batches", NULL, "got %zu, need at most the %zu training samples",
                           options->batches, samples);
    if (options->slices > plan.largest)
        return fail_option("slices", NULL, "got %zu, need at most the %zu samples of a batch",
                           options->slices, plan.largest);
    if (network_has_norm(network) && plan.largest < 2)
        return fail_option("batch-norm", NULL,
                           "got batches of one sample, which has no spread; need 2 or more");
    return WEFT_OK;
}

enum weft_status training_options_settle(const struct weft_options *options,
                                         const struct network *network, struct training_data data,
                                         struct weft_options *settled)
{
    TRY(options_take(options, settled));
    TRY(settle(settled, data));
    TRY(options_fit(settled, network, data.train));
    return batches_fit(settled, network, training_data_samples(data));
}
