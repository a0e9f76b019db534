/* Reads a safetensors file. The length and the header come first. Values are allocated and read
 * only after every size in the header has been checked against the file. */
#include "network/safetensors.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "network/safetensors_input.h"

enum { LENGTH_BYTES = 8, CHUNK_VALUES = 8192 };

/* Reads exactly `size` bytes; messages call them `what`. */
static enum weft_status read_exactly(const char *path, const char *what, struct file_input *input,
                                     void *buffer, size_t size)
{
    size_t got = 0;
    TRY(file_input_read(input, buffer, size, &got));
    if (got != size)
        return fail(WEFT_ERROR_MODEL, "%s: %s: truncated: got %zu bytes, need %zu", path, what, got,
                    size);
    return WEFT_OK;
}

/* Decodes `size` little-endian bytes. */
static uint64_t little_endian(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static float float_from_bytes(const unsigned char *bytes)
{
    const uint32_t bits = (uint32_t)little_endian(bytes, sizeof bits);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double double_from_bytes(const unsigned char *bytes)
{
    const uint64_t bits = little_endian(bytes, sizeof bits);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Reads values of 4 or 8 bytes (`size`) into tensor->values [count]. */
static enum weft_status read_values(const char *path, struct file_input *input, size_t size,
                                    struct safetensor *tensor)
{
    unsigned char chunk[CHUNK_VALUES * sizeof(float)];
    const size_t chunk_values = sizeof chunk / size;
    for (size_t first = 0; first < tensor->count; first += chunk_values) {
        const size_t count = size_min(chunk_values, tensor->count - first);
        TRY(read_exactly(path, tensor->name, input, chunk, count * size));
        for (size_t i = 0; i < count; i++)
            tensor->values[first + i] = size == sizeof(float)
                                            ? float_from_bytes(chunk + i * size)
                                            : number_to_float(double_from_bytes(chunk + i * size));
    }
    return WEFT_OK;
}

/* Moves everything that the header owns to `file`, except for the places of the values. */
static enum weft_status take_header(struct safetensors_header *header, struct safetensors *file)
{
    file->entries = header->entries;
    file->entry_count = header->entry_count;
    header->entries = NULL;
    header->entry_count = 0;
    TRY(NEW_ARRAY(file->tensors, header->tensor_count));
    for (size_t i = 0; i < header->tensor_count; i++) {
        file->tensors[file->tensor_count++] = header->places[i].tensor;
        header->places[i].tensor.name = NULL;
    }
    return WEFT_OK;
}

static enum weft_status read_header(struct safetensors_input *input, char *text, size_t size)
{
    const uint64_t data_size = file_input_size(input->file) - LENGTH_BYTES - size;
    TRY(read_exactly(input->path, "header", input->file, text, size));
    if (text[0] != '{')
        return fail(WEFT_ERROR_MODEL, "%s: header: not JSON: need { as its first byte",
                    input->path);
    return safetensors_header_read(input->path, text, size, data_size, false, &input->header);
}

static enum weft_status open_input(const char *path, struct safetensors_input *input)
{
    unsigned char bytes[LENGTH_BYTES];
    char *text = NULL;
    TRY(text_copy(path, &input->path));
    TRY(file_input_open(path, &input->file));
    TRY(read_exactly(path, "length of the header", input->file, bytes, sizeof bytes));
    const uint64_t size = little_endian(bytes, sizeof bytes);
    if (size < 2 || size > SAFETENSORS_MAX_HEADER)
        return fail(WEFT_ERROR_MODEL, "%s: not safetensors: header of %llu bytes, need 2 to %d",
                    path, (unsigned long long)size, SAFETENSORS_MAX_HEADER);
    if (size > file_input_size(input->file) - LENGTH_BYTES)
        return fail(WEFT_ERROR_MODEL, "%s: header: truncated: got %llu bytes, need %llu", path,
                    (unsigned long long)(file_input_size(input->file) - LENGTH_BYTES),
                    (unsigned long long)size);
    TRY(NEW_ARRAY(text, (size_t)size));
    const enum weft_status status = read_header(input, text, (size_t)size);
    memory_free(text);
    return status;
}

enum weft_status safetensors_open(const char *path, struct safetensors *file)
{
    *file = (struct safetensors){0};
    TRY(NEW_ARRAY(file->input, 1));
    enum weft_status status = open_input(path, file->input);
    if (status == WEFT_OK)
        status = take_header(&file->input->header, file);
    if (status != WEFT_OK)
        safetensors_reset(file);
    return status;
}

/* Reads the values in the order of the data, which is also the order of the tensors. */
enum weft_status safetensors_load(struct safetensors *file)
{
    struct safetensors_input *input = file->input;
    if (input == NULL)
        return WEFT_OK;
    for (size_t i = 0; i < file->tensor_count; i++) {
        struct safetensor *tensor = &file->tensors[i];
        TRY(NEW_ARRAY(tensor->values, tensor->count));
        TRY(read_values(input->path, input->file, input->header.places[i].value_size, tensor));
    }
    safetensors_input_close(input);
    file->input = NULL;
    return WEFT_OK;
}

enum weft_status safetensors_read(const char *path, struct safetensors *file)
{
    TRY(safetensors_open(path, file));
    const enum weft_status status = safetensors_load(file);
    if (status != WEFT_OK)
        safetensors_reset(file);
    return status;
}
