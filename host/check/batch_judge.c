/* Judges how a device makes a batch. See batch_judge.h. */
#include "check/batch_judge.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"

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

enum weft_status batch_images_change(const struct step_trial *trial, float **raw)
{
    const size_t features = network_features(trial->network);
    *raw = NULL;
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

double batch_share(const struct step_trial *trial)
{
    if (trial->draw == NULL || !(trial->augmentation.mixup > 0.0))
        return 1.0;
    return (double)mixup_share(trial->augmentation.mixup, trial->draw->seed, trial->draw->epoch,
                               trial->draw->batch);
}

/* x' = (x - mean) / std */
static struct judged_number standardized(const struct step_trial *trial, const float *raw,
                                         struct precision in, size_t i)
{
    const struct scale *scale = trial->scale;
    const size_t f = i % network_features(trial->network);
    if (scale == NULL || scale->features == 0)
        return (struct judged_number){(double)raw[i], 0.0};
    const double difference = (double)raw[i] - (double)scale->mean[f];
    const double std = (double)scale->std[f];
    return (struct judged_number){difference / std, standardized_bound(in, difference, std)};
}

/* share a + (1 - share) b, with the errors of both */
static struct judged_number mixed(struct precision in, double share, struct judged_number a,
                                  struct judged_number b)
{
    const double rest = 1.0 - share, want = share * a.want + rest * b.want;
    const double size = share * fabs(a.want) + rest * fabs(b.want);
    return (struct judged_number){want, mixed_bound(in, size, share * a.bound + rest * b.bound)};
}

bool batch_drops(const struct step_trial *trial)
{
    return trial->draw != NULL && trial->augmentation.dropout > 0.0f;
}

/* Returns the feature after dropout: 0, or x times 1 / (1 - share). */
static struct judged_number dropped(const struct step_trial *trial, struct precision in, size_t i,
                                    struct judged_number x)
{
    if (!batch_drops(trial))
        return x;
    const struct ref_draw draw = {trial->draw->seed, trial->draw->epoch, trial->draw->batch};
    const double factor =
        ref_dropout(&draw, DROPOUT_OF_INPUT, (double)trial->augmentation.dropout, i);
    const double want = factor * x.want;
    return (struct judged_number){want, factor * x.bound + dropout_bound(in, want)};
}

struct judged_number batch_feature(const struct step_trial *trial, const float *raw, double share,
                                   struct precision in, size_t i)
{
    const size_t features = network_features(trial->network), row = i / features;
    const struct judged_number own = standardized(trial, raw, in, i);
    const size_t other = (trial->batch - 1 - row) * features + i % features;
    return dropped(trial, in, i,
                   share == 1.0 ? own : mixed(in, share, own, standardized(trial, raw, in, other)));
}

/* ---- dense targets ---- */

/* y = keep t + spread, where t comes from the labels or the data */
static struct judged_number target(const struct step_trial *trial, struct precision in, size_t row,
                                   size_t column)
{
    const double keep = (double)trial->targets.keep, spread = (double)trial->targets.spread;
    const size_t columns = network_outputs(trial->network);
    const size_t label = trial->y != NULL ? 0 : (size_t)trial->labels[row];
    const bool of_class = columns == 1 ? label == 1 : column == label;
    const double t = trial->y != NULL ? (double)trial->y[row * columns + column] : of_class;
    return (struct judged_number){keep * t + spread, target_bound(in, keep, t, spread)};
}

static struct judged_number weight(const struct step_trial *trial, size_t row)
{
    return (struct judged_number){trial->weights != NULL ? (double)trial->weights[row] : 1.0, 0.0};
}

void batch_targets_judge(const struct step_trial *trial, const struct step_capture *capture,
                         struct precision in, const struct check_sink *sink)
{
    const size_t batch = trial->batch, columns = network_outputs(trial->network);
    const double share = batch_share(trial);
    struct check_result y, weights;
    result_begin(&y, "targets", "y");
    result_begin(&weights, "targets", "weight");
    snprintf(y.shape, sizeof y.shape, "%zux%zu", batch, columns);
    snprintf(weights.shape, sizeof weights.shape, "%zu samples", batch);
    for (size_t row = 0; row < batch; row++) {
        const size_t other = batch - 1 - row;
        struct judged_number w = weight(trial, row);
        if (share != 1.0)
            w = mixed(in, share, w, weight(trial, other));
        result_note(&weights, row, capture->weight[row], w.want, w.bound);
        for (size_t c = 0; c < columns; c++) {
            struct judged_number t = target(trial, in, row, c);
            if (share != 1.0)
                t = mixed(in, share, t, target(trial, in, other, c));
            result_note(&y, row * columns + c, capture->y[row * columns + c], t.want, t.bound);
        }
    }
    sink->result(sink->user, &y);
    sink->result(sink->user, &weights);
}
