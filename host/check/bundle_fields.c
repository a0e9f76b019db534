/* The tables of a bundle's metadata, and which of them a bundle contains. See bundle_fields.h. */
#include "check/bundle_fields.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "train/optimizer.h"

/* ---- tables ---- */

static const char bundle_format[] = "weft-bundle";
static const char *const engines[] = {
    [WEFT_GEMM_AUTO] = "auto", [WEFT_GEMM_CLBLAST] = "clblast", [WEFT_GEMM_OWN] = "fused"};
static const char *const versions[BUNDLE_VERSIONS] = {"1", "2"};
static const char *const digits[] = {"0", "1"};

/* The metadata that do not belong to the trial. */
struct heading {
    char format[16];
    unsigned version; /* index into `versions` */
    enum weft_gemm products;
    size_t outputs;
};

#define COUNT(ROWS)                    (sizeof(ROWS) / sizeof *(ROWS))
#define ROW(KEY, TYPE, STRUCT, MEMBER) METADATA_MEMBER(KEY, TYPE, ALWAYS, struct STRUCT, MEMBER)
#define POSITIVE(KEY, STRUCT, MEMBER)                                                              \
    {                                                                                              \
        ROW(KEY, REAL, STRUCT, MEMBER), .most = (double)FLT_MAX                                    \
    }
#define SIGNED(KEY, MEMBER)                                                                        \
    {                                                                                              \
        ROW(KEY, REAL, update_rule, MEMBER), .least = -(double)FLT_MAX, .most = (double)FLT_MAX    \
    }

static const struct metadata_field heading_fields[] = {
    {ROW("format", TEXT, heading, format)},
    {ROW("format_version", WORD, heading, version), .words = versions, .count = COUNT(versions)},
    {ROW("products", WORD, heading, products), .words = engines, .count = COUNT(engines)},
    {ROW("outputs", INTEGER, heading, outputs), .least = 1, .most = INT32_MAX},
};

static const struct metadata_field trial_fields[] = {
    POSITIVE("delta_factor", step_trial, loss.delta_factor),
    {ROW("true_class_only", TRUTH, step_trial, loss.true_class_only)},
    POSITIVE("learning_rate", step_trial, update.learning_rate),
    POSITIVE("l1", step_trial, update.l1),
    POSITIVE("l2", step_trial, update.l2),
    {ROW("penalty", TRUTH, step_trial, penalty)},
};

/* Present only if the batch runs in slices. */
static const struct metadata_field slice_fields[] = {
    {ROW("slices", INTEGER, step_trial, slices), .least = 2, .most = UINT32_MAX},
};

/* Present only if the update is more than w -= rate g. */
static const struct metadata_field update_fields[] = {
    {ROW("optimizer", WORD, update_rule, optimizer), .words = optimizer_names, .count = OPTIMIZERS},
    SIGNED("momentum", momentum),
    SIGNED("beta1", beta1),
    SIGNED("beta2", beta2),
    SIGNED("gain1", gain1),
    SIGNED("gain2", gain2),
    SIGNED("epsilon", epsilon),
    SIGNED("step", step),
    SIGNED("root", root),
    SIGNED("keep", decay_factor), /* the key is that of older bundles */
    SIGNED("clip_norm", clip_norm),
    SIGNED("average_gain", average_gain),
};

static const struct metadata_field augmentation_fields[] = {
    {ROW("augment_height", INTEGER, augmentation, height)},
    {ROW("augment_width", INTEGER, augmentation, width)},
    {ROW("augment_channels", INTEGER, augmentation, channels)},
    {ROW("augment_shift", INTEGER, augmentation, shift)},
    {ROW("augment_flip", TRUTH, augmentation, flip), .words = digits, .count = COUNT(digits)},
    {ROW("augment_erase", INTEGER, augmentation, erase)},
    {ROW("augment_mixup", REAL, augmentation, mixup), .most = DBL_MAX},
    {METADATA_MEMBER("augment_dropout", REAL, SPARSE, struct augmentation, dropout),
     .most = 0x1.fffffep-1},
};

static const struct metadata_field draw_fields[] = {
    {ROW("draw_seed", INTEGER, batch_draw, seed)},
    {ROW("draw_epoch", INTEGER, batch_draw, epoch)},
    {ROW("draw_batch", INTEGER, batch_draw, batch)},
};

/* ---- which tables a bundle contains ---- */

static bool update_is_plain(const struct update_rule *rule)
{
    return rule->optimizer == WEFT_OPTIMIZER_SGD && rule->clip_norm == 0.0f &&
           !update_averages(rule);
}

static bool has_dropout(const struct network *network)
{
    for (size_t l = 0; l < network->layer_count; l++)
        if (network->layers[l].dropout > 0.0f)
            return true;
    return false;
}

static bool augments(const struct step_trial *trial)
{
    return augmentation_of_images(&trial->augmentation) ||
           augmentation_of_features(&trial->augmentation);
}

/* Returns whether the step uses random numbers. */
static bool draws(const struct step_trial *trial)
{
    return trial->draw != NULL && (has_dropout(trial->network) || augments(trial));
}

