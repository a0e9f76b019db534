/* Judges how a device makes a batch. See batch_judge.h. */
#include "check/batch_judge.h"

#include <stdio.h>

#include "base/clones.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "check/error_analysis.h"
#include "train/slice_group.h"

/* A judgment in progress. Everything is borrowed. */
struct batch {
    const struct step_trial *trial;
    const struct step_capture *capture;
    struct precision in;
    const float *raw; /* [B][D] the samples after the augmentation of images */
    double share;     /* of each sample in mixup; 1 without mixup */
    double *worst;    /* [B] scratch */
};

struct judged_number {
    double want, bound;
};

/* ---- features ---- */

struct ref_images batch_images(const struct augmentation *augmentation,
                               const struct batch_draw *draw)
{
    return (struct ref_images){.height = augmentation->height,
                               .width = augmentation->width,
                               .channels = augmentation->channels,
                               .shift = augmentation->shift,
                               .erase = augmentation->erase,
                               .flip = augmentation->flip,
                               .seed = draw->seed,
                               .epoch = draw->epoch,
                               .batch = draw->batch};
}

/* Sets *raw to the augmented images of the batch, [B][D], before standardization. The caller frees
 * them. Leaves it alone if augmentation does not change images. */
static enum weft_status images_augment(const struct step_trial *trial, float **raw)
{
    const size_t features = network_features(trial->network);
    if (trial->draw == NULL || !augmentation_of_images(&trial->augmentation))
        return WEFT_OK;
    const struct ref_images images = batch_images(&trial->augmentation, trial->draw);
    TRY(NEW_ARRAY(*raw, trial->batch * features));
    for (size_t row = 0; row < trial->batch; row++) {
        int32_t draw[5];
        ref_image_draw(&images, row, draw);
        for (size_t f = 0; f < features; f++) {
            const size_t from = ref_image_source(&images, draw, f);
            (*raw)[row * features + f] = from == SIZE_MAX ? 0.0f : trial->x[row * features + from];
        }
    }
    return WEFT_OK;
}

static double share_of(const struct step_trial *trial)
{
    if (trial->draw == NULL || !(trial->augmentation.mixup > 0.0))
        return 1.0;
    return (double)mixup_share(trial->augmentation.mixup, trial->draw->seed, trial->draw->epoch,
                               trial->draw->batch);
}

/* x' = (x - mean) / std */
static struct judged_number standardized(const struct batch *batch, size_t i)
{
    const struct scale *scale = batch->trial->scale;
    const size_t f = i % network_features(batch->trial->network);
    if (scale == NULL || scale->features == 0)
        return (struct judged_number){(double)batch->raw[i], 0.0};
    const double difference = (double)batch->raw[i] - (double)scale->mean[f];
    const double std = (double)scale->std[f];
    return (struct judged_number){difference / std, standardized_bound(batch->in, difference, std)};
}

/* share a + (1 - share) b, with the errors of both; just a without mixup */
static struct judged_number mixed(const struct batch *batch, struct judged_number a,
                                  struct judged_number b)
{
    const double share = batch->share, rest = 1.0 - share;
    const double size = share * fabs(a.want) + rest * fabs(b.want);
    if (share == 1.0)
        return a;
    return (struct judged_number){share * a.want + rest * b.want,
                                  mixed_bound(batch->in, size, share * a.bound + rest * b.bound)};
}

/* Returns whether dropout applies to the features. */
static bool drops(const struct step_trial *trial)
{
    return trial->draw != NULL && trial->augmentation.dropout > 0.0f;
}

/* Returns feature `i` after dropout: 0, or x times 1 / (1 - share). */
static struct judged_number dropped(const struct batch *batch, size_t i, struct judged_number x)
{
    const struct step_trial *trial = batch->trial;
    if (!drops(trial))
        return x;
    const struct ref_draw draw = {trial->draw->seed, trial->draw->epoch, trial->draw->batch};
    const double factor =
        ref_dropout(&draw, DROPOUT_OF_INPUT, (double)trial->augmentation.dropout, i);
    const double want = factor * x.want;
    return (struct judged_number){want, dropout_bound(batch->in, want, factor * x.bound)};
}

/* Returns the row that mixup pairs with `row`: they lie symmetrically in their slice. */
static size_t partner_of(const struct step_trial *trial, size_t row)
{
    const size_t slices = size_max(trial->slices, 1);
    size_t first = 0, rows = 0;
    slice_range(trial->batch, slices, ((row + 1) * slices - 1) / trial->batch, &first, &rows);
    return first + (first + rows - 1 - row);
}

/* Returns feature `i` of [B][D] after standardization, mixup and dropout. */
static struct judged_number feature(const struct batch *batch, size_t i)
{
    const size_t features = network_features(batch->trial->network), row = i / features;
    const size_t other = partner_of(batch->trial, row) * features + i % features;
    return dropped(batch, i, mixed(batch, standardized(batch, i), standardized(batch, other)));
}

/* Returns about the largest |got - want| / bound in a row of standardized samples, never less, or
 * infinity if a number is not finite. `relative` is the bound relative to `want`. Millions of
 * numbers are right, so this loop is vector code, which result_note is not. */
