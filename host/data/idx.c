/* Reads a pair of IDX files into a data set.
 *
 * Both headers are read, checked and compared before the first value is read. The values then pass
 * through one chunk, so reading needs 1 MiB in addition to the floats.
 */
#include "data/idx.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/idx_header.h"

enum { CHUNK_BYTES = 1 << 20 }; /* a multiple of every value size */

/* A file whose values are being read. */
struct idx_file {
    const char *path;           /* borrowed from source */
    struct byte_source *source; /* borrowed */
    struct idx_header header;
    size_t bytes_read; /* bytes of the values read so far */
};

static enum weft_status begin_file(struct idx_file *file, struct byte_source *source)
{
    file->path = byte_source_name(source);
    file->source = source;
    return idx_header_read(source, file->path, &file->header);
}

/* ---- values ---- */

static uint64_t big_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static float float32_value(const unsigned char *bytes)
{
    uint32_t bits = (uint32_t)big_endian(bytes, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Converts a double. A value beyond float32 becomes infinite, which dataset_finish rejects. */
static float float64_value(const unsigned char *bytes)
{
    uint64_t bits = big_endian(bytes, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return number_to_float(value);
}

/* Returns the two's complement number of 1, 2 or 4 bytes; an IDX_UINT8 is unsigned. */
static int32_t integer_value(enum idx_type type, const unsigned char *bytes)
{
    switch (type) {
    case IDX_INT8:
        return bytes[0] < 0x80 ? bytes[0] : bytes[0] - 0x100;
    case IDX_INT16: {
        int32_t value = (int32_t)big_endian(bytes, 2);
        return value < 0x8000 ? value : value - 0x10000;
    }
    case IDX_INT32:
        return (int32_t)((int64_t)(big_endian(bytes, 4) ^ 0x80000000u) - INT32_MAX - 1);
    default:
        return bytes[0];
    }
}

/* Converts the numbers in `bytes` to values [count]. */
static void convert(enum idx_type type, size_t value_bytes, const unsigned char *bytes,
                    size_t count, float *values)
{
    switch (type) {
    case IDX_UINT8: /* The usual type of images has its own loop, which vectorizes. */
        for (size_t i = 0; i < count; i++)
            values[i] = (float)bytes[i];
        break;
    case IDX_FLOAT32:
        for (size_t i = 0; i < count; i++)
            values[i] = float32_value(&bytes[i * value_bytes]);
        break;
    case IDX_FLOAT64:
        for (size_t i = 0; i < count; i++)
            values[i] = float64_value(&bytes[i * value_bytes]);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            values[i] = (float)integer_value(type, &bytes[i * value_bytes]);
    }
}

/* ---- reading ---- */

/* Reads the next values into `chunk`, at most CHUNK_BYTES, and stores their number in `*count`.
 * After the last value, `*count` is 0, and the stream must end too. */
static enum weft_status read_chunk(struct idx_file *file, unsigned char *chunk, size_t *count)
{
    const struct idx_header *header = &file->header;
    const size_t left = header->payload_bytes - file->bytes_read;
    const size_t wanted = left > 0 ? size_min(left, CHUNK_BYTES) : 1;
    size_t got;
    TRY(byte_source_read(file->source, chunk, wanted, &got));
    if (left == 0 && got > 0)
        return fail(WEFT_ERROR_DATA,
                    "%s: byte %zu: longer than its header says: got more than %zu bytes of values, "
                    "need %zu",
                    file->path, header->bytes + file->bytes_read, header->payload_bytes,
                    header->payload_bytes);
    file->bytes_read += got;
    if (left > 0 && got < wanted)
        return fail(WEFT_ERROR_DATA, "%s: byte %zu: values end: got %zu bytes, need %zu",
                    file->path, header->bytes + file->bytes_read, file->bytes_read,
                    header->payload_bytes);
    *count = got / header->value_bytes;
    return WEFT_OK;
}

/* Reads all values of a file, either features or targets. */
static enum weft_status read_values(struct idx_file *file, unsigned char *chunk, float *values)
{
    for (;;) {
        size_t count;
        TRY(read_chunk(file, chunk, &count));
        if (count == 0)
            return WEFT_OK;
        convert(file->header.type, file->header.value_bytes, chunk, count, values);
        values += count;
    }
}

/* Reads all labels and checks that they are in 0 .. limit - 1. The check is done here, where the
 * byte offset of a wrong label is known. */
static enum weft_status read_labels(struct idx_file *file, unsigned char *chunk, size_t limit,
                                    int32_t *labels)
{
    const size_t value_bytes = file->header.value_bytes;
    for (size_t sample = 0;;) {
        size_t count;
        TRY(read_chunk(file, chunk, &count));
        if (count == 0)
            return WEFT_OK;
        for (size_t i = 0; i < count; i++, sample++) {
            labels[sample] = integer_value(file->header.type, &chunk[i * value_bytes]);
            if (labels[sample] < 0 || (size_t)labels[sample] >= limit)
                return fail(WEFT_ERROR_DATA,
                            "%s: byte %zu: label of sample %zu: got %ld, need 0 to %zu", file->path,
                            file->header.bytes + sample * value_bytes, sample, (long)labels[sample],
                            limit - 1);
        }
    }
}

/* ---- the pair ---- */

struct idx_pair {
    struct idx_file images, labels;
    bool labeled;                 /* the pair has a file of labels */
    bool targets;                 /* that file holds targets */
    bool mapped;                  /* the images are to be mapped if they can be */
    unsigned char *chunk;         /* owned; CHUNK_BYTES, or the size of the values if they are
                                     smaller */
    struct weft_dataset *dataset; /* owned until the caller receives it */
};

/* Begins the file of labels. If `classes` is not 0, the file must hold labels, not targets. */
static enum weft_status begin_labels(struct idx_pair *pair, struct byte_source *source,
                                     enum idx_second second, size_t classes)
{
    TRY(begin_file(&pair->labels, source));
    const char *path = pair->labels.path;
    const struct idx_header *header = &pair->labels.header;
    const bool numbers = second == IDX_TARGETS && header->dimensions <= 2;
    pair->targets = classes == 0 && (numbers || idx_header_has_targets(header));
    if (!pair->targets)
        TRY(idx_header_check_labels(&pair->labels.header, classes != 0, path));
    const size_t images = pair->images.header.sizes[0], labels = pair->labels.header.sizes[0];
    if (labels != images)
        return fail(WEFT_ERROR_DATA, "%s: byte %d: number of labels: got %zu, need %zu, as in %s",
                    path, (int)IDX_COUNTS_OFFSET, labels, images, pair->images.path);
    return WEFT_OK;
}

/* Stores the shape of the images. A file of three dimensions holds images, and a file of four holds
 * images with channels. */
static void image_note(const struct idx_header *header, struct weft_dataset *dataset)
{
    if (header->dimensions != 3 && header->dimensions != 4)
        return;
    dataset->height = header->sizes[1];
    dataset->width = header->sizes[2];
    dataset->channels = header->dimensions == 4 ? header->sizes[3] : 1;
}

/* Reads labels or targets. They come before the images, because they are small and may be wrong. */
static enum weft_status read_labels_or_targets(struct idx_pair *pair, size_t classes)
{
    if (pair->targets) {
        TRY(dataset_allocate_targets(pair->dataset, pair->labels.header.features));
        return read_values(&pair->labels, pair->chunk, pair->dataset->targets);
    }
    if (!pair->labeled)
        return WEFT_OK;
    return read_labels(&pair->labels, pair->chunk, classes != 0 ? classes : DATASET_MOST_CLASSES,
                       pair->dataset->labels);
}

/* Maps the images, whose header was compared with the size of the file. */
static enum weft_status map_images(struct idx_pair *pair, const char *name, bool labels)
{
    const struct idx_header *header = &pair->images.header;
    struct file_map *map;
    TRY(file_map_open(pair->images.path, &map));
    const size_t need = header->bytes + header->payload_bytes;
    const enum weft_status status =
        map->size != need
            ? fail(WEFT_ERROR_DATA, "%s: changes while it is read: got %zu bytes, need %zu",
                   map->path, map->size, need)
            : dataset_map(name, header->sizes[0], header->features, labels, map, NULL,
                          map->bytes + header->bytes, &pair->dataset);
    file_map_release(map);
    return status;
}

static enum weft_status create_dataset(struct idx_pair *pair, const char *name)
{
    const struct idx_file *images = &pair->images;
    const bool labels = pair->labeled && !pair->targets;
    const bool plain = byte_source_file_bytes(images->source) != FILE_SIZE_UNKNOWN &&
                       !byte_source_is_gzip(images->source) &&
                       strcmp(images->path, "standard input") != 0;
    if (pair->mapped && plain && images->header.type == IDX_UINT8)
        return map_images(pair, name, labels);
    return dataset_allocate(name, images->header.sizes[0], images->header.features, labels,
                            &pair->dataset);
}

static enum weft_status read_pair(struct idx_pair *pair, const char *name, size_t classes,
                                  const char *const *class_names)
{
    const struct idx_header *header = &pair->images.header;
    const size_t longest = size_max(header->payload_bytes, pair->labels.header.payload_bytes);
    TRY(NEW_ARRAY(pair->chunk, size_min(longest, CHUNK_BYTES)));
    TRY(create_dataset(pair, name));
    image_note(header, pair->dataset);
    if (pair->labeled)
        TRY(dataset_name_labels(pair->dataset, pair->labels.path));
    TRY(read_labels_or_targets(pair, classes));
    if (pair->dataset->map == NULL)
        TRY(read_values(&pair->images, pair->chunk, pair->dataset->x));
    return dataset_finish(pair->dataset, classes, class_names);
}

enum weft_status idx_read_sources(struct byte_source *images, struct byte_source *labels,
                                  bool mapped, enum idx_second second, const char *name,
                                  size_t classes, const char *const *class_names,
                                  struct weft_dataset **dataset)
{
    *dataset = NULL;
    struct idx_pair pair = {.labeled = labels != NULL, .mapped = mapped};
    enum weft_status status = begin_file(&pair.images, images);
    if (status == WEFT_OK && pair.labeled)
        status = begin_labels(&pair, labels, second, classes);
    if (status == WEFT_OK)
        status = read_pair(&pair, name, classes, class_names);
    if (status == WEFT_OK)
        *dataset = pair.dataset;
    else
        weft_dataset_destroy(pair.dataset);
    memory_free(pair.chunk);
    return status;
}

enum weft_status idx_read_pair(const char *images, const char *labels, bool mapped,
                               enum idx_second second, const char *name, size_t classes,
                               const char *const *class_names, struct weft_dataset **dataset)
{
    struct byte_source *image_source, *label_source = NULL;
    *dataset = NULL;
    TRY(byte_source_open(images, &image_source));
    enum weft_status status = labels != NULL ? byte_source_open(labels, &label_source) : WEFT_OK;
    if (status == WEFT_OK)
        status = idx_read_sources(image_source, label_source, mapped, second, name, classes,
                                  class_names, dataset);
    byte_source_close(label_source);
    byte_source_close(image_source);
    return status;
}

/* ---- one file ---- */

static enum weft_status read_array(struct idx_file *file, unsigned char **chunk,
                                   struct array *array)
{
    const struct idx_header *header = &file->header;
    TRY(text_copy(file->path, &array->name));
    array->dimensions = header->dimensions;
    memcpy(array->sizes, header->sizes, sizeof header->sizes);
    array->integers = header->type != IDX_FLOAT32 && header->type != IDX_FLOAT64;
    TRY(array_settle(array));
    TRY(NEW_ARRAY(*chunk, size_min(header->payload_bytes, CHUNK_BYTES)));
    TRY(NEW_ARRAY(array->floats, array->rows * array->columns));
    TRY(read_values(file, *chunk, array->floats));
    return array_narrow(array);
}

enum weft_status idx_read_array(struct byte_source *source, struct array *array)
{
    struct idx_file file = {.source = NULL};
    unsigned char *chunk = NULL;
    *array = (struct array){.name = NULL};
    enum weft_status status = begin_file(&file, source);
    if (status == WEFT_OK)
        status = read_array(&file, &chunk, array);
    if (status != WEFT_OK)
        array_reset(array);
    memory_free(chunk);
    return status;
}
