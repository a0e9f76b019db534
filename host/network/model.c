/* Models in memory: creates them from options and data, describes them, and frees them. For files,
 * see model_file.c. */
#include "network/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/schema.h"
#include "network/model_limits.h"
#include "options/activation_text.h"
#include "options/options.h"

static const struct training_record nothing_recorded = {.train_accuracy = (double)NAN,
                                                        .validation_accuracy = (double)NAN,
                                                        .test_accuracy = (double)NAN};

/* Fills widths = features, hidden widths, outputs. */
static enum weft_status fill_widths(struct weft_model *model, const struct model_shape *shape)
{
    TRY(NEW_ARRAY(model->widths, shape->hidden_count + 2));
    model->widths[0] = shape->features;
    for (size_t i = 0; i < shape->hidden_count; i++)
        model->widths[i + 1] = shape->hidden[i];
    model->widths[shape->hidden_count + 1] = shape->single_output ? 1 : shape->classes;
    return WEFT_OK;
}

static enum weft_status fill_class_names(struct weft_model *model, const struct model_shape *shape)
{
    TRY(NEW_ARRAY(model->class_names, shape->classes));
    model->classes = shape->classes;
    for (size_t c = 0; c < shape->classes; c++)
        TRY(text_copy(shape->class_names[c], &model->class_names[c]));
    return WEFT_OK;
}

static enum weft_status fill_model(struct weft_model *model, const struct model_shape *shape)
{
    model->record = nothing_recorded;
    TRY(fill_widths(model, shape));
    TRY(fill_class_names(model, shape));
    TRY(NEW_ARRAY(model->activations, shape->hidden_count + 1));
    for (size_t i = 0; i < shape->hidden_count; i++)
        model->activations[i] = shape->activations[i];
    TRY(network_init_shape(&model->network,
                           &(struct network_shape){.widths = model->widths,
                                                   .layer_count = shape->hidden_count + 1,
                                                   .head = shape->head,
                                                   .task = shape->task,
                                                   .bias = shape->bias,
                                                   .activations = model->activations,
                                                   .dropout = shape->dropout,
                                                   .batch_norm = shape->batch_norm}));
    return WEFT_OK;
}

/* Creates a model without parameters. */
static enum weft_status outline_allocate(const struct model_shape *shape, struct weft_model **model)
{
    TRY(NEW_ARRAY(*model, 1));
    const enum weft_status status = fill_model(*model, shape);
    if (status != WEFT_OK) {
        weft_model_destroy(*model);
        *model = NULL;
    }
    return status;
}

static enum weft_status parameters_allocate(struct weft_model **model)
{
    const struct network *network = &(*model)->network;
    const enum weft_status status = NEW_ARRAY((*model)->parameters, network->value_count);
    if (status != WEFT_OK) {
        weft_model_destroy(*model);
        *model = NULL;
        return status;
    }
    network_initialize_zeros(network, (*model)->parameters);
    return WEFT_OK;
}

enum weft_status model_allocate(const struct model_shape *shape, struct weft_model **model)
{
    TRY(outline_allocate(shape, model));
    return parameters_allocate(model);
}

static void model_initialize(struct weft_model *model, const struct weft_options *options)
{
    const struct network *network = &model->network;
    float *parameters = model->parameters;
    if (options->initialization == WEFT_INIT_UNIFORM)
        network_initialize_uniform(network, options->initial_range, options->seed, parameters);
    else
        network_initialize(network, options->initialization, options->seed, parameters);
}

static void members_destroy(struct weft_model *model)
{
    for (size_t m = 0; m < model->member_count; m++)
        weft_model_destroy(model->members[m]);
    memory_free(model->members);
    model->members = NULL;
    model->member_count = 0;
}

void model_restart(struct weft_model *model, const struct weft_options *options)
{
    model_initialize(model, options);
    scale_reset(&model->scale);
    scale_reset(&model->target_scale);
    model->scale_settled = false;
    memory_free(model->state);
    model->state = NULL;
    model->record = nothing_recorded;
    curve_reset(&model->curve);
}

void weft_model_destroy(struct weft_model *model)
{
    if (model == NULL)
        return;
    for (size_t c = 0; c < model->classes; c++)
        memory_free(model->class_names[c]);
    members_destroy(model);
    schema_release(model->schema);
    memory_free(model->class_names);
    memory_free(model->activations);
    memory_free(model->widths);
    memory_free(model->parameters);
    memory_free(model->state);
    curve_reset(&model->curve);
    scale_reset(&model->scale);
    scale_reset(&model->target_scale);
    network_reset(&model->network);
    memory_free(model);
}

static enum weft_status check_head(const struct weft_options *options)
{
    if (options->article_quirks && options->head != WEFT_HEAD_SIGMOID)
        return fail_option("head", NULL,
                           "got %s, preset article needs sigmoid (preset default takes any)",
                           head_name(options->head));
    if (options->article_quirks && options->single_output)
        return fail(WEFT_ERROR_USAGE,
                    "article_quirks: need one output per class, got a single one");
    if (options->single_output && options->head == WEFT_HEAD_SOFTMAX)
        return fail_option("head", NULL, "got softmax, a single output needs sigmoid or identity");
    return WEFT_OK;
}

