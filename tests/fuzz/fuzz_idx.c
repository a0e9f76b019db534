/* Fuzzes the reader of IDX pairs.
 *
 * The input starts with two bytes, big-endian: the length of the images file. That file follows,
 * and the rest is the labels file; without a rest there are no labels. Nothing may crash. In
 * addition, the result is compared with a second implementation of the format below. The reader
 * must accept a file of integers exactly if it is valid, and return the values in it.
 */
#include <math.h>
#include <string.h>

#include "data/idx.h"
#include "fuzz_target.h"
#include "memory_files.h"

enum { MOST_LABELS = 65536, MOST_TARGETS = 65536 };

/* A file as the format says it. */
struct file {
    const uint8_t *bytes; /* [size] */
    size_t size;
    bool right; /* header and size agree */
    unsigned type;
    size_t width; /* bytes of a value */
    uint64_t samples, features;
    const uint8_t *values;
};

static size_t width_of(unsigned type)
{
    static const unsigned char widths[16] = {
        [8] = 1, [9] = 1, [11] = 2, [12] = 4, [13] = 4, [14] = 8};
    return type < sizeof widths ? widths[type] : 0;
}

static struct file parse(const uint8_t *bytes, size_t size)
{
    struct file file = {.bytes = bytes, .size = size, .features = 1};
    if (size < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[3] < 1 || bytes[3] > 8)
        return file;
    const size_t header = 4 + 4 * (size_t)bytes[3];
    file.type = bytes[2];
    file.width = width_of(file.type);
    if (size < header || file.width == 0)
        return file;
    uint64_t need = file.width; /* stays under 2^16 2^32, since the file does */
    for (size_t i = 0; i < bytes[3]; i++) {
        const uint8_t *b = &bytes[4 + 4 * i];
        const uint64_t n = b[0] * 16777216ULL + b[1] * 65536ULL + b[2] * 256ULL + b[3];
        if (n == 0 || need * n > size - header)
            return file;
        need *= n;
        *(i == 0 ? &file.samples : &file.features) *= n;
        if (i == 0)
            file.samples = n;
    }
    file.values = bytes + header;
    file.right = need == size - header;
    return file;
}

static bool is_float(const struct file *file)
{
    return file->type == 13 || file->type == 14;
}

/* Value `index` of a file of integers. */
static int64_t integer_at(const struct file *file, size_t index)
{
    const uint8_t *b = file->values + index * file->width;
    int64_t value = file->type == 8 || b[0] < 128 ? b[0] : (int64_t)b[0] - 256;
    for (size_t i = 1; i < file->width; i++)
        value = value * 256 + b[i];
    return value;
}

static bool labels_are_right(const struct file *labels, uint64_t samples)
{
    if (!labels->right || is_float(labels) || labels->bytes[3] != 1 || labels->samples != samples)
        return false;
    for (size_t i = 0; i < labels->samples; i++)
        if (integer_at(labels, i) < 0 || integer_at(labels, i) >= MOST_LABELS)
            return false;
    return true;
}

/* Numbers of two dimensions, or floating-point ones of one. */
static bool are_targets(const struct file *labels)
{
    return labels->bytes[3] == 2 || (labels->bytes[3] == 1 && is_float(labels));
}

static bool targets_are_right(const struct file *labels, uint64_t samples)
{
    return labels->right && are_targets(labels) && labels->samples == samples &&
           labels->features <= MOST_TARGETS;
}

static void check_targets(const struct weft_dataset_info *info, const struct file *labels)
{
    REQUIRE(info->labels == NULL && info->targets != NULL);
    REQUIRE(info->classes == labels->features);
    for (size_t i = 0; i < info->samples * info->classes; i++) {
        REQUIRE(isfinite(info->targets[i]));
        REQUIRE(is_float(labels) || info->targets[i] == (float)integer_at(labels, i));
    }
}

/* What was read is what the files say. */
static void check_dataset(const struct weft_dataset_info *info, const struct file *images,
                          const struct file *labels)
{
    int64_t largest = 0;
    REQUIRE(info->samples == images->samples && info->features == images->features);
    for (size_t i = 0; i < info->samples * info->features; i++) {
        REQUIRE(isfinite(info->x[i]));
        REQUIRE(is_float(images) || info->x[i] == (float)integer_at(images, i));
    }
    if (labels != NULL && are_targets(labels)) {
        check_targets(info, labels);
        return;
    }
    REQUIRE((info->labels != NULL) == (labels != NULL) && info->targets == NULL);
    if (labels == NULL)
        return;
    for (size_t i = 0; i < info->samples; i++) {
        REQUIRE(info->labels[i] == integer_at(labels, i));
        largest = info->labels[i] > largest ? info->labels[i] : largest;
    }
    REQUIRE(info->classes == (size_t)largest + 1);
}

static void check_pair(const struct file *images, const struct file *labels)
{
    struct weft_dataset *dataset;
    struct weft_dataset_info info;
    const enum weft_status status = idx_read_pair("images", labels != NULL ? "labels" : NULL, false,
                                                  IDX_BY_TYPE, "fuzz", 0, NULL, &dataset);
    const bool right =
        images->right && (labels == NULL || labels_are_right(labels, images->samples) ||
                          targets_are_right(labels, images->samples));
    const bool floats = is_float(images) || (labels != NULL && is_float(labels)); /* may be NaN */
    REQUIRE(status == WEFT_OK || status == WEFT_ERROR_DATA);
    REQUIRE(right || status != WEFT_OK);
    REQUIRE(!right || floats || status == WEFT_OK);
    REQUIRE((dataset != NULL) == (status == WEFT_OK));
    REQUIRE(status == WEFT_OK || strstr(weft_error(), ": ") != NULL);
    if (status != WEFT_OK)
        return;
    weft_dataset_get_info(dataset, &info);
    check_dataset(&info, images, labels);
    weft_dataset_destroy(dataset);
}

/* Gzip has a target of its own, with another truth. */
static bool is_gzip(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t length = (size_t)data[0] << 8 | data[1];
    data += 2;
    size -= 2;
    length = length < size ? length : size;
    if (is_gzip(data, size) || is_gzip(data + length, size - length))
        return 0;
    const struct file images = parse(data, length), labels = parse(data + length, size - length);
    memory_files_set("images", data, length);
    memory_files_set("labels", data + length, size - length);
    check_pair(&images, size > length ? &labels : NULL);
    memory_files_clear();
    return 0;
}
