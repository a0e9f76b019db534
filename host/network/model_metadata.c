/* The metadata of a model file. One table serves the writer and the reader; see model_metadata.h.
 * model_file.c checks that the tensors agree with the metadata. */
#include "network/model_metadata.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "network/class_names_metadata.h"
#include "network/model_ensemble.h"
#include "network/schema_metadata.h"
#include "options/options.h"

enum { FORMAT_VERSION = 3 };

/* ---- class names ---- */

static enum weft_status write_class_names(struct safetensors *file, const char *key,
                                          const void *object)
{
    const struct model_metadata *metadata = object;
    return class_names_write(file, key, metadata->class_names, metadata->classes);
}

static enum weft_status read_class_names(struct metadata_source source, const char *key,
                                         void *object)
{
    struct model_metadata *metadata = object;
    if (metadata->classes < (metadata->task == WEFT_TASK_CLASSIFY ? 2 : 1))
        return metadata_fail(source, "classes", "2 or more");
    return class_names_read(source, key, metadata->classes, &metadata->class_names);
}

/* ---- the schema ---- */

static enum weft_status write_schema(struct safetensors *file, const char *key, const void *object)
{
    const struct model_metadata *metadata = object;
    return schema_metadata_write(file, key, metadata->schema);
}

static enum weft_status read_schema(struct metadata_source source, const char *key, void *object)
{
    struct model_metadata *metadata = object;
    const struct schema_context context = {.features = metadata->features,
                                           .classes = metadata->classes,
                                           .task = metadata->task,
                                           .class_names = metadata->class_names};
    return schema_metadata_read(source, key, &context, &metadata->schema);
}

/* ---- the table ---- */

static const char *const probabilities[] = {"head", "softmax_of_head"};

#define ROW(KEY, TYPE, PRESENCE, MEMBER)                                                           \
    METADATA_MEMBER(KEY, TYPE, PRESENCE, struct model_metadata, MEMBER)
#define WORDS(LIST) .words = (LIST), .count = sizeof(LIST) / sizeof *(LIST)
#define FRACTION(KEY, MEMBER)                                                                      \
    {                                                                                              \
        ROW(KEY, REAL, SPARSE, MEMBER), .most = 1.0                                                \
    }

/* Rows are read in this order: `class_names` requires `classes` and `task`, and `schema` requires
 * all three and `features`. */
static const struct metadata_field fields[] = {
    {ROW("format", TEXT, ALWAYS, format)},
    {ROW("format_version", INTEGER, ALWAYS, format_version)},
    {ROW("members", INTEGER, SPARSE, members), .least = 1, .most = ENSEMBLE_MOST + 1},
    {ROW("weft_version", TEXT, LATER, weft_version)},
    {ROW("preset", TEXT, ALWAYS, preset)},
    {ROW("features", INTEGER, ALWAYS, features), .least = 1, .most = INT32_MAX},
    {ROW("classes", INTEGER, ALWAYS, classes)},
    {ROW("task", WORD, SPARSE, task), .words = task_names, .count = TASKS},
    {ROW("single_output", TRUTH, ALWAYS, single_output)},
    {ROW("probability", TRUTH, ALWAYS, article_quirks), WORDS(probabilities)},
    {.key = "class_names",
     .type = METADATA_OWN,
     .write = write_class_names,
     .read = read_class_names},
    {ROW("schema", OWN, SPARSE, schema), .write = write_schema, .read = read_schema},
    {ROW("scale", WORD, ALWAYS, scale), .words = scale_names, .count = SCALES},
    {ROW("target_scale", WORD, SPARSE, target_scale), .words = scale_names,
     .count = WEFT_SCALE_STANDARD + 1},
    {ROW("seed", INTEGER, ALWAYS, seed)},
    {ROW("epochs", INTEGER, ALWAYS, record.epochs)},
    FRACTION("train_accuracy", record.train_accuracy),
    FRACTION("validation_accuracy", record.validation_accuracy),
    FRACTION("test_accuracy", record.test_accuracy),
    {ROW("devices", TEXT, SPARSE, record.devices)},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* ---- the options of the training run ---- */

/* Writes the key of an option: "learning_rate" for "learning-rate". */
void model_metadata_key(const struct option_row *row, char key[METADATA_KEY_SIZE])
{
    snprintf(key, METADATA_KEY_SIZE, "%s", row->info.name);
    for (char *c = key; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
}

static enum weft_status write_options(struct safetensors *file, const struct weft_options *options)
{
    char key[METADATA_KEY_SIZE], text[WEFT_OPTION_TEXT_SIZE];
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->recorded != ALWAYS_RECORDED && !option_given(options, row))
            continue;
        model_metadata_key(row, key);
        option_write(options, row, text);
        TRY(safetensors_add_entry(file, key, text));
    }
    return WEFT_OK;
}

