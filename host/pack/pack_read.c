/* Maps packed data; see pack.h. The file is not trusted: a damaged header, label or number is an
 * error, never a crash. */
#include "pack/pack.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/bytes.h"
#include "data/kept_texts.h"
#include "network/safetensors_header.h"
#include "pack/pack_metadata.h"

enum { LENGTH_BYTES = 8 };

/* A file that is being opened. All members are owned. */
struct unpacking {
    struct file_map *map;
    struct safetensors_header header;
    const unsigned char *data; /* the first byte after the header */
    struct pack_metadata metadata;
    struct weft_dataset *dataset;
};

/* ---- the header ---- */

/* Returns the length of the JSON header, or 0 if this is not a safetensors file. */
static size_t header_length(const struct file_map *map)
{
    uint64_t length = 0;
    if (map->size <= LENGTH_BYTES || map->bytes[LENGTH_BYTES] != '{')
        return 0;
    for (size_t i = LENGTH_BYTES; i-- > 0;)
        length = length << 8 | map->bytes[i];
    return length >= 2 && length <= SAFETENSORS_MAX_HEADER ? (size_t)length : 0;
}

static bool says_pack(const struct file_map *map)
{
    static const char said[] = "\"" PACK_FORMAT "\"";
    const size_t length = header_length(map), size = sizeof said - 1;
    const size_t end = size_min(length, map->size - LENGTH_BYTES);
    for (size_t i = LENGTH_BYTES; length > 0 && i + size <= LENGTH_BYTES + end; i++)
        if (memcmp(map->bytes + i, said, size) == 0)
            return true;
    return false;
}

enum weft_status pack_find(const char *path, bool *found)
{
    struct file_map *map;
    *found = false;
    if (!file_map_possible(path))
        return WEFT_OK;
    const enum weft_status status = file_map_open(path, &map);
    if (status != WEFT_OK)
        return status == WEFT_ERROR_MEMORY ? status : WEFT_OK;
    *found = says_pack(map);
    file_map_release(map);
    return WEFT_OK;
}

static enum weft_status read_header(struct unpacking *file)
{
    const struct file_map *map = file->map;
    const size_t length = header_length(map), rest = map->size - LENGTH_BYTES;
    if (!says_pack(map))
        return fail(WEFT_ERROR_DATA, "%s: not packed data: need a file of weft pack", map->path);
    if (length > rest)
        return fail(WEFT_ERROR_DATA, "%s: header: truncated: got %zu bytes, need %zu", map->path,
                    rest, length);
    TRY(safetensors_header_read(map->path, (const char *)map->bytes + LENGTH_BYTES, length,
                                rest - length, true, &file->header));
    file->data = map->bytes + LENGTH_BYTES + length;
    const struct safetensors entries = {.entry_count = file->header.entry_count,
                                        .entries = file->header.entries};
    return pack_metadata_read((struct metadata_source){.path = map->path, .file = &entries},
                              &file->metadata);
}

/* ---- tensors ---- */

static const struct tensor_place *find_tensor(const struct unpacking *file, const char *name)
{
    for (size_t i = 0; i < file->header.tensor_count; i++)
        if (strcmp(file->header.places[i].tensor.name, name) == 0)
            return &file->header.places[i];
    return NULL;
}

/* Finds a tensor and checks its type and its shape: [rows][columns], or [rows] if `columns` is 0.
 */
static enum weft_status need_tensor(const struct unpacking *file, const char *name,
                                    enum safetensor_type type, size_t rows, size_t columns,
                                    const unsigned char **values)
{
    const struct tensor_place *place = find_tensor(file, name);
    const struct safetensor *tensor = place != NULL ? &place->tensor : NULL;
    const size_t dimensions = columns > 0 ? 2 : 1;
    char second[32] = "";
    if (columns > 0)
        snprintf(second, sizeof second, "[%zu]", columns);
    if (place == NULL)
        return fail(WEFT_ERROR_DATA, "%s: %s: missing", file->map->path, name);
    if (place->type != type || tensor->dimensions != dimensions || tensor->shape[0] != rows ||
        (columns > 0 && tensor->shape[1] != columns))
        return fail(WEFT_ERROR_DATA, "%s: %s: got %s of another shape or type, need %s [%zu]%s",
                    file->map->path, name, safetensor_types[place->type].name,
                    safetensor_types[type].name, rows, second);
    *values = file->data + place->begin;
    return WEFT_OK;
}

