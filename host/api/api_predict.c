/* Implements weft_predict and related functions, which apply a model to samples. */
#include <math.h>

#include "api/predictor.h"

/* Returns WEFT_ERROR_DATA, with the number and the first position of the features that are not
 * finite. */
static enum weft_status features_finite(const float *x, size_t samples, size_t features)
{
    size_t bad = 0, where = 0;
    for (size_t i = 0; i < samples * features; i++)
        if (!isfinite(x[i]) && bad++ == 0)
            where = i;
    if (bad == 0)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "samples: %zu features are not finite, the first at sample %zu, feature %zu", bad,
                where / features, where % features);
}

static enum weft_status predict(struct weft_device *device, const struct weft_model *model,
                                const struct named_samples *samples, size_t count,
                                const struct predictions *to)
{
    struct predictor predictor = {.device = device, .model = model, .samples = *samples};
    if (to->classes != NULL && model->network.task == WEFT_TASK_REGRESS)
        return fail(WEFT_ERROR_USAGE, "classes: task regress has no classes");
    if (count == 0)
        return WEFT_OK;
    enum weft_status status = predictor_open(&predictor, count, NULL);
    if (status == WEFT_OK)
        status = predictor_run(&predictor, to);
    predictor_close(&predictor);
    return status;
}

enum weft_status weft_predict(struct weft_device *device, const struct weft_model *model,
                              const float *x, size_t samples, int32_t *classes,
                              float *probabilities)
{
    const size_t features = network_features(&model->network);
    const struct named_samples named = {"samples", {.features = features, .x = x}, 0};
    const struct predictions to = {classes, probabilities};
    TRY(features_finite(x, samples, features));
    return predict(device, model, &named, samples, &to);
}

enum weft_status weft_predict_dataset(struct weft_device *device, const struct weft_model *model,
                                      const struct weft_dataset *dataset, size_t first,
                                      size_t count, int32_t *classes, float *probabilities)
{
    const struct predictions to = {classes, probabilities};
    TRY(weft_model_accepts(model, dataset, false));
    if (first > dataset->samples || count > dataset->samples - first)
        return fail(WEFT_ERROR_USAGE,
                    "%s: got first %zu and count %zu, need at most %zu samples in all",
                    dataset->name, first, count, dataset->samples);
    const struct named_samples named = {dataset->name,
                                        sample_rows_from(dataset_rows(dataset), first), first};
    return predict(device, model, &named, count, &to);
}

enum weft_status weft_predict_proba(struct weft_device *device, const struct weft_model *model,
                                    const float *x, size_t samples, float *probabilities)
{
    if (model->network.task == WEFT_TASK_REGRESS)
        return fail(WEFT_ERROR_USAGE, "probabilities: task regress has no probabilities");
    return weft_predict(device, model, x, samples, NULL, probabilities);
}