/* Returns whether version 1 of the format can represent the step. */
static bool is_plain(const struct step_trial *trial)
{
    const struct network *network = trial->network;
    for (size_t l = 0; l + 1 < network->layer_count; l++)
        if (network->layers[l].activation != WEFT_ACTIVATION_SIGMOID)
            return false;
    return !has_dropout(network) && !network_has_norm(network) && !trial->targets.dense &&
           !augments(trial) && trial->slices <= 1 && update_is_plain(&trial->update);
}

/* ---- writing ---- */

static enum weft_status dropout_write(struct safetensors *file, const struct network *network)
{
    char name[BUNDLE_NAME_SIZE], text[NUMBER_TEXT_SIZE];
    for (size_t l = 0; l + 1 < network->layer_count; l++) {
        if (network->layers[l].dropout == 0.0f)
            continue;
        snprintf(name, sizeof name, "dropout.%zu", l);
        number_to_text((double)network->layers[l].dropout, text);
        TRY(safetensors_add_entry(file, name, text));
    }
    return WEFT_OK;
}

enum weft_status bundle_fields_write(struct safetensors *file, const struct step_trial *trial,
                                     enum weft_gemm products)
{
    const struct network_metadata network = network_metadata_of(trial->network);
    struct heading heading = {.version = !is_plain(trial),
                              .products = products,
                              .outputs = network_outputs(trial->network)};
    snprintf(heading.format, sizeof heading.format, "%s", bundle_format);
    TRY(metadata_write(file, heading_fields, COUNT(heading_fields), &heading));
    TRY(network_metadata_write(file, &network));
    TRY(dropout_write(file, trial->network));
    TRY(metadata_write(file, trial_fields, COUNT(trial_fields), trial));
    if (trial->slices > 1)
        TRY(metadata_write(file, slice_fields, COUNT(slice_fields), trial));
    if (!update_is_plain(&trial->update))
        TRY(metadata_write(file, update_fields, COUNT(update_fields), &trial->update));
    if (!draws(trial))
        return WEFT_OK;
    TRY(metadata_write(file, augmentation_fields, COUNT(augmentation_fields),
                       &trial->augmentation));
    return metadata_write(file, draw_fields, COUNT(draw_fields), trial->draw);
}

/* ---- reading ---- */

enum weft_status bundle_heading_read(struct metadata_source source, enum weft_gemm *products,
                                     size_t *outputs)
{
    const char *format = safetensors_entry(source.file, "format");
    struct heading heading;
    if (format == NULL || strcmp(format, bundle_format) != 0)
        return fail(WEFT_ERROR_MODEL,
                    "%s: not a bundle: need a file that weft train --check-every wrote",
                    source.path);
    TRY(metadata_read(source, heading_fields, COUNT(heading_fields), &heading));
    *products = heading.products;
    *outputs = heading.outputs;
    return WEFT_OK;
}

/* Fails if the augmentation does not fit the trial's samples. */
static enum weft_status augmentation_check(struct metadata_source source,
                                           const struct step_trial *trial)
{
    const struct augmentation *a = &trial->augmentation;
    const size_t features = network_features(trial->network);
    const bool images = a->height > 0 && a->height <= UINT16_MAX && a->width > 0 &&
                        a->width <= UINT16_MAX && a->channels <= features &&
                        a->height * a->width * a->channels == features;
    if (augmentation_of_images(a) && !(images && a->shift < a->height && a->shift < a->width &&
                                       a->erase <= a->height && a->erase <= a->width))
        return fail(WEFT_ERROR_MODEL, "%s: augment_height: images of %zux%zux%zu cannot be",
                    source.path, a->height, a->width, a->channels);
    if (a->mixup > 0.0 && !trial->targets.dense)
        return fail(WEFT_ERROR_MODEL, "%s: augment_mixup: needs targets.rule", source.path);
    return WEFT_OK;
}

static bool has(struct metadata_source source, const struct metadata_field *rows)
{
    return safetensors_entry(source.file, rows->key) != NULL;
}

enum weft_status bundle_fields_read(struct metadata_source source, struct step_trial *trial,
                                    struct batch_draw *draw)
{
    TRY(metadata_read(source, trial_fields, COUNT(trial_fields), trial));
    if (has(source, slice_fields))
        TRY(metadata_read(source, slice_fields, COUNT(slice_fields), trial));
    if (trial->slices > trial->batch)
        return fail(WEFT_ERROR_MODEL, "%s: slices: got %zu, need at most the %zu samples",
                    source.path, trial->slices, trial->batch);
    if (has(source, update_fields))
        TRY(metadata_read(source, update_fields, COUNT(update_fields), &trial->update));
    if (!has(source, augmentation_fields))
        return WEFT_OK;
    TRY(metadata_read(source, augmentation_fields, COUNT(augmentation_fields),
                      &trial->augmentation));
    TRY(metadata_read(source, draw_fields, COUNT(draw_fields), draw));
    trial->draw = draw;
    return augmentation_check(source, trial);
}
