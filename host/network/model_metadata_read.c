/* The words of a model file, read: each text is parsed whole, and what is not understood is
 * refused. Whether the tensors agree with them is model_file.c's question. */
#include "network/model_metadata.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/words.h"
#include "network/json_text.h"
#include "network/metadata_text.h"
#include "options/activation_text.h"
#include "options/hidden_text.h"
#include "options/options.h"

enum { FORMAT_VERSION = 2 };

static enum weft_status get_integer(struct metadata_source source, const char *key, uint64_t *value)
{
    const char *text;
    TRY(metadata_text(source, key, &text));
    return integer_from_text(text, value) ? WEFT_OK : metadata_fail(source, key, "a whole number");
}

static enum weft_status get_size(struct metadata_source source, const char *key, size_t *value)
{
    uint64_t integer = 0;
    TRY(get_integer(source, key, &integer));
    *value = (size_t)integer;
    return *value == integer ? WEFT_OK : metadata_fail(source, key, "a smaller number");
}

static enum weft_status get_number(struct metadata_source source, const char *key, double *value)
{
    const char *text;
    TRY(metadata_text(source, key, &text));
    if (!number_from_text(text, value) || *value < 0)
        return metadata_fail(source, key, "a number of 0 or more");
    return WEFT_OK;
}

/* A fraction; NaN where the file does not say it. */
static enum weft_status get_accuracy(struct metadata_source source, const char *key, double *value)
{
    *value = (double)NAN;
    if (safetensors_entry(source.file, key) == NULL)
        return WEFT_OK;
    TRY(get_number(source, key, value));
    return *value <= 1 ? WEFT_OK : metadata_fail(source, key, "a fraction");
}

/* One of two words: `value` is whether it is the second. */
static enum weft_status get_choice(struct metadata_source source, const char *key,
                                   const char *first, const char *second, bool *value)
{
    const char *text;
    TRY(metadata_text(source, key, &text));
    *value = strcmp(text, second) == 0;
    if (*value || strcmp(text, first) == 0)
        return WEFT_OK;
    return fail(WEFT_ERROR_MODEL, "%s: %s: got \"%.64s\", need %s or %s", source.path, key, text,
                first, second);
}

static enum weft_status check_format(struct metadata_source source)
{
    const char *format = safetensors_entry(source.file, "format");
    uint64_t version = 0;
    if (format == NULL || strcmp(format, "weft") != 0)
        return fail(WEFT_ERROR_MODEL,
                    "%s: not a model of Weft: need the metadata that weft train writes "
                    "(train --init-model takes files without)",
                    source.path);
    TRY(get_integer(source, "format_version", &version));
    if (version > FORMAT_VERSION)
        return fail(WEFT_ERROR_MODEL,
                    "%s: format_version: got %llu, need at most %d: written by a newer Weft",
                    source.path, (unsigned long long)version, FORMAT_VERSION);
    return version >= 1 ? WEFT_OK : metadata_fail(source, "format_version", "1 or 2");
}

static enum weft_status copy_names(struct metadata_source source, const json_t *list,
                                   struct model_metadata *metadata)
{
    if (!json_is_array(list) || json_array_size(list) != metadata->classes)
        return fail(WEFT_ERROR_MODEL, "%s: class_names: got %zu names, need %zu", source.path,
                    json_array_size(list), metadata->classes);
    TRY(NEW_ARRAY(metadata->class_names, metadata->classes));
    for (size_t c = 0; c < metadata->classes; c++) {
        const char *name = json_string_value(json_array_get(list, c));
        if (name == NULL)
            return fail(WEFT_ERROR_MODEL, "%s: class_names: entry %zu is not a text", source.path,
                        c);
        TRY(text_copy(name, &metadata->class_names[c]));
    }
    return WEFT_OK;
}

static enum weft_status read_class_names(struct metadata_source source,
                                         struct model_metadata *metadata)
{
    const char *text;
    json_t *list = NULL;
    TRY(metadata_text(source, "class_names", &text));
    TRY(json_text_parse(source.path, text, strlen(text), &list));
    const enum weft_status status = copy_names(source, list, metadata);
    json_decref(list);
    return status;
}

/* One name for all hidden layers, or one for each. */
static enum weft_status read_activations(struct metadata_source source,
                                         struct model_metadata *metadata)
{
    const char *text;
    enum weft_activation activations[WEFT_MAX_HIDDEN];
    size_t count = 0;
    TRY(metadata_text(source, "activation", &text));
    if (activations_from_text(text, activations, &count) != WEFT_OK ||
        !activations_spread(activations, count, metadata->hidden_count, metadata->activations))
        return metadata_fail(source, "activation",
                             "the name of one for all hidden layers, or one for each");
    return WEFT_OK;
}

/* One of `words` [count]; the first of them where the file does not say it. */
static enum weft_status get_word(struct metadata_source source, const char *key,
                                 const char *const *words, size_t count, size_t *position)
{
    const char *text = safetensors_entry(source.file, key);
    *position = text != NULL ? words_find(text, words, count) : 0;
    return *position < count ? WEFT_OK
                             : metadata_fail(source, key, "a word that this version knows");
}

static enum weft_status read_task(struct metadata_source source, enum weft_task *task)
{
    size_t position = 0;
    TRY(get_word(source, "task", task_names, TASKS, &position));
    *task = (enum weft_task)position;
    return WEFT_OK;
}

