/* Writes packed data; see pack.h. The samples are read in blocks: one pass decides whether bytes
 * hold them, two compute the statistics, and one writes them. */
#include "pack/pack.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/bytes.h"
#include "data/kept_texts.h"
#include "data/scale.h"
#include "network/safetensors_header.h"
#include "pack/pack_metadata.h"

/* Tensors of a file without texts: mean, variance, labels or targets, weights, x. A column of texts
 * has two more. */
enum { MOST_TENSORS = 5, TEXT_TENSORS = 2, NAME_BYTES = 32 };

/* A column of texts that is written. */
struct packed_text {
    const struct kept_texts *kept; /* borrowed */
    size_t column;
    char name[NAME_BYTES], begin_name[NAME_BYTES]; /* of the tensors */
};

/* A file that is being put together. */
struct packing {
    const char *path;                   /* borrowed; for messages about a shared file, too */
    struct shared_file *shared;         /* borrowed; receives the file, which then has no path */
    const struct weft_dataset *dataset; /* borrowed */
    struct sample_rows rows;
    bool bytes;                  /* the samples are written as bytes */
    double *moments;             /* [2][D] owned: mean, variance */
    struct safetensors file;     /* owned: the metadata */
    struct packed_text *texts;   /* [columns of texts] owned */
    struct tensor_place *places; /* [count] owned */
    struct file_part *parts;     /* [1 + count] owned: the header, and the tensors */
    size_t count;                /* of tensors */
};

/* ---- what the samples are ---- */

static enum weft_status find_type(struct packing *packing)
{
    struct sample_reader reader;
    packing->bytes = true;
    if (packing->rows.bytes != NULL)
        return WEFT_OK;
    TRY(sample_reader_init(&reader, packing->rows));
    for (size_t first = 0; first < packing->dataset->samples && packing->bytes;
         first += reader.block) {
        const size_t count = size_min(reader.block, packing->dataset->samples - first);
        packing->bytes =
            bytes_hold(sample_reader_lend(&reader, first, count), count * packing->rows.features);
    }
    sample_reader_reset(&reader);
    return WEFT_OK;
}

static enum weft_status find_moments(struct packing *packing)
{
    const struct weft_dataset *dataset = packing->dataset;
    const size_t features = dataset->features;
    TRY(NEW_ARRAY(packing->moments, 2 * features));
    if (dataset->moments == NULL)
        return scale_moments(packing->rows, dataset->samples, packing->moments,
                             packing->moments + features);
    memcpy(packing->moments, dataset->moments, 2 * features * sizeof *packing->moments);
    return WEFT_OK;
}

/* ---- the parts of the file ---- */

static void floats_produce(const void *data, size_t first, size_t count, unsigned char *bytes)
{
    sample_rows_numbers(data, first / sizeof(float), count / sizeof(float), (float *)(void *)bytes);
}

static void bytes_produce(const void *data, size_t first, size_t count, unsigned char *bytes)
{
    sample_rows_bytes(data, first, count, bytes);
}

/* Produces the places of texts, counted in the samples of the data set. */
static void begin_produce(const void *data, size_t first, size_t count, unsigned char *bytes)
{
    const struct packed_text *text = data;
    const struct kept_texts *kept = text->kept;
    const int64_t *begin = kept->columns[text->column].begin;
    for (size_t done = 0; done < count; done += sizeof *begin) {
        const size_t sample = (first + done) / sizeof *begin;
        const size_t row = kept->places != NULL ? kept->places[sample] : sample;
        memcpy(bytes + done, &begin[row], sizeof *begin);
    }
}

/* Adds a tensor [rows][columns], or [rows] if `columns` is 0. */
static struct file_part *add_tensor(struct packing *packing, const char *name,
                                    enum safetensor_type type, size_t rows, size_t columns,
                                    const void *values)
{
    struct tensor_place *place = &packing->places[packing->count++];
    struct file_part *part = &packing->parts[packing->count];
    const size_t count = rows * (columns > 0 ? columns : 1);
    *place = (struct tensor_place){.tensor = {.name = (char *)(uintptr_t)name, /* not owned here */
                                              .dimensions = columns > 0 ? 2 : 1,
                                              .shape = {rows, columns},
                                              .count = count},
                                   .type = type,
                                   .value_size = safetensor_types[type].size};
    *part = (struct file_part){.data = values, .size = count * place->value_size};
    return part;
}

/* Places come before the samples, because they are 8 bytes each; texts come after them. */
static void add_text_places(struct packing *packing)
{
    const struct kept_texts *kept = packing->dataset->kept;
    for (size_t c = 0; kept != NULL && c < kept->count; c++) {
        struct packed_text *text = &packing->texts[c];
        *text = (struct packed_text){.kept = kept, .column = c};
        pack_text_names(c, text->name, text->begin_name, NAME_BYTES);
        add_tensor(packing, text->begin_name, SAFETENSOR_I64, packing->dataset->samples, 0, text)
            ->produce = begin_produce;
    }
}

