/* Implements weft_embed.h: maps of samples, the choice of samples, and activations of layers. */
#include "weft_embed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/device_record.h"
#include "api/predictor.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/split.h"
#include "embed/embed.h"

/* ---- options ---- */

void weft_embed_options_init_sized(struct weft_embed_options *options, size_t size)
{
    const struct weft_embed_options usual = {
        .size = size, .method = WEFT_EMBED_TSNE, .iterations = 1000, .exaggeration = 12.0};
    memset(options, 0, size);
    memcpy(options, &usual, size_min(size, sizeof usual));
}

/* Copies the members that the caller knows, and settles them. */
static enum weft_status options_copy(const struct weft_embed_options *from, size_t samples,
                                     size_t features, struct weft_embed_options *to)
{
    weft_embed_options_init(to);
    if (from != NULL)
        memcpy(to, from, size_min(from->size, sizeof *to));
    return embed_options_settle(to, samples, features);
}

enum weft_status weft_embed_check(const struct weft_embed_options *options, size_t samples,
                                  size_t features, double *bytes)
{
    struct weft_embed_options settled;
    *bytes = 0.0;
    TRY(options_copy(options, samples, features, &settled));
    *bytes = embed_bytes(&settled, samples, features);
    return WEFT_OK;
}

/* ---- the map ---- */

/* Tests the kernels, and a product like those that compute distances. */
static enum weft_status device_test(struct weft_device *device, size_t samples, size_t features)
{
    enum { BLOCK = 1024 };
    const size_t block = size_min(samples, BLOCK);
    struct network network;
    TRY(network_init(&network, (size_t[]){features, block}, 1, WEFT_HEAD_IDENTITY, false));
    const struct check_plan plan = {
        .network = &network, .block = block, .primitives = primitive_bit(PRIMITIVE_REPULSION)};
    const enum weft_status status = device_known_answers(device, &plan);
    network_reset(&network);
    return status;
}

static enum weft_status features_check(const float *x, size_t samples, size_t features)
{
    for (size_t i = 0; i < samples * features; i++)
        if (!isfinite(x[i]))
            return fail(WEFT_ERROR_DATA, "samples: sample %zu, feature %zu is not finite",
                        i / features, i % features);
    return WEFT_OK;
}

enum weft_status weft_embed(struct weft_device *device, const float *x, size_t samples,
                            size_t features, const struct weft_embed_options *options,
                            float *coordinates, struct weft_embedding *embedding)
{
    struct weft_embed_options settled;
    TRY(options_copy(options, samples, features, &settled));
    if (settled.method == WEFT_EMBED_TSNE && device == NULL)
        return fail(WEFT_ERROR_USAGE, "device: t-SNE needs one");
    TRY(features_check(x, samples, features));
    if (settled.method == WEFT_EMBED_TSNE)
        TRY(device_test(device, samples, features));
    return embed_run(device, x, samples, features, &settled, coordinates, embedding);
}

/* ---- the choice of samples ---- */

/* Stores the numbers of the taken samples. */
static void rows_list(const bool *taken, size_t samples, size_t *rows)
{
    for (size_t i = 0; i < samples; i++)
        if (taken == NULL || taken[i])
            *rows++ = i;
}

enum weft_status weft_embed_choose(const struct weft_dataset *dataset, size_t count, uint64_t seed,
                                   size_t *rows)
{
    const size_t samples = dataset->samples;
    const struct split split = {.samples = samples,
                                .fraction = (double)count / (double)samples,
                                .seed = seed,
                                .labels = dataset->labels,
                                .classes = dataset->classes};
    bool *taken = NULL; /* [N] */
    size_t chosen = 0;
    if (count == 0 || count > samples)
        return fail(WEFT_ERROR_USAGE, "%s: samples to choose: got %zu, need 1 to %zu",
                    dataset->name, count, samples);
    if (count == samples) {
        rows_list(NULL, samples, rows);
        return WEFT_OK;
    }
    TRY(NEW_ARRAY(taken, samples));
    const enum weft_status status = split_choose(&split, taken, &chosen);
    for (size_t i = 0; status == WEFT_OK && i < samples && chosen < count; i++) {
        chosen += !taken[i]; /* split_choose leaves a sample of each class to the other part */
        taken[i] = true;
    }
    if (status == WEFT_OK)
        rows_list(taken, samples, rows);
    memory_free(taken);
    return status;
}