/* Maps the samples. Without labels and targets, C is 0. */
static enum weft_status take_samples(struct unpacking *file)
{
    const struct tensor_place *place = find_tensor(file, "x");
    const char *path = file->map->path;
    const unsigned char *x;
    if (place == NULL)
        return fail(WEFT_ERROR_DATA, "%s: x: missing", path);
    const bool bytes = place->type == SAFETENSOR_U8;
    TRY(need_tensor(file, "x", bytes ? SAFETENSOR_U8 : SAFETENSOR_F32, place->tensor.shape[0],
                    file->metadata.features, &x));
    if (!bytes && (uintptr_t)x % sizeof(float) != 0)
        return fail(WEFT_ERROR_DATA, "%s: x: begins at byte %zu, need a multiple of %zu", path,
                    (size_t)(x - file->map->bytes), sizeof(float));
    return dataset_map(
        path, place->tensor.shape[0], file->metadata.features, find_tensor(file, "labels") != NULL,
        file->map, bytes ? NULL : (const float *)(const void *)x, bytes ? x : NULL, &file->dataset);
}

static enum weft_status take_answers(struct unpacking *file)
{
    struct weft_dataset *dataset = file->dataset;
    const size_t n = dataset->samples, c = file->metadata.classes;
    const bool targets = find_tensor(file, "targets") != NULL;
    const unsigned char *values;
    if (dataset->labels != NULL && targets)
        return fail(WEFT_ERROR_DATA, "%s: got labels and targets, need one of them",
                    file->map->path);
    if (dataset->labels != NULL) {
        TRY(need_tensor(file, "labels", SAFETENSOR_I32, n, 0, &values));
        memcpy(dataset->labels, values, n * sizeof *dataset->labels);
        return WEFT_OK;
    }
    if (!targets)
        return WEFT_OK;
    TRY(need_tensor(file, "targets", SAFETENSOR_F32, n, c, &values));
    TRY(dataset_allocate_targets(dataset, c));
    memcpy(dataset->targets, values, n * c * sizeof *dataset->targets);
    return WEFT_OK;
}

static enum weft_status take_weights(struct unpacking *file)
{
    struct weft_dataset *dataset = file->dataset;
    const unsigned char *values;
    if (find_tensor(file, "weights") == NULL)
        return WEFT_OK;
    TRY(need_tensor(file, "weights", SAFETENSOR_F32, dataset->samples, 0, &values));
    TRY(NEW_ARRAY(dataset->weights, dataset->samples));
    memcpy(dataset->weights, values, dataset->samples * sizeof *dataset->weights);
    return dataset_check_weights(dataset, dataset->weights);
}

static enum weft_status take_moments(struct unpacking *file)
{
    struct weft_dataset *dataset = file->dataset;
    const size_t d = dataset->features;
    const unsigned char *mean, *variance;
    TRY(need_tensor(file, "mean", SAFETENSOR_F64, d, 0, &mean));
    TRY(need_tensor(file, "variance", SAFETENSOR_F64, d, 0, &variance));
    TRY(NEW_ARRAY(dataset->moments, 2 * d));
    memcpy(dataset->moments, mean, d * sizeof *dataset->moments);
    memcpy(dataset->moments + d, variance, d * sizeof *dataset->moments);
    for (size_t i = 0; i < 2 * d; i++)
        if (!isfinite(dataset->moments[i]) || (i >= d && dataset->moments[i] < 0.0))
            return fail(WEFT_ERROR_DATA, "%s: %s: value %zu is %g, need %s", file->map->path,
                        i < d ? "mean" : "variance", i % d, dataset->moments[i],
                        i < d ? "a finite number" : "a finite number of at least 0");
    return WEFT_OK;
}

