/* The words of a model file, written. Numbers are in the shortest form that reads back the same. */
#include "network/model_metadata.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/number.h"
#include "options/activation_text.h"
#include "options/hidden_text.h"
#include "options/options.h"

static enum weft_status add_integer(struct safetensors *file, const char *key, uint64_t value)
{
    char text[NUMBER_TEXT_SIZE];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return safetensors_add_entry(file, key, text);
}

static enum weft_status add_number(struct safetensors *file, const char *key, double value)
{
    char text[NUMBER_TEXT_SIZE];
    number_to_text(value, text);
    return safetensors_add_entry(file, key, text);
}

static enum weft_status add_known_number(struct safetensors *file, const char *key, double value)
{
    return isnan(value) ? WEFT_OK : add_number(file, key, value);
}

static enum weft_status add_truth(struct safetensors *file, const char *key, bool value)
{
    return safetensors_add_entry(file, key, value ? "true" : "false");
}

static json_t *class_names_to_json(const struct weft_model *model)
{
    json_t *list = json_array();
    for (size_t c = 0; c < model->classes; c++) {
        if (json_array_append_new(list, json_string(model->class_names[c])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static enum weft_status no_json(const char *key)
{
    return fail(WEFT_ERROR_MEMORY, "%s: no memory for its JSON", key);
}

static enum weft_status add_json(struct safetensors *file, const char *key, const json_t *json)
{
    const size_t size = json_dumpb(json, NULL, 0, JSON_COMPACT);
    char *text = NULL;
    if (size == 0)
        return no_json(key);
    TRY(NEW_ARRAY(text, size + 1));
    const bool dumped = json_dumpb(json, text, size, JSON_COMPACT) == size;
    const enum weft_status status = dumped ? safetensors_add_entry(file, key, text) : no_json(key);
    memory_free(text);
    return status;
}

static enum weft_status add_class_names(const struct weft_model *model, struct safetensors *file)
{
    json_t *names = class_names_to_json(model);
    const enum weft_status status = add_json(file, "class_names", names);
    json_decref(names);
    return status;
}

static enum weft_status add_network(const struct weft_model *model, struct safetensors *file)
{
    const struct network *network = &model->network;
    char hidden[HIDDEN_TEXT_SIZE], activations[ACTIVATION_TEXT_SIZE];
    hidden_to_text(model->widths + 1, network->layer_count - 1, hidden);
    activations_to_text(model->activations, network->layer_count - 1, activations);
    TRY(add_integer(file, "features", network_features(network)));
    TRY(safetensors_add_entry(file, "hidden", hidden));
    TRY(add_integer(file, "classes", model->classes));
    TRY(add_class_names(model, file));
    TRY(safetensors_add_entry(file, "activation", activations));
    TRY(safetensors_add_entry(file, "head", head_name(network->head)));
    if (network->task != WEFT_TASK_CLASSIFY)
        TRY(safetensors_add_entry(file, "task", task_name(network->task)));
    TRY(add_truth(file, "bias", network_has_bias(network)));
    if (network_has_norm(network))
        TRY(safetensors_add_entry(file, "batch_norm", "true"));
    TRY(add_truth(file, "single_output", model_has_single_output(model)));
    return safetensors_add_entry(file, "probability",
                                 model->article_quirks ? "softmax_of_head" : "head");
}

/* What the last training reached. */
static enum weft_status add_scores(const struct training_record *record, struct safetensors *file)
{
    TRY(add_known_number(file, "train_accuracy", record->train_accuracy));
    TRY(add_known_number(file, "validation_accuracy", record->validation_accuracy));
    return add_known_number(file, "test_accuracy", record->test_accuracy);
}

/* "learning_rate" for "learning-rate" */
void model_metadata_key(const struct option_row *row, char key[METADATA_KEY_SIZE])
{
    snprintf(key, METADATA_KEY_SIZE, "%s", row->info.name);
    for (char *c = key; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
}

static enum weft_status add_record(const struct training_record *record, struct safetensors *file)
{
    char key[METADATA_KEY_SIZE], text[WEFT_OPTION_TEXT_SIZE];
    TRY(add_integer(file, "epochs", record->epochs));
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->recorded != ALWAYS_RECORDED && !option_given(&record->options, row))
            continue;
        model_metadata_key(row, key);
        option_write(&record->options, row, text);
        TRY(safetensors_add_entry(file, key, text));
    }
    return WEFT_OK;
}

/* Of an ensemble, seed and epochs are the first member's; what its members reach together, their
 * trainings do not know. */
enum weft_status model_metadata_write(const struct weft_model *model, struct safetensors *file)
{
    TRY(safetensors_add_entry(file, "format", "weft"));
    const bool plain = model->member_count == 0 && !network_has_norm(&model->network) &&
                       model->network.task == WEFT_TASK_CLASSIFY;
    TRY(safetensors_add_entry(file, "format_version", plain ? "1" : "2"));
    if (model->member_count > 0)
        TRY(add_integer(file, "members", model->member_count + 1));
    TRY(safetensors_add_entry(file, "weft_version", weft_version()));
    TRY(safetensors_add_entry(file, "preset", model->preset));
    TRY(add_network(model, file));
    TRY(safetensors_add_entry(file, "scale", model->scale.features == 0 ? "none" : "standard"));
    TRY(add_integer(file, "seed", model->seed));
    TRY(add_record(&model->record, file));
    return model->member_count == 0 ? add_scores(&model->record, file) : WEFT_OK;
}
