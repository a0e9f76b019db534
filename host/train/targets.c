/* Handles tasks, label smoothing and class weights. See targets.h. */
#include "train/targets.h"

#include "base/memory.h"

/* Returns the number of classes that the outputs stand for. A single output stands for two. */
static size_t class_count(const struct network *network)
{
    const size_t outputs = network_outputs(network);
    return outputs == 1 ? 2 : outputs;
}

bool targets_are_dense(const struct weft_options *options, const struct network *network,
                       const struct weft_dataset *train)
{
    return network->task != WEFT_TASK_CLASSIFY || options->label_smoothing > 0.0 ||
           options->mixup > 0.0 || options->class_weight != WEFT_CLASS_WEIGHT_NONE ||
           (train != NULL && train->weights != NULL);
}

/* Returns the weight of a sample before class weights. */
static double own_weight(const struct weft_dataset *train, size_t sample)
{
    return train->weights != NULL ? (double)train->weights[sample] : 1.0;
}

/* Sets each weight to W / (C w) for a class whose samples weigh w of the sum W, where C counts the
 * classes with w > 0, as scikit-learn's compute_class_weight does. The samples of any other class
 * count for nothing, and the class gets weight 0. */
static enum weft_status balance(const struct weft_dataset *train, size_t classes, float *weights)
{
    double *sums = NULL, all = 0.0; /* [classes] */
    size_t present = 0;
    TRY(NEW_ARRAY(sums, classes));
    for (size_t i = 0; i < train->samples; i++)
        sums[train->labels[i]] += own_weight(train, i);
    for (size_t c = 0; c < classes; c++) {
        present += sums[c] > 0.0;
        all += sums[c];
    }
    for (size_t c = 0; c < classes; c++)
        weights[c] = sums[c] > 0.0 ? (float)(all / ((double)present * sums[c])) : 0.0f;
    memory_free(sums);
    return WEFT_OK;
}

static enum weft_status class_weights_fill(const struct weft_options *options, size_t classes,
                                           const struct weft_dataset *train, float *weights)
{
    if (options->class_weight == WEFT_CLASS_WEIGHT_BALANCED && train != NULL)
        return balance(train, classes, weights);
    for (size_t c = 0; c < classes; c++)
        weights[c] = options->class_weight == WEFT_CLASS_WEIGHT_GIVEN
                         ? (float)options->class_weights[c]
                         : 1.0f;
    return WEFT_OK;
}

struct target_rule target_rule_evaluate(const struct network *network)
{
    return (struct target_rule){.dense = network->task != WEFT_TASK_CLASSIFY,
                                .each = network->task == WEFT_TASK_MULTILABEL,
                                .share = 1.0f};
}

struct target_rule target_rule_make(const struct weft_options *options,
                                    const struct network *network, const struct weft_dataset *train)
{
    const double smoothing = options->label_smoothing;
    const double sharers = network->task == WEFT_TASK_CLASSIFY ? (double)class_count(network) : 2.0;
    return (struct target_rule){.dense = targets_are_dense(options, network, train),
                                .each = network->task == WEFT_TASK_MULTILABEL,
                                .share = (float)(1.0 - smoothing),
                                .spread = (float)(smoothing / sharers)};
}

enum weft_status class_weights_make(const struct weft_options *options,
                                    const struct network *network, const struct weft_dataset *train,
                                    float **weights)
{
    const size_t classes = class_count(network);
    *weights = NULL;
    if (options->class_weight == WEFT_CLASS_WEIGHT_NONE)
        return WEFT_OK;
    TRY(NEW_ARRAY(*weights, classes));
    return class_weights_fill(options, classes, train, *weights);
}

bool sample_weights_vary(const struct weft_options *options, const struct weft_dataset *train)
{
    return options->class_weight != WEFT_CLASS_WEIGHT_NONE || train->weights != NULL;
}

enum weft_status sample_weights_make(const struct weft_options *options,
                                     const struct network *network,
                                     const struct weft_dataset *train, float **weights)
{
    float *of_class = NULL; /* [classes] */
    *weights = NULL;
    if (!sample_weights_vary(options, train))
        return WEFT_OK;
    TRY(NEW_ARRAY(*weights, train->samples));
    const enum weft_status status = class_weights_make(options, network, train, &of_class);
    for (size_t i = 0; i < train->samples && status == WEFT_OK; i++) {
        const double factor = of_class != NULL ? (double)of_class[train->labels[i]] : 1.0;
        (*weights)[i] = (float)(own_weight(train, i) * factor);
    }
    memory_free(of_class);
    return status;
}

/* ---- rejected combinations ---- */

/* Rejects options that apply to classes alone or are undefined for numeric targets. */
static enum weft_status check_task(const struct weft_options *options)
{
    const bool regress = options->task == WEFT_TASK_REGRESS;
    const bool monitored = options->patience > 0 || options->schedule == WEFT_SCHEDULE_PLATEAU;
    if (options->class_weight != WEFT_CLASS_WEIGHT_NONE)
        return fail_option("class-weight", NULL, "task %s has no classes",
                           task_name(options->task));
    if (regress && options->label_smoothing > 0.0)
        return fail_option("label-smoothing", NULL, "task regress has no labels");
    if (regress && monitored && options->monitor != WEFT_MONITOR_LOSS)
        return fail_option("monitor", NULL, "task regress has only a loss");
    return WEFT_OK;
}

enum weft_status target_options_fit(const struct weft_options *options,
                                    const struct network *network, const struct weft_dataset *train)
{
    if (options->task != network->task)
        return fail_option("task", NULL, "got %s, the model's is %s", task_name(options->task),
                           task_name(network->task));
    if (options->task != WEFT_TASK_CLASSIFY)
        TRY(check_task(options));
    if (options->article_quirks && train != NULL && train->weights != NULL)
        return fail(WEFT_ERROR_USAGE,
                    "%s: has sample weights; preset article counts all samples alike", train->name);
    if (options->class_weight == WEFT_CLASS_WEIGHT_GIVEN &&
        options->class_weight_count != class_count(network))
        return fail_option("class-weight", NULL,
                           "got %zu weights, need one for each of %zu classes",
                           options->class_weight_count, class_count(network));
    return WEFT_OK;
}
