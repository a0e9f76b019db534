/* The metadata of packed data, in one table for the writer and the reader; see pack_metadata.h. */
#include "pack/pack_metadata.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/kept_texts.h"
#include "data/task.h"
#include "network/class_names_metadata.h"
#include "network/schema_metadata.h"

enum { FORMAT_VERSION = 1 };

static enum weft_status write_class_names(struct safetensors *file, const char *key,
                                          const void *object)
{
    const struct pack_metadata *metadata = object;
    return class_names_write(file, key, metadata->class_names, metadata->classes);
}

static enum weft_status read_class_names(struct metadata_source source, const char *key,
                                         void *object)
{
    struct pack_metadata *metadata = object;
    return class_names_read(source, key, metadata->classes, &metadata->class_names);
}

static enum weft_status write_text_names(struct safetensors *file, const char *key,
                                         const void *object)
{
    const struct pack_metadata *metadata = object;
    return class_names_write(file, key, metadata->text_names, metadata->texts);
}

static enum weft_status read_text_names(struct metadata_source source, const char *key,
                                        void *object)
{
    struct pack_metadata *metadata = object;
    return class_names_read(source, key, metadata->texts, &metadata->text_names);
}

static enum weft_status write_schema(struct safetensors *file, const char *key, const void *object)
{
    const struct pack_metadata *metadata = object;
    return schema_metadata_write(file, key, metadata->schema);
}

static enum weft_status read_schema(struct metadata_source source, const char *key, void *object)
{
    struct pack_metadata *metadata = object;
    const struct schema_context context = {.features = metadata->features,
                                           .classes = metadata->classes,
                                           .task = metadata->task,
                                           .class_names = metadata->class_names};
    if (metadata->class_names == NULL)
        return metadata_fail(source, key, "class_names as well");
    return schema_metadata_read(source, key, &context, &metadata->schema);
}

#define ROW(KEY, TYPE, PRESENCE, MEMBER)                                                           \
    METADATA_MEMBER(KEY, TYPE, PRESENCE, struct pack_metadata, MEMBER)

/* By learned.no_stratify. */
static const char *const splits[] = {"by class", "random"};

/* Rows are read in this order: `class_names` requires `classes`, `schema` all before it, and
 * `text_names` requires `texts`. */