/* Checks the head of a task. Multilabel and regression each require the head that matches their
 * loss. */
static enum weft_status check_task(const struct weft_options *options)
{
    if (options->task == WEFT_TASK_CLASSIFY)
        return WEFT_OK;
    const enum weft_head head = task_head(options->task, NULL);
    if (options->article_quirks || options->single_output)
        return fail_option("task", NULL, "preset %s is only for classify, not for %s",
                           options->preset, task_name(options->task));
    if (options->head != head)
        return fail_option("head", NULL, "got %s, task %s needs %s", head_name(options->head),
                           task_name(options->task), head_name(head));
    return WEFT_OK;
}

/* Determines the activation of each hidden layer. */
static enum weft_status settle_activations(const struct weft_options *options,
                                           enum weft_activation each[WEFT_MAX_HIDDEN])
{
    if (!activations_spread(options->activation, options->activation_count, options->hidden_count,
                            each))
        return fail_option("activation", NULL, "got %zu, need 1 or one for each of %zu layers",
                           options->activation_count, options->hidden_count);
    return WEFT_OK;
}

/* Determines the dropout rate of each of `layers` hidden layers. */
static enum weft_status settle_dropout(const struct weft_options *options, size_t layers,
                                       float each[WEFT_MAX_HIDDEN])
{
    const size_t count = options->dropout_count;
    if (count > 1 && count != layers)
        return fail_option("dropout", NULL, "got %zu, need 1 or one for each of %zu layers", count,
                           layers);
    for (size_t i = 0; i < layers && count > 0; i++)
        each[i] = (float)options->dropout[count == 1 ? 0 : i];
    return WEFT_OK;
}

enum weft_status model_set_dropout(struct weft_model *model, const struct weft_options *options)
{
    const size_t layers = model->network.layer_count - 1;
    float each[WEFT_MAX_HIDDEN] = {0.0f};
    TRY(settle_dropout(options, layers, each));
    for (size_t l = 0; l < layers; l++)
        model->network.layers[l].dropout = each[l];
    return WEFT_OK;
}

static enum weft_status check_dataset(const struct weft_options *options,
                                      const struct weft_dataset *dataset)
{
    const struct dataset_needs needs = {dataset->features, dataset->classes, options->task, NULL,
                                        NULL};
    if (options->task != WEFT_TASK_CLASSIFY || dataset->targets != NULL) {
        TRY(dataset_fits(dataset, &needs));
        return model_limits_check(dataset);
    }
    if (dataset->labels == NULL || dataset->classes < 1)
        return dataset_fail_unlabeled(dataset, "training needs them");
    if (dataset->classes == 1)
        return fail(WEFT_ERROR_DATA, "%s: got only one class, need at least 2",
                    dataset_labels_name(dataset));
    if (options->single_output && dataset->classes != 2)
        return fail(WEFT_ERROR_USAGE, "%s: got %zu classes, a single output needs 2",
                    dataset_labels_name(dataset), dataset->classes);
    return model_limits_check(dataset);
}

enum weft_status model_outline(const struct weft_options *options,
                               const struct weft_dataset *dataset, struct weft_model **model)
{
    enum weft_activation activations[WEFT_MAX_HIDDEN] = {WEFT_ACTIVATION_IDENTITY};
    float dropout[WEFT_MAX_HIDDEN] = {0.0f};
    *model = NULL;
    TRY(check_task(options));
    TRY(check_head(options));
    TRY(settle_activations(options, activations));
    TRY(settle_dropout(options, options->hidden_count, dropout));
    TRY(check_dataset(options, dataset));
    const struct model_shape shape = {.features = dataset->features,
                                      .hidden = options->hidden,
                                      .hidden_count = options->hidden_count,
                                      .activations = activations,
                                      .dropout = dropout,
                                      .head = options->head,
                                      .task = options->task,
                                      .bias = options->bias,
                                      .batch_norm = options->batch_norm,
                                      .single_output = options->single_output,
                                      .classes = dataset->classes,
                                      .class_names = (const char *const *)dataset->class_names};
    TRY(outline_allocate(&shape, model));
    snprintf((*model)->preset, sizeof(*model)->preset, "%.*s", (int)sizeof options->preset - 1,
             options->preset);
    (*model)->article_quirks = options->article_quirks;
    (*model)->seed = options->seed;
    (*model)->schema = schema_share(dataset->schema);
    return WEFT_OK;
}

enum weft_status model_from_options(const struct weft_options *options,
                                    const struct weft_dataset *dataset, struct weft_model **model)
{
    TRY(model_outline(options, dataset, model));
    return parameters_allocate(model);
}

enum weft_status weft_model_create(const struct weft_options *options,
                                   const struct weft_dataset *dataset, struct weft_model **model)
{
    struct weft_options whole;
    *model = NULL;
    TRY(options_take(options, &whole));
    TRY(model_from_options(&whole, dataset, model));
    model_initialize(*model, &whole);
    return WEFT_OK;
}

