/* Implements curve_metadata.h: thins curves, and writes and reads their lists. */
#include "network/curve_metadata.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "network/metadata_table.h"

enum {
    MOST_EPOCHS = 500,
    MOST_BYTES = 1 << 17, /* of all curves of a file */
    NUMBER_BYTES = 12,    /* a number and its comma, generously */
    KEY_SIZE = 64,
    LISTS = CURVE_VALUES + 1 /* the epochs, too */
};

/* A list of the metadata, and the range of its numbers. */
static const struct curve_list {
    const char *key;
    float least, most;
} lists[CURVE_VALUES] = {[CURVE_ERROR] = {"curve_error", -INFINITY, INFINITY},
                         [CURVE_TRAIN_ACCURACY] = {"curve_train_accuracy", 0.0f, 1.0f},
                         [CURVE_VALIDATION_ACCURACY] = {"curve_validation_accuracy", 0.0f, 1.0f},
                         [CURVE_VALIDATION_R2] = {"curve_validation_r2", -INFINITY, 1.0f},
                         [CURVE_LEARNING_RATE] = {"curve_learning_rate", 0.0f, INFINITY}};
static const char epoch_key[] = "curve_epoch";

/* Writes the key of a list of member `member`; the first model is member 0. */
static void key_of(size_t member, const char *name, char key[KEY_SIZE])
{
    if (member == 0)
        snprintf(key, KEY_SIZE, "%s", name);
    else
        snprintf(key, KEY_SIZE, "members.%zu.%s", member, name);
}

/* ---- how many epochs a file keeps ---- */

/* Returns the bytes that the header of the file takes without curves, or a few more. A quote or a
 * backslash of a value takes 2 bytes. */
static size_t header_bytes(const struct safetensors *file)
{
    enum { AROUND_TENSOR = 160, AROUND_ENTRY = 16 };
    size_t bytes = 0;
    for (size_t i = 0; i < file->tensor_count; i++)
        bytes += strlen(file->tensors[i].name) + AROUND_TENSOR;
    for (size_t i = 0; i < file->entry_count; i++) {
        bytes += strlen(file->entries[i].key) + AROUND_ENTRY;
        for (const char *c = file->entries[i].value; *c != '\0'; c++)
            bytes += *c == '"' || *c == '\\' ? 2 : 1;
    }
    return bytes;
}

/* Returns how many epochs of each member the file has room for. */
static size_t epochs_kept(const struct weft_model *model, const struct safetensors *file)
{
    const size_t members = model->member_count + 1, used = header_bytes(file);
    const size_t left = SAFETENSORS_MAX_HEADER - size_min(used, SAFETENSORS_MAX_HEADER);
    const size_t each = size_min(left / 2, MOST_BYTES) / members; /* the other half is for errors */
    const size_t keys = LISTS * KEY_SIZE;
    return each > keys ? size_min((each - keys) / (LISTS * NUMBER_BYTES), MOST_EPOCHS) : 0;
}

/* Returns the number of the last epoch of all curves. */
static size_t last_epoch(const struct weft_model *model)
{
    size_t last = 0;
    for (size_t m = 0; m <= model->member_count; m++) {
        const struct curve *curve = model_curve(model, m);
        if (curve->count > 0)
            last = size_max(last, curve->points[curve->count - 1].epoch);
    }
    return last;
}

/* Which points of a curve a file keeps: epoch 1 and every `stride`th one after it. The stride is a
 * power of two, so a curve that was read and is written again stays as it is. The members of an
 * ensemble keep the same epochs, so that each point of their mean is a mean of all of them. */
struct thinning {
    size_t stride;
    bool ends; /* keep the last and the best epoch, too */
};

/* Makes a copy with the points that a file keeps. */
static enum weft_status thin(const struct curve *curve, struct thinning thinning,
                             struct curve *kept)
{
    const size_t best = curve_best(curve);
    for (size_t i = 0; i < curve->count; i++) {
        struct curve_point *point;
        const bool end = i == best || i + 1 == curve->count;
        if ((curve->points[i].epoch - 1) % thinning.stride != 0 && !(thinning.ends && end))
            continue;
        TRY(curve_grow(kept, &point));
        *point = curve->points[i];
    }
    return WEFT_OK;
}

/* ---- writing ---- */

/* Writes the epochs of a curve, or a value of them if `value` is not CURVE_VALUES, to `text`
 * [count][NUMBER_TEXT_SIZE]. Returns false if no epoch has this value. */
static bool list_text(const struct curve *curve, enum curve_value value, char *text)
{
    bool any = false;
    for (size_t i = 0; i < curve->count; i++) {
        char number[NUMBER_TEXT_SIZE] = "-";
        const struct curve_point *point = &curve->points[i];
        if (value == CURVE_VALUES)
            snprintf(number, sizeof number, "%" PRIu32, point->epoch);
        else if (isfinite(point->values[value]))
            number_float_to_text(point->values[value], number);
        any = any || number[0] != '-' || number[1] != '\0';
        text += snprintf(text, NUMBER_TEXT_SIZE, i > 0 ? ",%s" : "%s", number);
    }
    return any;
}