static const struct metadata_field fields[] = {
    {ROW("format", TEXT, ALWAYS, format)},
    {ROW("format_version", INTEGER, ALWAYS, format_version), .least = 1, .most = FORMAT_VERSION},
    {ROW("weft_version", TEXT, LATER, weft_version)},
    {ROW("features", INTEGER, ALWAYS, features), .least = 1, .most = INT32_MAX},
    {ROW("classes", INTEGER, SPARSE, classes), .least = 1, .most = DATASET_MOST_CLASSES},
    {ROW("class_names", OWN, SPARSE, class_names), .write = write_class_names,
     .read = read_class_names},
    {ROW("task", WORD, SPARSE, task), .words = task_names, .count = TASKS},
    {ROW("schema", OWN, SPARSE, schema), .write = write_schema, .read = read_schema},
    {ROW("height", INTEGER, SPARSE, height), .least = 1, .most = INT32_MAX},
    {ROW("width", INTEGER, SPARSE, width), .least = 1, .most = INT32_MAX},
    {ROW("channels", INTEGER, SPARSE, channels), .least = 1, .most = INT32_MAX},
    {ROW("unseen", INTEGER, SPARSE, unseen), .least = 1, .most = 9007199254740992.0},
    {ROW("texts", INTEGER, SPARSE, texts), .least = 1, .most = PACK_MOST_TEXTS},
    {ROW("text_names", OWN, SPARSE, text_names), .write = write_text_names,
     .read = read_text_names},
    {ROW("id", INTEGER, SPARSE, id), .least = 1, .most = 1},
    {ROW("holdout", REAL, SPARSE, learned.holdout), .least = 0.0, .most = 1.0},
    {ROW("holdout_seed", INTEGER, SPARSE, learned.seed)},
    {ROW("holdout_split", TRUTH, SPARSE, learned.no_stratify), .words = splits, .count = 2},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* The columns of a table without a target belong to a model that has no schema. They tell nothing:
 * all are numbers. */
static struct schema *schema_to_write(const struct weft_dataset *dataset)
{
    struct schema *schema = dataset->schema;
    for (size_t i = 0; schema != NULL && i < schema->column_count; i++)
        if (schema->columns[i].role == ROLE_TARGET)
            return schema;
    return NULL;
}

/* Adds what a table has. A schema has classes even if the samples have no labels. */
static void describe_table(const struct weft_dataset *dataset, struct pack_metadata *metadata)
{
    const struct schema *schema = metadata->schema;
    metadata->task = schema->task;
    metadata->learned = dataset->learned;
    if (dataset->class_names != NULL)
        return;
    metadata->classes = schema->classes;
    metadata->class_names = schema->class_names;
}

/* Borrows the names of the texts; the caller frees the array. */
static enum weft_status describe_texts(const struct kept_texts *kept,
                                       struct pack_metadata *metadata)
{
    if (kept->count > PACK_MOST_TEXTS)
        return fail_option("keep", NULL, "got %zu columns, need at most %d", kept->count,
                           (int)PACK_MOST_TEXTS);
    TRY(NEW_ARRAY(metadata->text_names, kept->count));
    for (size_t c = 0; c < kept->count; c++)
        metadata->text_names[c] = kept->columns[c].name;
    metadata->texts = kept->count;
    metadata->id = kept->has_id;
    return WEFT_OK;
}

enum weft_status pack_metadata_write(const struct weft_dataset *dataset, struct safetensors *file)
{
    struct pack_metadata metadata = {.format = PACK_FORMAT,
                                     .format_version = FORMAT_VERSION,
                                     .features = dataset->features,
                                     .classes = dataset->classes,
                                     .class_names = dataset->class_names,
                                     .schema = schema_to_write(dataset),
                                     .height = dataset->height,
                                     .width = dataset->width,
                                     .channels = dataset->channels,
                                     .unseen = dataset->unseen};
    snprintf(metadata.weft_version, sizeof metadata.weft_version, "%s", weft_version());
    if (metadata.schema != NULL)
        describe_table(dataset, &metadata);
    enum weft_status status = WEFT_OK;
    if (dataset->kept != NULL)
        status = describe_texts(dataset->kept, &metadata);
    if (status == WEFT_OK)
        status = metadata_write(file, fields, FIELDS, &metadata);
    memory_free(metadata.text_names);
    return status;
}

static enum weft_status check_version(struct metadata_source source)
{
    const char *text = safetensors_entry(source.file, "format_version");
    uint64_t version = 0;
    if (text != NULL && integer_from_text(text, &version) && version > FORMAT_VERSION)
        return fail(WEFT_ERROR_MODEL,
                    "%s: format_version: got %" PRIu64 ", need at most %d: written by a newer Weft",
                    source.path, version, FORMAT_VERSION);
    return WEFT_OK;
}

/* Checks what relates two members. */
static enum weft_status check_image(struct metadata_source source,
                                    const struct pack_metadata *metadata)
{
    const bool any = metadata->height > 0 || metadata->width > 0 || metadata->channels > 0;
    size_t pixels;
    if (!any ||
        (size_multiply(metadata->height, metadata->width, &pixels) &&
         size_multiply(pixels, metadata->channels, &pixels) && pixels == metadata->features))
        return WEFT_OK;
    return fail(WEFT_ERROR_MODEL,
                "%s: height, width, channels: got images of %zux%zux%zu, need %zu features",
                source.path, metadata->height, metadata->width, metadata->channels,
                metadata->features);
}

enum weft_status pack_metadata_read(struct metadata_source source, struct pack_metadata *metadata)
{
    *metadata = (struct pack_metadata){.features = 0};
    TRY(check_version(source));
    TRY(metadata_read(source, fields, FIELDS, metadata));
    return check_image(source, metadata);
}

void pack_text_names(size_t column, char *bytes, char *begin, size_t size)
{
    snprintf(bytes, size, "texts.%zu", column);
    snprintf(begin, size, "texts.%zu.begin", column);
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; names != NULL && i < count; i++)
        memory_free(names[i]);
    memory_free(names);
}

void pack_metadata_reset(struct pack_metadata *metadata)
{
    free_names(metadata->class_names, metadata->classes);
    free_names(metadata->text_names, metadata->texts);
    schema_release(metadata->schema);
    *metadata = (struct pack_metadata){.features = 0};
}
