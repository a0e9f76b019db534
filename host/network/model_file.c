/* Reads and writes model files. The metadata describe the network, and the tensors must be
 * exactly those of this network. weft_model_read first checks that both agree, and only then
 * reads values. */
#include "network/model_file.h"

#include <string.h>

#include "base/file.h"
#include "base/file_input.h"
#include "base/memory.h"
#include "data/file_kind.h"
#include "data/schema.h"
#include "network/curve_metadata.h"
#include "network/model_ensemble.h"
#include "network/model_metadata.h"
#include "network/model_tensors.h"
#include "options/activation_text.h"
#include "options/options.h"

enum weft_status model_file_fill(const struct weft_model *model, struct safetensors *file)
{
    TRY(model_metadata_write(model, file));
    TRY(model_tensors_write(model, file));
    return ensemble_write(model, file);
}

enum weft_status weft_model_write(const struct weft_model *model, const char *path)
{
    struct safetensors file = {0};
    enum weft_status status = model_file_fill(model, &file);
    if (status == WEFT_OK)
        status = curve_metadata_write(model, &file);
    if (status == WEFT_OK)
        status = safetensors_write(path, &file);
    safetensors_reset(&file);
    return status;
}

enum weft_status weft_model_check_path(const char *path)
{
    return file_check_writable(path);
}

/* Copies the metadata that the shape does not contain to the model. */
static void record_metadata(const struct model_metadata *metadata, struct weft_model *model)
{
    _Static_assert(sizeof model->preset == sizeof metadata->preset, "one length of preset names");
    memcpy(model->preset, metadata->preset, sizeof model->preset);
    model->article_quirks = metadata->article_quirks;
    model->seed = metadata->seed;
    model->record = metadata->record;
    model->schema = schema_share(metadata->schema);
    model->scale_settled = metadata->scale != WEFT_SCALE_NONE || metadata->record.epochs > 0;
    model->scale.global = metadata->scale == WEFT_SCALE_GLOBAL;
}

/* Checks the tensors of the first model, or reads them if `read` is true. */
static enum weft_status first_take(const char *path, const struct safetensors *file,
                                   struct tensor_scales scales, bool read, struct weft_model *model)
{
    struct safetensors view;
    TRY(ensemble_view(file, 0, &view));
    const struct tensor_source source = {.path = path, .file = &view, .prefix = ""};
    const enum weft_status status = read
                                        ? model_tensors_read(source, TENSORS_EXACT, scales, model)
                                        : model_tensors_check(source, TENSORS_EXACT, scales, model);
    memory_free(view.tensors);
    return status;
}

/* Reads all tensors of an open file, including those of its members. It checks their shapes first
 * and then reads their values. */
static enum weft_status tensors_take(const char *path, struct safetensors *file,
                                     const struct model_shape *shape,
                                     const struct model_metadata *metadata,
                                     struct weft_model *model)
{
    const size_t members = metadata->members > 0 ? metadata->members - 1 : 0;
    const struct tensor_scales scales = {.features = metadata->scale != WEFT_SCALE_NONE,
                                         .targets = metadata->target_scale != WEFT_SCALE_NONE};
    TRY(first_take(path, file, scales, false, model));
    TRY(ensemble_allocate(path, file, shape, members, model));
    TRY(curve_metadata_read(path, file, model));
    TRY(safetensors_load(file));
    TRY(first_take(path, file, scales, true, model));
    return ensemble_read(path, file, model);
}

static enum weft_status model_from_metadata(const char *path, struct safetensors *file,
                                            const struct model_metadata *metadata,
                                            struct weft_model **model)
{
    const struct model_shape shape = {.features = metadata->features,
                                      .hidden = metadata->network.hidden,
                                      .hidden_count = metadata->network.hidden_count,
                                      .activations = metadata->network.activations,
                                      .head = metadata->network.head,
                                      .task = metadata->task,
                                      .bias = metadata->network.bias,
                                      .batch_norm = metadata->network.batch_norm,
                                      .single_output = metadata->single_output,
                                      .classes = metadata->classes,
                                      .class_names = (const char *const *)metadata->class_names};
    TRY(model_tensors_fit((struct tensor_source){path, file, ""}, &shape));
    TRY(model_allocate(&shape, model));
    record_metadata(metadata, *model);
    return tensors_take(path, file, &shape, metadata, *model);
}

/* On failure, the caller destroys the half-filled model. */
static enum weft_status model_from_file(const char *path, struct safetensors *file,
                                        struct weft_model **model)
{
    struct model_metadata metadata;
    TRY(model_metadata_read(path, file, &metadata));
    const enum weft_status status = model_from_metadata(path, file, &metadata, model);
    model_metadata_reset(&metadata);
    return status;
}

static void destroy_if_failed(enum weft_status status, struct weft_model **model)
{
    if (status == WEFT_OK)
        return;
    weft_model_destroy(*model);
    *model = NULL;
}

enum weft_status model_file_take(const char *path, struct safetensors *file,
                                 struct weft_model **model)
{
    *model = NULL;
    const enum weft_status status = model_from_file(path, file, model);
    destroy_if_failed(status, model);
    return status;
}

enum weft_status weft_model_read(const char *path, struct weft_model **model)
{
    struct safetensors file;
    *model = NULL;
    TRY(safetensors_open(path, &file));
    const enum weft_status status = model_file_take(path, &file, model);
    safetensors_reset(&file);
    return status;
}