static void add_texts(struct packing *packing)
{
    const struct kept_texts *kept = packing->dataset->kept;
    for (size_t c = 0; kept != NULL && c < kept->count; c++)
        add_tensor(packing, packing->texts[c].name, SAFETENSOR_U8, kept->columns[c].size, 0,
                   kept->columns[c].bytes);
}

static void add_tensors(struct packing *packing)
{
    const struct weft_dataset *dataset = packing->dataset;
    const size_t n = dataset->samples, d = dataset->features;
    add_tensor(packing, "mean", SAFETENSOR_F64, d, 0, packing->moments);
    add_tensor(packing, "variance", SAFETENSOR_F64, d, 0, packing->moments + d);
    add_text_places(packing);
    if (dataset->labels != NULL)
        add_tensor(packing, "labels", SAFETENSOR_I32, n, 0, dataset->labels);
    if (dataset->targets != NULL)
        add_tensor(packing, "targets", SAFETENSOR_F32, n, dataset->classes, dataset->targets);
    if (dataset->weights != NULL)
        add_tensor(packing, "weights", SAFETENSOR_F32, n, 0, dataset->weights);
    add_tensor(packing, "x", packing->bytes ? SAFETENSOR_U8 : SAFETENSOR_F32, n, d, &packing->rows)
        ->produce = packing->bytes ? bytes_produce : floats_produce;
    add_texts(packing);
}

static enum weft_status allocate(struct packing *packing)
{
    const struct kept_texts *kept = packing->dataset->kept;
    const size_t texts = kept != NULL ? kept->count : 0;
    const size_t tensors = MOST_TENSORS + TEXT_TENSORS * texts;
    TRY(NEW_ARRAY(packing->texts, texts));
    TRY(NEW_ARRAY(packing->places, tensors));
    return NEW_ARRAY(packing->parts, 1 + tensors);
}

static enum weft_status write_parts(struct packing *packing)
{
    struct safetensors_header header = {.tensor_count = packing->count,
                                        .places = packing->places,
                                        .entry_count = packing->file.entry_count,
                                        .entries = packing->file.entries};
    unsigned char *bytes;
    enum weft_status status =
        safetensors_header_make(packing->path, &header, &bytes, &packing->parts[0].size);
    if (status == WEFT_ERROR_MODEL) /* The header is too long for this format. */
        return fail(WEFT_ERROR_DATA, "%s; classes and categories have too many names",
                    weft_error());
    TRY(status);
    packing->parts[0].data = bytes;
    status = packing->shared != NULL
                 ? shared_file_write(packing->parts, packing->count + 1, packing->shared)
                 : file_replace(packing->path, packing->parts, packing->count + 1);
    memory_free(bytes);
    return status;
}

static enum weft_status pack(struct packing *packing)
{
    if (!bytes_are_little_endian())
        return fail(WEFT_ERROR_DATA, "%s: cannot pack data on a big-endian machine", packing->path);
    TRY(find_type(packing));
    TRY(find_moments(packing));
    TRY(pack_metadata_write(packing->dataset, &packing->file));
    TRY(allocate(packing));
    add_tensors(packing);
    return write_parts(packing);
}

static void tell(const struct packing *packing, struct weft_pack_info *info)
{
    const struct weft_dataset *dataset = packing->dataset;
    *info = (struct weft_pack_info){.samples = dataset->samples,
                                    .features = dataset->features,
                                    .classes = dataset->classes,
                                    .bytes = packing->bytes,
                                    .labeled = dataset->labels != NULL || dataset->targets != NULL,
                                    .texts = dataset->kept != NULL ? dataset->kept->count : 0};
    for (size_t i = 0; i <= packing->count; i++)
        info->file_bytes += packing->parts[i].size;
}

static void packing_reset(struct packing *packing)
{
    safetensors_reset(&packing->file);
    memory_free(packing->moments);
    memory_free(packing->texts);
    memory_free(packing->places);
    memory_free(packing->parts);
}

enum weft_status pack_write(const struct weft_dataset *dataset, const char *path,
                            struct weft_pack_info *info)
{
    struct packing packing = {.path = path, .dataset = dataset, .rows = dataset_rows(dataset)};
    const enum weft_status status = pack(&packing);
    if (status == WEFT_OK && info != NULL)
        tell(&packing, info);
    packing_reset(&packing);
    return status;
}

enum weft_status pack_share(const struct weft_dataset *dataset, struct shared_file *file)
{
    struct packing packing = {
        .path = dataset->name, .shared = file, .dataset = dataset, .rows = dataset_rows(dataset)};
    const enum weft_status status = pack(&packing);
    packing_reset(&packing);
    return status;
}