/* Reads one option. It accepts any number that an earlier version accepted; the next training run
 * checks it against the current range. */
static enum weft_status read_option(struct metadata_source source, const struct option_row *row,
                                    struct weft_options *options)
{
    char key[METADATA_KEY_SIZE];
    model_metadata_key(row, key);
    const char *text = safetensors_entry(source.file, key);
    if (text == NULL && (row->recorded != ALWAYS_RECORDED || row->type == OPTION_WORD))
        return WEFT_OK; /* Files of the first versions record no optimizer and no schedule; they
                           used sgd and constant. */
    if (text == NULL || option_read(options, row, text) != WEFT_OK) {
        const struct metadata_field field = {.key = key,
                                             .type = METADATA_REAL,
                                             .offset = row->offset,
                                             .size = sizeof(double),
                                             .most = (double)INFINITY};
        if (row->type != OPTION_NUMBER)
            return metadata_fail(source, key,
                                 row->type == OPTION_WORD ? "a word that this version knows"
                                                          : "a value of this option");
        TRY(metadata_read(source, &field, 1, options));
    }
    option_mark_given(options, row);
    return WEFT_OK;
}

static enum weft_status read_options(struct metadata_source source, struct weft_options *options)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].recorded != NOT_RECORDED)
            TRY(read_option(source, &option_rows[i], options));
    return WEFT_OK;
}

/* ---- writing ---- */

static enum weft_scale scale_of(const struct scale *scale)
{
    if (scale->features == 0)
        return WEFT_SCALE_NONE;
    return scale->global ? WEFT_SCALE_GLOBAL : WEFT_SCALE_STANDARD;
}

/* Returns the lowest version whose readers compute the right predictions. */
static unsigned format_version_of(const struct weft_model *model)
{
    const struct network *network = &model->network;
    if (model->target_scale.features > 0)
        return 3;
    return model->member_count > 0 || network_has_norm(network) ||
                   network->task != WEFT_TASK_CLASSIFY
               ? 2
               : 1;
}

/* Returns the metadata for `model`; class names are borrowed. For an ensemble, seed and epochs come
 * from the first member. Its accuracies are unknown, because no training run evaluated the members
 * together. */
static struct model_metadata metadata_of(const struct weft_model *model)
{
    const struct network *network = &model->network;
    const bool ensemble = model->member_count > 0;
    struct model_metadata metadata = {.format = "weft",
                                      .format_version = format_version_of(model),
                                      .members = ensemble ? model->member_count + 1 : 0,
                                      .features = network_features(network),
                                      .network = network_metadata_of(network),
                                      .classes = model->classes,
                                      .class_names = model->class_names,
                                      .schema = model->schema,
                                      .task = network->task,
                                      .single_output = model_has_single_output(model),
                                      .article_quirks = model->article_quirks,
                                      .scale = scale_of(&model->scale),
                                      .target_scale = scale_of(&model->target_scale),
                                      .seed = model->seed,
                                      .record = model->record};
    metadata.network.activations[0] = model->activations[0]; /* needed even without hidden layers */
    snprintf(metadata.weft_version, sizeof metadata.weft_version, "%s", weft_version());
    memcpy(metadata.preset, model->preset, sizeof metadata.preset);
    if (ensemble)
        metadata.record.train_accuracy = metadata.record.validation_accuracy =
            metadata.record.test_accuracy = (double)NAN;
    return metadata;
}

