/* What a checkpoint and a training run have in common: the table of numbers, and what must agree.
 * See checkpoint.h. */
#include "train/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "options/options.h"

/* ---- the metadata ---- */

#define ROW(KEY, TYPE, PRESENCE, MEMBER)                                                           \
    {                                                                                              \
        METADATA_MEMBER(KEY, TYPE, PRESENCE, struct checkpoint_record, MEMBER)                     \
    }

const struct metadata_field checkpoint_fields[] = {
    ROW("format", TEXT, ALWAYS, format),
    ROW("format_version", INTEGER, ALWAYS, format_version),
    ROW("weft_version", TEXT, ALWAYS, weft_version),
    ROW("device", TEXT, ALWAYS, device),
    ROW("data_train", INTEGER, ALWAYS, identity.train),
    ROW("data_validation", INTEGER, ALWAYS, identity.validation),
    ROW("data_test", INTEGER, ALWAYS, identity.test),
    ROW("data_scales", INTEGER, ALWAYS, identity.scales),
    ROW("epoch", INTEGER, ALWAYS, epoch),
    ROW("batch", INTEGER, ALWAYS, batch),
    ROW("steps", INTEGER, ALWAYS, steps),
    ROW("epochs", INTEGER, ALWAYS, epochs),
    ROW("recorded", INTEGER, ALWAYS, recorded),
    ROW("drops", INTEGER, ALWAYS, drops),
    ROW("best", REAL, SPARSE, best),
    ROW("best_epoch", INTEGER, ALWAYS, best_epoch),
    ROW("worse", INTEGER, ALWAYS, worse),
    ROW("plateau_best", REAL, SPARSE, plateau_best),
    ROW("plateau_epoch", INTEGER, ALWAYS, plateau_epoch),
    ROW("plateau_worse", INTEGER, ALWAYS, plateau_worse),
};
const size_t checkpoint_field_count = sizeof checkpoint_fields / sizeof *checkpoint_fields;

void checkpoint_option_key(const struct option_row *row, char key[CHECKPOINT_KEY_SIZE])
{
    snprintf(key, CHECKPOINT_KEY_SIZE, "option.%s", row->info.name);
}

void checkpoint_curve_name(size_t member, char name[CHECKPOINT_CURVE_SIZE])
{
    snprintf(name, CHECKPOINT_CURVE_SIZE, "finished_curve.%zu", member);
}

bool checkpoint_option_is_free(const struct option_row *row)
{
    return strcmp(row->info.name, "gemm") == 0 || strcmp(row->info.name, "check-every") == 0;
}

void checkpoint_digest(const struct safetensors *file, char text[CHECKPOINT_DIGEST_SIZE])
{
    uint64_t digest = DIGEST_START;
    for (size_t i = 0; i < file->entry_count; i++) {
        if (strcmp(file->entries[i].key, "digest") == 0)
            continue;
        digest = digest_text(digest, file->entries[i].key);
        digest = digest_text(digest, file->entries[i].value);
    }
    for (size_t i = 0; i < file->tensor_count; i++) {
        const struct safetensor *tensor = &file->tensors[i];
        digest = digest_text(digest, tensor->name);
        digest = digest_bytes(digest, &tensor->dimensions, sizeof tensor->dimensions);
        digest = digest_bytes(digest, tensor->shape, tensor->dimensions * sizeof *tensor->shape);
        digest = digest_bytes(digest, tensor->values, tensor->count * sizeof *tensor->values);
    }
    snprintf(text, CHECKPOINT_DIGEST_SIZE, "%016" PRIx64, digest);
}

/* ---- what must agree ---- */

/* Extends a digest by an array that may be missing. */
static uint64_t digest_array(uint64_t digest, const void *array, size_t bytes)
{
    const bool there = array != NULL;
    digest = digest_bytes(digest, &there, sizeof there);
    return there ? digest_bytes(digest, array, bytes) : digest;
}