/* ---- the file ---- */

enum { LINE_SIZE = 160 }; /* bytes of a line besides its label, at most */

/* Appends a label, in quotes, which it doubles. Returns its end. */
static char *label_append(char *to, const char *label)
{
    *to++ = '"';
    for (; *label != '\0'; label++) {
        if (*label == '"')
            *to++ = '"';
        *to++ = *label;
    }
    *to++ = '"';
    return to;
}

/* Appends the line of sample i. Returns its end. */
static char *line_append(char *to, const struct weft_embed_table *table, size_t i)
{
    const size_t row = table->rows != NULL ? table->rows[i] : i;
    char x[NUMBER_TEXT_SIZE], y[NUMBER_TEXT_SIZE], target[NUMBER_TEXT_SIZE] = "";
    number_float_to_text(table->coordinates[2 * i], x);
    number_float_to_text(table->coordinates[2 * i + 1], y);
    to += snprintf(to, LINE_SIZE, "%s,%s,", x, y);
    if (table->labels != NULL)
        to = label_append(to, table->class_names[table->labels[row]]);
    else if (table->targets != NULL)
        number_float_to_text(table->targets[row * table->target_count], target);
    return to + snprintf(to, LINE_SIZE, "%s,%zu\n", target, row);
}

enum weft_status weft_embed_write(const struct weft_embed_table *table, const char *path)
{
    static const char header[] = "x,y,label,index\n";
    size_t size = sizeof header + table->samples * LINE_SIZE;
    for (size_t i = 0; i < table->samples && table->labels != NULL; i++) {
        const size_t row = table->rows != NULL ? table->rows[i] : i;
        size += 2 * strlen(table->class_names[table->labels[row]]) + 2;
    }
    char *text, *end;
    TRY(NEW_ARRAY(text, size));
    memcpy(text, header, sizeof header - 1);
    end = text + sizeof header - 1;
    for (size_t i = 0; i < table->samples; i++)
        end = line_append(end, table, i);
    const struct file_part part = {.data = text, .size = (size_t)(end - text)};
    const enum weft_status status = file_replace(path, &part, 1);
    memory_free(text);
    return status;
}

/* ---- activations ---- */

static enum weft_status activations_finite(const float *activations, size_t samples, size_t units)
{
    for (size_t i = 0; i < samples * units; i++)
        if (!isfinite(activations[i]))
            return fail(WEFT_ERROR_DATA,
                        "samples: sample %zu: the activation of unit %zu is not finite", i / units,
                        i % units);
    return WEFT_OK;
}

static enum weft_status activations_run(struct predictor *predictor, size_t layer,
                                        float *activations)
{
    const size_t samples = predictor->source.samples;
    const size_t units = predictor->model->network.layers[layer].outputs;
    for (size_t first = 0; first < samples; first += PASS_BLOCK)
        TRY(pass_activations(&predictor->pass, predictor->data, first,
                             size_min(PASS_BLOCK, samples - first), layer,
                             activations + first * units));
    return activations_finite(activations, samples, units);
}

enum weft_status weft_model_activations(struct weft_device *device, const struct weft_model *model,
                                        const float *x, size_t samples, size_t layer,
                                        float *activations)
{
    const struct network *network = &model->network;
    const size_t features = network_features(network);
    struct predictor predictor = {.device = device,
                                  .model = model,
                                  .samples = {"samples", {.features = features, .x = x}, 0}};
    if (layer == 0 || layer > network->layer_count)
        return fail(WEFT_ERROR_USAGE, "layer %zu: the model has the layers 1 to %zu", layer,
                    network->layer_count);
    if (samples == 0)
        return WEFT_OK;
    TRY(features_check(x, samples, features));
    enum weft_status status = predictor_open(&predictor, samples, NULL);
    if (status == WEFT_OK)
        status = activations_run(&predictor, layer - 1, activations);
    predictor_close(&predictor);
    return status;
}