/* ---- texts ---- */

static enum weft_status take_text(const struct unpacking *file, size_t column,
                                  struct kept_texts *kept)
{
    char name[32], begin_name[32];
    const unsigned char *begin, *bytes;
    pack_text_names(column, name, begin_name, sizeof name);
    const struct tensor_place *place = find_tensor(file, name);
    const size_t size = place != NULL && place->tensor.dimensions == 1 ? place->tensor.shape[0] : 0;
    TRY(need_tensor(file, begin_name, SAFETENSOR_I64, file->dataset->samples, 0, &begin));
    TRY(need_tensor(file, name, SAFETENSOR_U8, size, 0, &bytes));
    if ((uintptr_t)begin % sizeof(int64_t) != 0)
        return fail(WEFT_ERROR_DATA, "%s: %s: begins at byte %zu, need a multiple of %zu",
                    file->map->path, begin_name, (size_t)(begin - file->map->bytes),
                    sizeof(int64_t));
    return kept_texts_add(kept, file->metadata.text_names[column],
                          (const int64_t *)(const void *)begin, (const char *)bytes, size);
}

static enum weft_status take_texts(struct unpacking *file)
{
    const struct pack_metadata *metadata = &file->metadata;
    struct weft_dataset *dataset = file->dataset;
    if ((metadata->texts > 0) != (metadata->text_names != NULL) || metadata->id > metadata->texts)
        return fail(WEFT_ERROR_DATA, "%s: texts: got %zu, need a name for each", file->map->path,
                    metadata->texts);
    if (metadata->texts == 0)
        return WEFT_OK;
    TRY(kept_texts_map(file->map, dataset->samples, metadata->texts, &dataset->kept));
    dataset->kept->has_id = metadata->id > 0;
    for (size_t c = 0; c < metadata->texts; c++)
        TRY(take_text(file, c, dataset->kept));
    return WEFT_OK;
}

/* ---- the file ---- */

static enum weft_status take_all(struct unpacking *file)
{
    TRY(read_header(file));
    TRY(take_samples(file));
    TRY(take_answers(file));
    TRY(take_weights(file));
    TRY(take_moments(file));
    TRY(take_texts(file));
    const struct pack_metadata *metadata = &file->metadata;
    struct weft_dataset *dataset = file->dataset;
    const bool answers = dataset->labels != NULL || dataset->targets != NULL;
    const bool classes = metadata->classes > 0, schema = metadata->schema != NULL;
    if (answers ? !classes : classes != schema)
        return fail(WEFT_ERROR_DATA, "%s: classes: got %zu, with %s", file->map->path,
                    metadata->classes, answers ? "labels or targets" : "no labels and no targets");
    dataset->packed = true;
    dataset->learned = metadata->learned;
    dataset->height = metadata->height;
    dataset->width = metadata->width;
    dataset->channels = metadata->channels;
    dataset->unseen = metadata->unseen;
    dataset->schema = schema_share(metadata->schema);
    return dataset_finish(dataset, metadata->classes, (const char *const *)metadata->class_names);
}

/* Damaged data is WEFT_ERROR_DATA, also where code for models found it. */
static enum weft_status as_data(enum weft_status status)
{
    return status == WEFT_ERROR_MODEL ? fail(WEFT_ERROR_DATA, "%s", weft_error()) : status;
}

enum weft_status pack_open(const char *path, struct weft_dataset **dataset)
{
    struct unpacking file = {.map = NULL};
    *dataset = NULL;
    TRY(file_map_open(path, &file.map));
    const enum weft_status status =
        bytes_are_little_endian()
            ? take_all(&file)
            : fail(WEFT_ERROR_DATA, "%s: cannot map packed data on a big-endian machine", path);
    if (status == WEFT_OK)
        *dataset = file.dataset;
    else
        weft_dataset_destroy(file.dataset);
    pack_metadata_reset(&file.metadata);
    safetensors_header_reset(&file.header);
    file_map_release(file.map);
    return as_data(status);
}