VECTOR_CLONES
static double row_worst(const float *x, const float *mean, const float *std, const float *got,
                        size_t features, double relative)
{
    double worst = 0.0, poison = 0.0;
#pragma omp simd reduction(max : worst) reduction(+ : poison)
    for (size_t f = 0; f < features; f++) {
        const double want = ((double)x[f] - (double)mean[f]) / (double)std[f];
        const double ratio = fabs((double)got[f] - want) / (relative * fabs(want) + 0x1p-1000);
        worst = ratio > worst ? ratio : worst;
        poison += ratio * 0.0;
    }
    return poison == 0.0 ? worst : HUGE_VAL;
}

struct rows_worst {
    const struct batch *batch;
    const struct scale *scale; /* NULL: result_note judges all rows */
};

static void rows_worst_piece(const void *work, size_t first, size_t count)
{
    const struct rows_worst *of = work;
    const struct batch *batch = of->batch;
    const size_t features = network_features(batch->trial->network);
    const double relative = roundings_bound(batch->in, 1 + DIVIDE_U); /* of standardized_bound */
    for (size_t row = first; row < first + count; row++)
        batch->worst[row] =
            of->scale != NULL
                ? row_worst(batch->raw + row * features, of->scale->mean, of->scale->std,
                            batch->capture->x + row * features, features, relative)
                : HUGE_VAL;
}

static void row_judge(const struct batch *batch, size_t row, struct check_result *result)
{
    const size_t features = network_features(batch->trial->network);
    for (size_t i = row * features; i < (row + 1) * features; i++) {
        const struct judged_number x = feature(batch, i);
        result_note(result, i, (double)batch->capture->x[i], x.want, x.bound);
    }
}

/* Judges the samples themselves, standardized if there is a scale. */
static void gather_judge(const struct batch *batch, const struct check_sink *sink)
{
    const struct step_trial *trial = batch->trial;
    const size_t features = network_features(trial->network);
    const bool quick =
        trial->scale != NULL && trial->scale->features > 0 && batch->share == 1.0 && !drops(trial);
    const struct rows_worst work = {batch, quick ? trial->scale : NULL};
    struct check_result result;
    result_begin(&result, "gather", "x");
    snprintf(result.shape, sizeof result.shape, "%zux%zu", trial->batch, features);
    parallel_for(trial->batch, SHARE_SAMPLES, trial->batch * features > THREADS_PAY,
                 rows_worst_piece, &work);
    for (size_t row = 0; row < trial->batch; row++)
        if (row == 0 || batch->worst[row] > result.worst)
            row_judge(batch, row, &result);
    sink->result(sink->user, &result);
}

/* ---- dense targets ---- */

/* y = share t + spread, where t comes from the labels or the data */
static struct judged_number target(const struct batch *batch, size_t row, size_t column)
{
    const struct step_trial *trial = batch->trial;
    const double share = (double)trial->targets.share, spread = (double)trial->targets.spread;
    const size_t columns = network_outputs(trial->network);
    const size_t label = trial->y != NULL ? 0 : (size_t)trial->labels[row];
    const bool of_class = columns == 1 ? label == 1 : column == label;
    const double t = trial->y != NULL ? (double)trial->y[row * columns + column] : of_class;
    return (struct judged_number){share * t + spread, target_bound(batch->in, share, t, spread)};
}

static struct judged_number weight(const struct step_trial *trial, size_t row)
{
    return (struct judged_number){trial->weights != NULL ? (double)trial->weights[row] : 1.0, 0.0};
}

static void targets_judge(const struct batch *batch, const struct check_sink *sink)
{
    const struct step_trial *trial = batch->trial;
    const size_t rows = trial->batch, columns = network_outputs(trial->network);
    struct check_result y, weights;
    result_begin(&y, "targets", "y");
    result_begin(&weights, "targets", "weight");
    snprintf(y.shape, sizeof y.shape, "%zux%zu", rows, columns);
    snprintf(weights.shape, sizeof weights.shape, "%zu samples", rows);
    for (size_t row = 0; row < rows; row++) {
        const size_t other = partner_of(trial, row);
        const struct judged_number w = mixed(batch, weight(trial, row), weight(trial, other));
        result_note(&weights, row, batch->capture->weight[row], w.want, w.bound);
        for (size_t c = 0; c < columns; c++) {
            const struct judged_number t =
                mixed(batch, target(batch, row, c), target(batch, other, c));
            result_note(&y, row * columns + c, batch->capture->y[row * columns + c], t.want,
                        t.bound);
        }
    }
    sink->result(sink->user, &y);
    sink->result(sink->user, &weights);
}

enum weft_status batch_judge(const struct step_trial *trial, const struct step_capture *capture,
                             struct precision in, const struct check_sink *sink)
{
    struct batch batch = {trial, capture, in, trial->x, share_of(trial), NULL};
    float *augmented = NULL;
    enum weft_status status = NEW_ARRAY(batch.worst, trial->batch);
    if (status == WEFT_OK)
        status = images_augment(trial, &augmented);
    if (augmented != NULL)
        batch.raw = augmented;
    if (status == WEFT_OK)
        gather_judge(&batch, sink);
    if (status == WEFT_OK && trial->targets.dense)
        targets_judge(&batch, sink);
    memory_free(augmented);
    memory_free(batch.worst);
    return status;
}