void weft_model_get_info(const struct weft_model *model, struct weft_model_info *info)
{
    const struct network *network = &model->network;
    *info = (struct weft_model_info){.preset = model->preset,
                                     .head = network->head,
                                     .task = network->task,
                                     .bias = network_has_bias(network),
                                     .batch_norm = network_has_norm(network),
                                     .features = network_features(network),
                                     .classes = model->classes,
                                     .outputs = network_outputs(network),
                                     .layers = network->layer_count,
                                     .widths = model->widths,
                                     .activations = model->activations,
                                     .class_names = (const char *const *)model->class_names,
                                     .scale = model->scale.features == 0 ? WEFT_SCALE_NONE
                                              : model->scale.global      ? WEFT_SCALE_GLOBAL
                                                                         : WEFT_SCALE_STANDARD,
                                     .scale_mean = model->scale.mean,
                                     .scale_std = model->scale.std,
                                     .target_mean = model->target_scale.mean,
                                     .target_std = model->target_scale.std,
                                     .seed = model->seed,
                                     .epochs = model->record.epochs,
                                     .l1 = model->record.options.l1,
                                     .l2 = model->record.options.l2,
                                     .optimizer = model->record.options.optimizer,
                                     .schedule = model->record.options.schedule,
                                     .parameters = network->parameter_count,
                                     .members = 1 + model->member_count,
                                     .train_accuracy = model->record.train_accuracy,
                                     .validation_accuracy = model->record.validation_accuracy,
                                     .test_accuracy = model->record.test_accuracy,
                                     .devices = model->record.devices};
    if (model->schema != NULL)
        info->feature_names = (const char *const *)model->schema->feature_names;
}

bool weft_model_get_column(const struct weft_model *model, size_t index,
                           struct weft_model_column *column)
{
    const struct schema *schema = model->schema;
    if (schema == NULL || index >= schema->column_count)
        return false;
    const struct schema_column *found = &schema->columns[index];
    *column =
        (struct weft_model_column){.name = found->name,
                                   .use = schema_role_names[found->role],
                                   .reason = found->reason,
                                   .features = schema_column_features(found),
                                   .fill = found->role == ROLE_NUMBER ? found->fill : (double)NAN,
                                   .category_count = found->category_count,
                                   .categories = (const char *const *)found->categories};
    return true;
}

const struct curve *model_curve(const struct weft_model *model, size_t member)
{
    return member == 0 ? &model->curve : &model->members[member - 1]->curve;
}

bool weft_model_get_epoch(const struct weft_model *model, size_t member, size_t index,
                          struct weft_epoch *epoch)
{
    if (member > model->member_count)
        return false;
    const struct curve *curve = model_curve(model, member);
    if (index >= curve->count)
        return false;
    *epoch = curve_epoch(curve, index);
    return true;
}

const float *weft_model_weights(const struct weft_model *model, size_t layer)
{
    if (layer >= model->network.layer_count)
        return NULL;
    return model->parameters + model->network.layers[layer].weight_offset;
}

const float *weft_model_biases(const struct weft_model *model, size_t layer)
{
    if (layer >= model->network.layer_count || !model->network.layers[layer].bias)
        return NULL;
    return model->parameters + model->network.layers[layer].bias_offset;
}

enum weft_status weft_model_get_options(const struct weft_model *model,
                                        struct weft_options *options)
{
    const size_t size = options->size;
    struct weft_options trained;
    char text[WEFT_OPTION_TEXT_SIZE];
    TRY(weft_options_init(&trained,
                          preset_find(model->preset) != NULL ? model->preset : "default"));
    trained.task = model->network.task;
    options_follow(&trained, option_find("task"));
    trained.head = model->network.head;
    trained.article_quirks = model->article_quirks;
    trained.hidden_count = model->network.layer_count - 1;
    for (size_t l = 0; l < trained.hidden_count; l++)
        trained.hidden[l] = model->network.layers[l].outputs;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!option_given(&model->record.options, row))
            continue;
        option_write(&model->record.options, row, text);
        TRY(option_read(&trained, row, text));
        options_follow(&trained, row);
    }
    memcpy(options, &trained, size_min(size, sizeof trained));
    options->size = size;
    return WEFT_OK;
}

bool weft_model_norm(const struct weft_model *model, size_t layer, struct weft_norm *norm)
{
    *norm = (struct weft_norm){.scale = NULL};
    if (layer >= model->network.layer_count || !model->network.layers[layer].batch_norm)
        return false;
    const struct dense_layer *dense = &model->network.layers[layer];
    *norm = (struct weft_norm){.scale = model->parameters + dense->scale_offset,
                               .shift = model->parameters + dense->shift_offset,
                               .mean = model->parameters + dense->mean_offset,
                               .variance = model->parameters + dense->variance_offset};
    return true;
}

enum weft_status weft_model_accepts(const struct weft_model *model,
                                    const struct weft_dataset *dataset, bool with_targets)
{
    const struct dataset_needs needs = model_needs(model);
    return with_targets ? dataset_fits(dataset, &needs) : dataset_has_features(dataset, &needs);
}
