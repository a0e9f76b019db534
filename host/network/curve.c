/* Implements curve.h. */
#include "network/curve.h"

#include <math.h>

#include "base/memory.h"
#include "base/number.h"

enum weft_status curve_grow(struct curve *curve, struct curve_point **point)
{
    TRY(memory_grow(&curve->points, sizeof *curve->points, curve->count, curve->count + 1,
                    &curve->capacity));
    *point = &curve->points[curve->count++];
    return WEFT_OK;
}

enum weft_status curve_add(struct curve *curve, const struct weft_epoch *epoch)
{
    struct curve_point *point;
    TRY(curve_grow(curve, &point));
    *point = (struct curve_point){
        .epoch = (uint32_t)epoch->epoch,
        .values = {[CURVE_ERROR] = number_to_float(epoch->error),
                   [CURVE_TRAIN_ACCURACY] = number_to_float(epoch->train_accuracy),
                   [CURVE_VALIDATION_ACCURACY] = number_to_float(epoch->validation_accuracy),
                   [CURVE_VALIDATION_R2] = number_to_float(epoch->validation_r2),
                   [CURVE_LEARNING_RATE] = number_to_float(epoch->learning_rate)}};
    return WEFT_OK;
}

void curve_take_back(struct curve *curve, size_t epochs)
{
    curve->count -= size_min(epochs, curve->count);
}

/* Returns a number that is greater for a better epoch, or NaN. */
static float goodness(const struct curve_point *point)
{
    if (!isnan(point->values[CURVE_VALIDATION_ACCURACY]))
        return point->values[CURVE_VALIDATION_ACCURACY];
    if (!isnan(point->values[CURVE_VALIDATION_R2]))
        return point->values[CURVE_VALIDATION_R2];
    return -point->values[CURVE_ERROR];
}

size_t curve_best(const struct curve *curve)
{
    size_t best = curve->count;
    for (size_t i = 0; i < curve->count; i++) {
        const float value = goodness(&curve->points[i]);
        if (!isnan(value) && (best == curve->count || value > goodness(&curve->points[best])))
            best = i;
    }
    return best;
}

struct weft_epoch curve_epoch(const struct curve *curve, size_t index)
{
    const struct curve_point *point = &curve->points[index];
    return (struct weft_epoch){.epoch = point->epoch,
                               .error = (double)point->values[CURVE_ERROR],
                               .train_accuracy = (double)point->values[CURVE_TRAIN_ACCURACY],
                               .validation_accuracy =
                                   (double)point->values[CURVE_VALIDATION_ACCURACY],
                               .validation_r2 = (double)point->values[CURVE_VALIDATION_R2],
                               .learning_rate = (double)point->values[CURVE_LEARNING_RATE],
                               .seconds = (double)NAN,
                               .monitored = (double)NAN};
}

void curve_reset(struct curve *curve)
{
    memory_free(curve->points);
    *curve = (struct curve){.points = NULL};
}