/* Writes the lists of a curve with points; `text` has room for each of them. */
static enum weft_status lists_write(const struct curve *curve, size_t member, char *text,
                                    struct safetensors *file)
{
    char key[KEY_SIZE];
    for (size_t v = 0; v < LISTS; v++) {
        if (!list_text(curve, (enum curve_value)v, text))
            continue;
        key_of(member, v < CURVE_VALUES ? lists[v].key : epoch_key, key);
        TRY(safetensors_add_entry(file, key, text));
    }
    return WEFT_OK;
}

static enum weft_status kept_write(const struct curve *kept, size_t member,
                                   struct safetensors *file)
{
    char *text = NULL;
    if (kept->count == 0)
        return WEFT_OK;
    TRY(NEW_ARRAY(text, kept->count * NUMBER_TEXT_SIZE));
    const enum weft_status status = lists_write(kept, member, text, file);
    memory_free(text);
    return status;
}

enum weft_status curve_metadata_write(const struct weft_model *model, struct safetensors *file)
{
    const size_t most = epochs_kept(model, file), last = last_epoch(model);
    if (most == 0 || last == 0)
        return WEFT_OK;
    struct thinning thinning = {.stride = 1, .ends = model->member_count == 0};
    while (size_divide_up(last, thinning.stride) > most)
        thinning.stride *= 2;
    for (size_t m = 0; m <= model->member_count; m++) {
        struct curve kept = {.points = NULL};
        enum weft_status status = thin(model_curve(model, m), thinning, &kept);
        if (status == WEFT_OK)
            status = kept_write(&kept, m, file);
        curve_reset(&kept);
        TRY(status);
    }
    return WEFT_OK;
}

/* ---- reading ---- */

/* Copies the next item of a list. Returns false at the end of the list and for an item that is too
 * long for a number. `*list` is NULL after the last item. */
static bool take_item(const char **list, char item[NUMBER_TEXT_SIZE])
{
    if (*list == NULL)
        return false;
    const size_t length = strcspn(*list, ",");
    if (length >= NUMBER_TEXT_SIZE)
        return false;
    memcpy(item, *list, length);
    item[length] = '\0';
    *list = (*list)[length] == ',' ? *list + length + 1 : NULL;
    return true;
}

static enum weft_status read_epochs(struct metadata_source source, const char *key,
                                    struct curve *curve)
{
    const char *list = safetensors_entry(source.file, key);
    uint64_t before = 0;
    while (list != NULL) {
        char item[NUMBER_TEXT_SIZE];
        struct curve_point *point;
        uint64_t epoch = 0;
        if (!take_item(&list, item) || !integer_from_text(item, &epoch) || epoch <= before ||
            epoch > INT32_MAX)
            return metadata_fail(source, key, "a list of ascending whole numbers");
        TRY(curve_grow(curve, &point));
        *point = (struct curve_point){.epoch = (uint32_t)epoch};
        for (size_t v = 0; v < CURVE_VALUES; v++)
            point->values[v] = NAN;
        before = epoch;
    }
    return WEFT_OK;
}

/* Reads an item of a list: a number in its range, or "-", which gives NaN. */
static bool read_item(const char *item, const struct curve_list *range, float *value)
{
    double number = 0.0;
    *value = NAN;
    if (strcmp(item, "-") == 0)
        return true;
    if (!number_from_text(item, &number))
        return false;
    *value = number_to_float(number);
    return isfinite(*value) && *value >= range->least && *value <= range->most;
}

static enum weft_status read_values(struct metadata_source source, const char *key,
                                    enum curve_value value, struct curve *curve)
{
    const char *list = safetensors_entry(source.file, key);
    if (list == NULL)
        return WEFT_OK;
    for (size_t i = 0; i < curve->count; i++) {
        char item[NUMBER_TEXT_SIZE];
        if (!take_item(&list, item) ||
            !read_item(item, &lists[value], &curve->points[i].values[value]))
            return metadata_fail(source, key, "a number or - for each epoch of the curve");
    }
    return list == NULL ? WEFT_OK
                        : metadata_fail(source, key, "one number for each epoch of the curve");
}

enum weft_status curve_metadata_read(const char *path, const struct safetensors *file,
                                     struct weft_model *model)
{
    const struct metadata_source source = {.path = path, .file = file};
    for (size_t m = 0; m <= model->member_count; m++) {
        struct curve *curve = m == 0 ? &model->curve : &model->members[m - 1]->curve;
        char key[KEY_SIZE];
        key_of(m, epoch_key, key);
        TRY(read_epochs(source, key, curve));
        for (size_t v = 0; v < CURVE_VALUES && curve->count > 0; v++) {
            key_of(m, lists[v].key, key);
            TRY(read_values(source, key, (enum curve_value)v, curve));
        }
    }
    return WEFT_OK;
}