/* Extends a digest by the samples, as the array of floats that they are, wherever they lie. */
static uint64_t digest_samples(uint64_t digest, const struct sample_rows *rows, size_t samples)
{
    enum { PIECE = 1024 };
    const size_t numbers = samples * rows->features;
    float piece[PIECE] = {0.0f};
    if (rows->bytes == NULL && rows->index == NULL)
        return digest_array(digest, rows->x, numbers * sizeof *rows->x);
    digest = digest_array(digest, piece, 0);
    for (size_t first = 0; first < numbers; first += PIECE) {
        const size_t count = size_min(PIECE, numbers - first);
        sample_rows_numbers(rows, first, count, piece);
        digest = digest_bytes(digest, piece, count * sizeof *piece);
    }
    return digest;
}

static uint64_t digest_dataset(const struct weft_dataset *dataset)
{
    if (dataset == NULL)
        return 0;
    const size_t n = dataset->samples, d = dataset->features, c = dataset->classes;
    const struct sample_rows rows = dataset_rows(dataset);
    const size_t sizes[] = {n, d, c, dataset->height, dataset->width, dataset->channels};
    uint64_t digest = digest_bytes(DIGEST_START, sizes, sizeof sizes);
    for (size_t i = 0; i < c; i++)
        digest = digest_text(digest, dataset->class_names[i]);
    digest = digest_samples(digest, &rows, n);
    digest = digest_array(digest, dataset->labels, n * sizeof *dataset->labels);
    digest = digest_array(digest, dataset->targets, n * c * sizeof *dataset->targets);
    return digest_array(digest, dataset->weights, n * sizeof *dataset->weights);
}

static uint64_t digest_scale(uint64_t digest, const struct scale *scale)
{
    digest = digest_array(digest, scale->mean, scale->features * sizeof *scale->mean);
    return digest_array(digest, scale->std, scale->features * sizeof *scale->std);
}

const struct training_identity *checkpoint_identify(struct weft_moment *moment)
{
    const struct training_sets *sets = moment->sets;
    if (moment->identified)
        return &moment->identity;
    moment->identity = (struct training_identity){
        .train = digest_dataset(sets->train),
        .validation = digest_dataset(sets->validation),
        .test = digest_dataset(sets->test),
        .scales = digest_scale(digest_scale(DIGEST_START, &moment->model->scale),
                               &moment->model->target_scale)};
    moment->identified = true;
    return &moment->identity;
}

static enum weft_status data_fit(const struct weft_checkpoint *checkpoint,
                                 struct weft_moment *moment)
{
    const struct training_identity *then = &checkpoint->record.identity,
                                   *now = checkpoint_identify(moment);
    const char *other = then->train != now->train             ? "training set"
                        : then->validation != now->validation ? "validation set"
                        : then->test != now->test             ? "test set"
                        : then->scales != now->scales         ? "scaling of the initial model"
                                                              : NULL;
    return other == NULL
               ? WEFT_OK
               : fail(WEFT_ERROR_MODEL,
                      "%s: the %s differs from that of the checkpoint; need the same data",
                      checkpoint->path, other);
}

static enum weft_status options_fit(const struct weft_checkpoint *checkpoint,
                                    const struct weft_options *options)
{
    char key[CHECKPOINT_KEY_SIZE], now[WEFT_OPTION_TEXT_SIZE];
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (checkpoint_option_is_free(row))
            continue;
        checkpoint_option_key(row, key);
        const char *then = safetensors_entry(&checkpoint->file, key);
        if (then == NULL) /* the option is newer than the checkpoint */
            then = row->rule.zero;
        option_write(options, row, now);
        if (then == NULL || strcmp(then, now) != 0)
            return fail(WEFT_ERROR_MODEL, "%s: %s: got %s, the checkpoint has %s", checkpoint->path,
                        row->info.name, now, then == NULL ? "none" : then);
    }
    return WEFT_OK;
}

enum weft_status checkpoint_fits(const struct weft_checkpoint *checkpoint,
                                 struct weft_moment *moment)
{
    if (strcmp(checkpoint->record.weft_version, weft_version()) != 0)
        return fail(
            WEFT_ERROR_MODEL,
            "%s: written by Weft %s, this is %s: a run must be resumed with the same version",
            checkpoint->path, checkpoint->record.weft_version, weft_version());
    TRY(data_fit(checkpoint, moment));
    return options_fit(checkpoint, moment->loop->options);
}