enum weft_status model_metadata_write(const struct weft_model *model, struct safetensors *file)
{
    const struct model_metadata metadata = metadata_of(model);
    TRY(network_metadata_write(file, &metadata.network));
    TRY(metadata_write(file, fields, FIELDS, &metadata));
    return write_options(file, &metadata.record.options);
}

/* ---- reading ---- */

enum weft_status model_metadata_check_kind(const char *path, const struct safetensors *file)
{
    const char *format = safetensors_entry(file, "format");
    if (format == NULL || strcmp(format, "weft-checkpoint") != 0)
        return WEFT_OK;
    return fail(WEFT_ERROR_MODEL,
                "%s: this is a checkpoint: weft train --resume continues it, and its -o is the "
                "model",
                path);
}

static enum weft_status check_format(struct metadata_source source)
{
    const char *format = safetensors_entry(source.file, "format"), *text;
    uint64_t version = 0;
    TRY(model_metadata_check_kind(source.path, source.file));
    if (format == NULL || strcmp(format, "weft") != 0)
        return fail(WEFT_ERROR_MODEL,
                    "%s: not a model of Weft: need the metadata that weft train writes "
                    "(train --init-model takes files without)",
                    source.path);
    TRY(metadata_text(source, "format_version", &text));
    if (!integer_from_text(text, &version))
        return metadata_fail(source, "format_version", "a whole number");
    if (version > FORMAT_VERSION)
        return fail(WEFT_ERROR_MODEL,
                    "%s: format_version: got %llu, need at most %d: written by a newer Weft",
                    source.path, (unsigned long long)version, FORMAT_VERSION);
    return version >= 1 ? WEFT_OK : metadata_fail(source, "format_version", "1, 2 or 3");
}

/* Checks the rules of weft_model_create. A file that breaks them does not come from
 * weft_model_create. */
static enum weft_status check_network(struct metadata_source source,
                                      const struct model_metadata *metadata)
{
    const enum weft_head head =
        metadata->task == WEFT_TASK_MULTILABEL ? WEFT_HEAD_SIGMOID : WEFT_HEAD_IDENTITY;
    if (metadata->task != WEFT_TASK_CLASSIFY &&
        (metadata->network.head != head || metadata->single_output || metadata->article_quirks))
        return metadata_fail(source, "task", "classify with this network");
    if (metadata->target_scale != WEFT_SCALE_NONE && metadata->task != WEFT_TASK_REGRESS)
        return metadata_fail(source, "target_scale", "none, or task regress");
    if (metadata->single_output &&
        (metadata->classes != 2 || metadata->network.head == WEFT_HEAD_SOFTMAX))
        return metadata_fail(source, "single_output", "false with this head and number of classes");
    if (metadata->article_quirks &&
        (metadata->single_output || metadata->network.head != WEFT_HEAD_SIGMOID))
        return metadata_fail(source, "probability", "head with this network");
    return WEFT_OK;
}

static enum weft_status read_all(struct metadata_source source, struct model_metadata *metadata)
{
    const char *activation;
    TRY(check_format(source));
    TRY(metadata_text(source, "activation", &activation));
    TRY(network_metadata_read(source, &metadata->network));
    TRY(metadata_read(source, fields, FIELDS, metadata));
    TRY(read_options(source, &metadata->record.options));
    return check_network(source, metadata);
}

enum weft_status model_metadata_read(const char *path, const struct safetensors *file,
                                     struct model_metadata *metadata)
{
    *metadata = (struct model_metadata){.record = {.train_accuracy = (double)NAN,
                                                   .validation_accuracy = (double)NAN,
                                                   .test_accuracy = (double)NAN}};
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
    schema_release(metadata->schema);
    *metadata = (struct model_metadata){0};
}
