/* Handles tasks, label smoothing and class weights. See targets.h. */
#include "train/targets.h"

#include "base/memory.h"

/* Returns the number of classes that the outputs stand for. A single output stands for two. */
static size_t class_count(const struct network *network)
{
    const size_t outputs = network_outputs(network);
    return outputs == 1 ? 2 : outputs;
}

bool targets_are_dense(const struct weft_options *options, const struct network *network)
{
    return network->task != WEFT_TASK_CLASSIFY || options->label_smoothing > 0.0 ||
           options->mixup > 0.0 || options->class_weight != WEFT_CLASS_WEIGHT_NONE;
}

/* Sets each weight to N / (C n) for a class with n of the N samples, where C counts the classes
 * that have samples. A class without samples gets weight 0, which nobody reads. */
static enum weft_status balance(const struct weft_dataset *train, size_t classes, float *weights)
{
    size_t *counts = NULL, present = 0;
    TRY(NEW_ARRAY(counts, classes));
    for (size_t i = 0; i < train->samples; i++)
        present += counts[train->labels[i]]++ == 0;
    for (size_t c = 0; c < classes; c++)
        weights[c] = counts[c] > 0
                         ? (float)((double)train->samples / ((double)present * (double)counts[c]))
                         : 0.0f;
    memory_free(counts);
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
                                .keep = 1.0f};
}

struct target_rule target_rule_make(const struct weft_options *options,
                                    const struct network *network)
{
    const double smoothing = options->label_smoothing;
    const double sharers = network->task == WEFT_TASK_CLASSIFY ? (double)class_count(network) : 2.0;
    return (struct target_rule){.dense = targets_are_dense(options, network),
                                .each = network->task == WEFT_TASK_MULTILABEL,
                                .keep = (float)(1.0 - smoothing),
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

enum weft_status sample_weights_make(const struct weft_options *options,
                                     const struct network *network,
                                     const struct weft_dataset *train, float **weights)
{
    float *of_class = NULL; /* [classes] */
    *weights = NULL;
    if (options->class_weight == WEFT_CLASS_WEIGHT_NONE)
        return WEFT_OK;
    TRY(NEW_ARRAY(*weights, train->samples));
    const enum weft_status status = class_weights_make(options, network, train, &of_class);
    for (size_t i = 0; i < train->samples && status == WEFT_OK; i++)
        (*weights)[i] = of_class[train->labels[i]];
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
                                    const struct network *network)
{
    if (options->task != network->task)
        return fail_option("task", NULL, "got %s, the model's is %s", task_name(options->task),
                           task_name(network->task));
    if (options->task != WEFT_TASK_CLASSIFY)
        TRY(check_task(options));
    if (options->class_weight == WEFT_CLASS_WEIGHT_GIVEN &&
        options->class_weight_count != class_count(network))
        return fail_option("class-weight", NULL,
                           "got %zu weights, need one for each of %zu classes",
                           options->class_weight_count, class_count(network));
    return WEFT_OK;
}