bool model_file_possible(const char *path)
{
    unsigned char head[SAFETENSORS_HEAD];
    size_t got = 0;
    struct file_input *input;
    if (file_input_open(path, &input) != WEFT_OK)
        return false;
    const enum weft_status status = file_input_read(input, head, sizeof head, &got);
    file_input_close(input);
    return status == WEFT_OK && file_kind_is_safetensors(head, got);
}

/* Tells whether a layer of the file has batch norm. */
static bool has_norm(const struct safetensors *file)
{
    for (size_t i = 0; i < file->tensor_count; i++)
        if (strstr(file->tensors[i].name, ".norm.") != NULL)
            return true;
    return false;
}

/* Refuses a file with another kind of model and says what to change. Without this check, the
 * message would only name the first tensor that does not fit. Weights alone also fit a network
 * with batch norm. A file with biases does not, because the biases of its hidden layers would be
 * lost. */
static enum weft_status check_kind(const char *path, const struct safetensors *file,
                                   const struct weft_model *model)
{
    const bool normed = network_has_norm(&model->network);
    const bool biased = safetensors_find(file, "layers.0.bias") != NULL;
    TRY(model_metadata_check_kind(path, file));
    if (ensemble_has_members(file))
        return fail(WEFT_ERROR_MODEL,
                    "%s: an ensemble: training starts from a single model, need its file", path);
    if (model->network.layer_count > 1 && has_norm(file) && !normed)
        return fail(WEFT_ERROR_MODEL,
                    "%s: a model with batch norm, the options have none: need batch-norm, or "
                    "another file",
                    path);
    if (normed && biased && !has_norm(file))
        return fail(WEFT_ERROR_MODEL,
                    "%s: a model without batch norm, the options have it: need no "
                    "batch-norm, or another file",
                    path);
    return WEFT_OK;
}

static enum weft_status other_kind(const char *path, const char *option, const char *of_file,
                                   const char *of_options)
{
    return fail(WEFT_ERROR_MODEL, "%s: %s %s, the options have %s: need %s %s, or another file",
                path, option, of_file, of_options, option, of_file);
}

/* Checks what the shapes do not show. With another task, head or activation, the same weights
 * compute something else. */
static enum weft_status check_network(const char *path, const struct model_metadata *metadata,
                                      const struct weft_model *model)
{
    const struct network *network = &model->network;
    char of_file[ACTIVATION_TEXT_SIZE], of_options[ACTIVATION_TEXT_SIZE];
    if (metadata->task != network->task)
        return other_kind(path, "task", task_name(metadata->task), task_name(network->task));
    if (metadata->network.head != network->head)
        return other_kind(path, "head", head_name(metadata->network.head),
                          head_name(network->head));
    if (network->layer_count == 1) /* there is no hidden layer to compare */
        return WEFT_OK;
    activations_to_text(metadata->network.activations, metadata->network.hidden_count, of_file);
    activations_to_text(model->activations, network->layer_count - 1, of_options);
    return strcmp(of_file, of_options) == 0 ? WEFT_OK
                                            : other_kind(path, "activation", of_file, of_options);
}

/* Checks that the same columns become the same features: the weights belong to them. */
static enum weft_status check_schema(const char *path, const struct schema *of_file,
                                     const struct schema *of_data)
{
    if (of_file == NULL || of_data == NULL || schema_equal(of_file, of_data))
        return WEFT_OK;
    return fail(WEFT_ERROR_MODEL,
                "%s: its columns, their means or their categories differ from the data's: open "
                "the data with the model in the data options",
                path);
}

/* Checks and applies the metadata of a file that Weft wrote. Other files have no such metadata. */
static enum weft_status heed_metadata(const char *path, const struct safetensors *file,
                                      bool keep_scale, struct weft_model *model)
{
    const char *format = safetensors_entry(file, "format");
    struct model_metadata metadata;
    if (format == NULL || strcmp(format, "weft") != 0)
        return WEFT_OK;
    TRY(model_metadata_read(path, file, &metadata));
    enum weft_status status = check_network(path, &metadata, model);
    if (status == WEFT_OK)
        status = check_schema(path, metadata.schema, model->schema);
    model->scale_settled = keep_scale && metadata.record.epochs > 0;
    model->scale.global = keep_scale && metadata.scale == WEFT_SCALE_GLOBAL;
    model_metadata_reset(&metadata);
    return status;
}

/* Fills a model of known shape from a file, which may lack everything except weights. */
static enum weft_status fill_model(const char *path, struct safetensors *file, bool keep_scale,
                                   struct weft_model *model)
{
    const struct tensor_source source = {.path = path, .file = file, .prefix = ""};
    struct tensor_scales scales = {.features = false};
    if (keep_scale)
        scales = tensor_scales_of(file);
    TRY(check_kind(path, file, model));
    TRY(model_tensors_check(source, TENSORS_WEIGHTS_ALONE, scales, model));
    TRY(heed_metadata(path, file, keep_scale, model));
    TRY(safetensors_load(file));
    return model_tensors_read(source, TENSORS_WEIGHTS_ALONE, scales, model);
}

enum weft_status weft_model_create_from(const char *path, const struct weft_options *options,
                                        bool keep_scale, const struct weft_dataset *dataset,
                                        struct weft_model **model)
{
    struct safetensors file;
    struct weft_options whole;
    *model = NULL;
    TRY(options_take(options, &whole));
    TRY(model_from_options(&whole, dataset, model));
    enum weft_status status = safetensors_open(path, &file);
    if (status == WEFT_OK) {
        status = fill_model(path, &file, keep_scale, *model);
        safetensors_reset(&file);
    }
    destroy_if_failed(status, model);
    return status;
}