static enum weft_status read_network(struct metadata_source source, struct model_metadata *metadata)
{
    const char *text;
    TRY(get_size(source, "features", &metadata->features));
    TRY(metadata_text(source, "hidden", &text));
    if (hidden_from_text(text, metadata->hidden, &metadata->hidden_count) != WEFT_OK)
        return metadata_fail(source, "hidden", "widths with commas between them, or none");
    TRY(get_size(source, "classes", &metadata->classes));
    TRY(metadata_text(source, "head", &text));
    if (!head_from_name(text, &metadata->head))
        return metadata_fail(source, "head", "sigmoid, softmax or identity");
    TRY(read_task(source, &metadata->task));
    TRY(read_activations(source, metadata));
    TRY(get_choice(source, "bias", "false", "true", &metadata->bias));
    if (safetensors_entry(source.file, "batch_norm") != NULL)
        TRY(get_choice(source, "batch_norm", "false", "true", &metadata->batch_norm));
    TRY(get_choice(source, "single_output", "false", "true", &metadata->single_output));
    return get_choice(source, "probability", "head", "softmax_of_head", &metadata->article_quirks);
}

static enum weft_status check_task(struct metadata_source source,
                                   const struct model_metadata *metadata)
{
    const bool several = metadata->task == WEFT_TASK_MULTILABEL;
    if (metadata->task == WEFT_TASK_CLASSIFY)
        return WEFT_OK;
    if (metadata->head != (several ? WEFT_HEAD_SIGMOID : WEFT_HEAD_IDENTITY) ||
        metadata->single_output || metadata->article_quirks)
        return metadata_fail(source, "task", "classify with this network");
    return WEFT_OK;
}

/* The rules of weft_model_create: a file that breaks them was not written by it. */
static enum weft_status check_network(struct metadata_source source,
                                      const struct model_metadata *metadata)
{
    if (metadata->features < 1 || metadata->features > INT32_MAX)
        return metadata_fail(source, "features", "1 to 2147483647");
    if (metadata->classes < (metadata->task == WEFT_TASK_CLASSIFY ? 2 : 1))
        return metadata_fail(source, "classes", "2 or more");
    TRY(check_task(source, metadata));
    if (metadata->single_output && (metadata->classes != 2 || metadata->head == WEFT_HEAD_SOFTMAX))
        return metadata_fail(source, "single_output", "false with this head and number of classes");
    if (metadata->article_quirks &&
        (metadata->single_output || metadata->head != WEFT_HEAD_SIGMOID))
        return metadata_fail(source, "probability", "head with this network");
    return WEFT_OK;
}

/* Any number that an earlier version took: what options take today is for trainings to say. */
static enum weft_status read_option(struct metadata_source source, const char *key,
                                    const struct option_row *row, struct weft_options *options)
{
    const char *text = safetensors_entry(source.file, key);
    if (text == NULL && (row->recorded != ALWAYS_RECORDED || row->type == OPTION_WORD))
        return WEFT_OK; /* files of the first versions say no optimizer and no schedule: SGD's */
    if (text != NULL && option_read(options, row, text) == WEFT_OK) {
        option_mark_given(options, row);
        return WEFT_OK;
    }
    if (row->type != OPTION_NUMBER)
        return metadata_fail(source, key,
                             row->type == OPTION_WORD ? "a word that this version knows"
                                                      : "a value of this option");
    TRY(get_number(source, key, (double *)(void *)((char *)options + row->offset)));
    option_mark_given(options, row);
    return WEFT_OK;
}

static enum weft_status read_record(struct metadata_source source, struct model_metadata *metadata)
{
    struct training_record *record = &metadata->record;
    char key[METADATA_KEY_SIZE];
    TRY(get_integer(source, "seed", &metadata->seed));
    TRY(get_size(source, "epochs", &record->epochs));
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        model_metadata_key(row, key);
        if (row->recorded != NOT_RECORDED)
            TRY(read_option(source, key, row, &record->options));
    }
    TRY(get_accuracy(source, "train_accuracy", &record->train_accuracy));
    TRY(get_accuracy(source, "validation_accuracy", &record->validation_accuracy));
    return get_accuracy(source, "test_accuracy", &record->test_accuracy);
}

static enum weft_status read_all(struct metadata_source source, struct model_metadata *metadata)
{
    const char *preset;
    TRY(check_format(source));
    TRY(metadata_text(source, "preset", &preset));
    if (strlen(preset) >= sizeof metadata->preset)
        return metadata_fail(source, "preset", "a shorter name");
    memcpy(metadata->preset, preset, strlen(preset) + 1);
    TRY(read_network(source, metadata));
    TRY(check_network(source, metadata));
    TRY(read_class_names(source, metadata));
    TRY(get_choice(source, "scale", "none", "standard", &metadata->scaled));
    return read_record(source, metadata);
}

enum weft_status model_metadata_read(const char *path, const struct safetensors *file,
                                     struct model_metadata *metadata)
{
    *metadata = (struct model_metadata){0};
    const enum weft_status status =
        read_all((struct metadata_source){.path = path, .file = file}, metadata);
    if (status != WEFT_OK)
        model_metadata_reset(metadata);
    return status;
}

void model_metadata_reset(struct model_metadata *metadata)
{
    for (size_t c = 0; metadata->class_names != NULL && c < metadata->classes; c++)
        memory_free(metadata->class_names[c]);
    memory_free(metadata->class_names);
    *metadata = (struct model_metadata){0};
}
